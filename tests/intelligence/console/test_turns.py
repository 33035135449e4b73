"""What a turn of the service does: a chore that cannot be done keeps no retraction from leaving."""

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from intelligence.deployment import CurationDesk
from intelligence.spool.turns import Turns
from intelligence.staff.roles import Role
from screening.spools.batch import Batch
from screening.spools.changes import Retract
from screening.spools.order import parse_signed
from screening.vocabulary.errors import StoreUnavailable
from tests.harness.console import PASSWORD
from tests.intelligence.console.staffed import Staffed, answered

SELECTOR = "+1 202 555 0142"


class Broken:
    """All that it is asked for is a defect, whose text is not for everybody."""

    def __getattr__(self, name: str) -> Callable[[], None]:
        def fail() -> None:
            raise KeyError(SELECTOR)

        return fail


def retracted(staffed: Staffed, value: str) -> None:
    """Have somebody be listed, and retracted, which does not leave yet."""
    curator, approver = staffed.browsers[Role.CURATOR], staffed.browsers[Role.APPROVER]
    curator.visit("/check")
    curator.send("/check", value=value)
    path = curator.send("/changes", role="buyer", source="case-7", reason="seen").url.path
    curator.send(f"{path}/submission", password=PASSWORD)
    approver.visit(path)
    approver.send(f"{path}/approval", password=PASSWORD)
    answered(staffed)
    curator.visit("/check")
    curator.send("/check", value=value)
    curator.send("/retractions", reason="given to somebody else", password=PASSWORD)


def has_left(staffed: Staffed, value: str) -> bool:
    indexer = staffed.indexer
    documents = indexer.export(indexer.down.sequences()[-1]).batches
    batches = [parse_signed(one.batch) for one in documents]
    changes = [one for batch in batches if isinstance(batch, Batch) for one in batch.changes]
    gone = [one.canonical for one in changes if isinstance(one, Retract)]
    return value.replace(" ", "") in gone


def test_what_cannot_be_done_beside_keeps_no_retraction_and_is_told_once(
    staffed: Staffed, caplog: pytest.LogCaptureFixture
) -> None:
    retracted(staffed, SELECTOR)
    broken: Any = Broken()
    names = ("marks", "reviewing", "uploads", "retention", "challenges")
    curation: CurationDesk = replace(staffed.desk.curation, **dict.fromkeys(names, broken))
    with caplog.at_level(logging.ERROR):
        curation.take_turn()
        assert has_left(staffed, SELECTOR)
        curation.take_turn()
    assert len(caplog.messages) == len(names)
    defect = r"a defect \(KeyError, console/test_turns\.py:\d+\); report it"
    assert all(re.fullmatch(f".* could not be done: {defect}", said) for said in caplog.messages)
    assert curation.turns.trouble is None
    caplog.clear()
    replace(curation, exchange=broken).take_turn()
    (said,) = caplog.messages
    assert re.fullmatch(f"the spools cannot be used: {defect}", said)
    assert said.endswith(f": {staffed.desk.curation.turns.trouble}")
    answered(staffed)


def test_what_goes_on_failing_is_told_again_by_the_hour(caplog: pytest.LogCaptureFixture) -> None:
    now = 1.0
    turns = Turns(lambda: now)

    def fail() -> None:
        raise StoreUnavailable("it is away")

    def take() -> list[str]:
        caplog.clear()
        turns.take([fail], {"what is old": fail})
        return caplog.messages

    with caplog.at_level(logging.ERROR):
        told = take()
        assert told == [
            "the spools cannot be used: it is away",
            "what is old could not be done: it is away",
        ]
        now += 3_599
        assert take() == []
        now += 1
        assert take() == told


@pytest.mark.slow
def test_what_cannot_be_released_keeps_back_nothing_that_may_leave(staffed: Staffed) -> None:
    value = "+1 202 555 0143"
    retracted(staffed, value)
    broken: Any = Broken()
    replace(staffed.desk.curation, schedule=broken).take_turn()
    assert has_left(staffed, value)
    assert staffed.desk.curation.turns.trouble is not None

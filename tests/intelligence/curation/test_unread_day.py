"""What each has done within a day may be more, where part of the record cannot be read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from intelligence.curation.in_a_day import submissions
from intelligence.errors import FormRefused
from intelligence.journal import Journal
from intelligence.ledger_lines import WholeLedger
from screening.ledger.ledger import Ledger
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD
from tests.ledger.log.keeping import fail

PHONE, OTHER, THIRD = "+1 202 555 0142", "+1 202 555 0143", "+1 202 555 0144"


def _file(desk: Desk) -> Path:
    """Return where the ledger is written by now."""
    position = desk.services.signing_keys.journal.position()
    assert position is not None
    return desk.services.folder / f"{position.segment}.open"


def another_file(desk: Desk) -> Path:
    """Return where another service has written a record, and writes no more."""
    folder = desk.services.folder
    with Ledger(folder, host="other") as ledger:
        journal = Journal(ledger, desk.clock)
        journal.record(desk.bo.who.actor, "change drafted", change=str(uuid4()))
        position = journal.position()
    assert position is not None
    (path,) = folder.glob(f"{position.segment}.*")
    return path


def _begun_anew(desk: Desk) -> list[str]:
    """Have what was submitted be read as after a start; return which files could not be read."""
    told = list[str]()
    submitted = submissions(desk.services.folder, desk.clock, told.append)
    desk.changes = replace(desk.changes, submitted=submitted)
    return told


def test_nobody_takes_off_alone_while_it_is_not_known_how_many_they_did(desk: Desk) -> None:
    desk.in_force(PHONE)
    segment, told = another_file(desk), _begun_anew(desk)
    undo = fail(segment)
    change_id = desk.retracted(PHONE)
    undo()
    assert told == [segment.stem]
    assert desk.row(change_id).state == "submitted"
    why = "takes off 1 or more within 24 hours, for part of what is on record cannot be read"
    with pytest.raises(FormRefused, match=why):
        desk.changes.approve(desk.abel.who, change_id, PASSWORD)
    desk.changes.approve(desk.abel.who, change_id, PASSWORD, named=1)
    assert desk.row(change_id).state == "approved"


def test_what_was_not_read_is_counted_as_soon_as_it_can_be(desk: Desk) -> None:
    for phone in (PHONE, OTHER, THIRD):
        desk.in_force(phone)
    desk.changes = replace(desk.changes, limits=replace(desk.limits, fewest=100, per_day=2))
    desk.retracted(PHONE)
    segment, told = _file(desk), _begun_anew(desk)
    segment.chmod(0o640)
    assert not desk.changes.submitted.is_all()
    assert desk.changes.submitted.of(desk.cora.who.actor) == ()
    segment.chmod(0o600)
    assert desk.row(desk.retracted(OTHER)).state == "approved"
    assert desk.row(desk.retracted(THIRD)).state == "submitted", "the third of the day"
    assert told == [segment.stem]


def test_a_file_that_was_written_last_before_a_day_says_nothing_of_it(desk: Desk) -> None:
    desk.added(PHONE)
    older, told = _file(desk), list[str]()
    another_file(desk)
    undo = fail(older)
    whole = WholeLedger(desk.services.folder, told.append)
    assert len(list(whole.lines(("change drafted",)))) == 1
    now = datetime.now(UTC)
    assert not whole.is_all()
    assert not whole.is_all(now - timedelta(days=1))
    assert whole.is_all(now + timedelta(minutes=2))
    undo()
    assert told == [older.stem]


def test_a_file_is_written_on_after_another_has_begun(tmp_path: Path) -> None:
    """As the service's is, beside which a backup writes one."""
    folder, now = tmp_path / "ledger", datetime.now(UTC)
    with (
        Ledger(folder, host="service", now=lambda: now - timedelta(hours=30)) as service,
        Ledger(folder, host="backup", now=lambda: now - timedelta(hours=29)) as backup,
    ):
        first, second = (Journal(one, now.timestamp) for one in (service, backup))
        for journal in (first, second, first):
            journal.record("root", "change drafted", change=str(uuid4()))
        position = first.position()
        assert position is not None
        undo = fail(folder / f"{position.segment}.open")
        whole = WholeLedger(folder, lambda _: None)
        assert len(list(whole.lines(("change drafted",)))) == 1
        assert not whole.is_all(now - timedelta(days=1)), "two of three are of this moment"
        undo()

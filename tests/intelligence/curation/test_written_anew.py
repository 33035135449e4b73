"""What was in force and is written anew: the files of an indexer that was restored."""

from uuid import UUID

import pytest

from intelligence.curation.recognising import recognise
from screening.spools.acknowledgement import Refused
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD

PHONE, OTHER = "+1 202 555 0142", "+1 202 555 0143"
HOUR_S = 3600


def _all_in_force(desk: Desk) -> None:
    """Have what waits leave and be applied, file by file."""
    for _ in range(5):
        desk.exchange.take_turn()
        last = desk.indexer.down.sequences()[-1]
        if desk.file(last)["state"] != "applied":
            desk.indexer.apply(last)


def _gone_back_to(desk: Desk, version: int) -> UUID:
    """Have what goes back to a version, and lists somebody again by that, be in force."""
    (again,) = desk.versions.roll_back(desk.cora.who, version)
    desk.changes.submit(desk.cora.who, again, PASSWORD)
    desk.changes.approve(desk.abel.who, again, PASSWORD)
    _all_in_force(desk)
    assert desk.row(again).state == "applied"
    return again


def _lost(desk: Desk, since: int) -> None:
    """Have the indexer be restored from before a file, and the files from there on written anew."""
    desk.clock.move(48 * HOUR_S)
    sha256 = desk.indexer.sha256(since)
    desk.indexer.tell(Refused(since, sha256, "expired", None, "a sentence of the indexer's"))
    desk.exchange.take_turn()
    _all_in_force(desk)


def _is_listed(desk: Desk, value: str) -> bool:
    return desk.reading.check(desk.cora.who, recognise(value)).stand.is_listed


@pytest.mark.parametrize("is_off_again", [False, True])
def test_what_went_back_comes_back_whole_where_somebody_was_taken_off_after_it(
    desk: Desk, *, is_off_again: bool
) -> None:
    desk.in_force(PHONE)
    desk.in_force(OTHER)
    off = [desk.retracted(one) for one in (PHONE, OTHER)]
    _all_in_force(desk)
    again = _gone_back_to(desk, 2)
    if is_off_again:
        desk.clock.move(1)
        off.append(desk.retracted(PHONE, by=desk.bo))
        _all_in_force(desk)
    _lost(desk, 3)
    assert {desk.row(one).state for one in off} == {"applied"}
    assert [_is_listed(desk, one) for one in (PHONE, OTHER)] == [not is_off_again] * 2
    if not is_off_again:
        assert desk.row(again).state == "applied"
        return
    came_back = desk.reading.one(desk.cora.who, again)
    assert "nothing of it is in force" in str(came_back.record["outcome"])
    found = [one.taken_off for one in came_back.operations if one.name == "lift"]
    assert sorted(one is not None and one.is_since for one in found) == [False, True]
    assert _gone_back_to(desk, 2) != again
    assert [_is_listed(desk, one) for one in (PHONE, OTHER)] == [True, True]

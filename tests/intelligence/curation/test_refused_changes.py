"""What a colleague has refused is told to whoever has written it, until they have noted it."""

import pytest

from intelligence.errors import FormRefused
from intelligence.staff.roles import Role
from tests.intelligence.curation.desk import Desk

PHONE, OTHER = "+1 202 555 0142", "+1 202 555 0143"


def _refused(desk: Desk) -> list[object]:
    return [one.id for one in desk.reading.refused(desk.cora.who).changes]


def test_what_was_refused_of_ones_own_is_told_until_its_author_has_noted_it(desk: Desk) -> None:
    one = desk.added(PHONE)
    desk.clock.move(1)
    other = desk.approved(OTHER)
    desk.changes.refuse(desk.abel.who, one, "the source is closed")
    desk.clock.move(1)
    desk.changes.refuse(desk.bo.who, other, "it was somebody else's")
    counts = desk.overview.counts(desk.cora.who)
    assert counts is not None
    assert (counts.refused, counts.came_back) == (2, 0)
    last, first = counts.last_refused
    assert (first.id, first.record["outcome"]) == (one, "the source is closed")
    assert str(first.record["decided_by"]).startswith("abel")
    assert str(last.record["decided_by"]).startswith("bo")
    assert _refused(desk) == [one, other]
    with pytest.raises(FormRefused, match="whoever has written it has to note"):
        desk.changes.note(desk.abel.who, one)
    desk.changes.note(desk.cora.who, one)
    assert _refused(desk) == [other]
    with pytest.raises(FormRefused, match="does not wait"):
        desk.changes.note(desk.cora.who, one)
    assert "noted that a change was refused" in desk.services.records()
    elsewhere = desk.overview.counts(desk.abel.who)
    assert elsewhere is not None
    assert (elsewhere.refused, elsewhere.last_refused) == (0, [])


def test_what_one_takes_back_oneself_is_not_told(desk: Desk) -> None:
    change_id = desk.added(PHONE)
    desk.changes.withdraw(desk.cora.who, change_id, "a slip")
    assert _refused(desk) == []
    with pytest.raises(FormRefused, match="does not wait"):
        desk.changes.note(desk.cora.who, change_id)


def test_who_may_note_nothing_any_more_is_told_of_nothing_to_note(desk: Desk) -> None:
    change_id, services = desk.added(PHONE), desk.services
    desk.changes.refuse(desk.abel.who, change_id, "the source is closed")
    cora = desk.cora.who.account_id
    services.directory.change_roles(desk.ada.who, cora, frozenset((Role.AUDITOR,)))
    services.confirmed()
    again = services.with_code(desk.cora, services.with_password(desk.cora))
    counts = desk.overview.counts(again)
    assert counts is not None
    assert (counts.refused, counts.last_refused) == (0, [])
    queue = desk.reading.refused(again)
    assert (queue.many, list(queue.changes)) == (0, [])

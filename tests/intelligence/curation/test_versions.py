"""What each file made of the list, what differs between two, and how people go back to one."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import update

from intelligence.curation.guard import Limits
from intelligence.curation.recognising import recognise
from intelligence.curation.tables import EntryRow
from intelligence.errors import FormRefused, NotPermitted, NotThere, Undecipherable
from intelligence.staff.roles import Role
from tests.harness.slow import slow_but_first
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD

FIRST, SECOND, THIRD = "+1 202 555 0142", "+1 202 555 0143", "+1 202 555 0144"


def _let_all_in_force(desk: Desk) -> None:
    """Have all that is approved leave and be applied."""
    while True:
        before = desk.indexer.down.sequences()
        desk.exchange.take_turn()
        after = desk.indexer.down.sequences()
        if before == after:
            return
        desk.indexer.apply(after[-1])
        desk.exchange.take_turn()


def _gone_back(desk: Desk, version: int) -> list[UUID]:
    """Propose to go back to a version, have it signed by whom it needs, and be in force."""
    ids = desk.versions.roll_back(desk.cora.who, version)
    for one in ids:
        assert desk.row(one).state == "draft", "a proposal is not done yet"
        desk.changes.submit(desk.cora.who, one, PASSWORD)
        if desk.row(one).state == "submitted":
            excess = desk.reading.one(desk.abel.who, one).excess
            named = {each.field: each.count for each in excess}
            desk.changes.approve(desk.abel.who, one, PASSWORD, **named)
    _let_all_in_force(desk)
    return ids


def _listed(desk: Desk) -> list[bool]:
    who = desk.cora.who
    checks = (desk.reading.check(who, recognise(one)) for one in (FIRST, SECOND, THIRD))
    return [one.stand.is_listed for one in checks]


def test_each_version_says_when_who_which_release_and_how_much(desk: Desk) -> None:
    desk.in_force(FIRST)
    desk.in_force(FIRST, role="buyer")
    latest, first = desk.versions.all(desk.abel.who).shown
    assert (latest["sequence"], latest["begun"], latest["ended"]) == (2, 1, 1)
    assert (first["sequence"], first["begun"], first["ended"]) == (1, 1, 0)
    assert (latest["state"], latest["release"], latest["statements"]) == ("applied", 3, 1)
    assert latest["people"] == ["abel (abel)", "cora (cora)"]


def test_two_versions_are_compared_whichever_is_named_first(desk: Desk) -> None:
    desk.in_force(FIRST)
    desk.in_force(SECOND)
    desk.in_force(THIRD)
    desk.retracted(FIRST)
    _let_all_in_force(desk)
    for pair in ((4, 1), (1, 4)):
        compared = desk.versions.compared(desk.abel.who, *pair)
        assert (compared.since, compared.sequence) == (1, 4)
        assert (compared.begun, compared.ended) == (2, 1)
        begun = [one["canonical"] for one in compared.shown_begun]
        assert begun == ["+12*******43", "+12*******44"]
        assert [one["canonical"] for one in compared.shown_ended] == ["+12*******42"]
    own = desk.versions.compared(desk.abel.who, 2)
    assert (own.since, own.begun, own.ended) == (1, 1, 0)
    assert desk.versions.compared(desk.abel.who, 0).begun == 0
    with pytest.raises(NotThere):
        desk.versions.compared(desk.abel.who, 9)


def test_an_auditor_is_told_numbers_and_no_entry(desk: Desk) -> None:
    desk.in_force(FIRST)
    olga = desk.services.colleague(desk.ada, "olga", Role.AUDITOR)
    compared = desk.versions.compared(olga.who, 1)
    assert (compared.begun, list(compared.shown_begun)) == (1, [])
    with pytest.raises(NotPermitted):
        desk.versions.roll_back(olga.who, 0)


def test_going_back_takes_off_what_was_added_and_adds_what_was_taken_off(desk: Desk) -> None:
    desk.in_force(FIRST, source="case-1")
    desk.in_force(SECOND, source="case-2", role="buyer")
    assert _listed(desk) == [True, True, False]
    desk.retracted(FIRST)
    _let_all_in_force(desk)
    desk.in_force(SECOND, source="case-2", role="facilitator")
    desk.in_force(THIRD)
    assert _listed(desk) == [False, True, True]
    retraction, addition = _gone_back(desk, 2)
    assert _listed(desk) == [True, True, False]
    (entry,) = desk.reading.check(desk.cora.who, recognise(SECOND)).entries
    assert entry["role"] == "buyer"
    assert desk.row(retraction).review_due_at is not None, "one person, and another looks at it"
    assert desk.row(addition).decided_by == desk.abel.who.account_id
    assert '"event":"rollback proposed"' in desk.services.records()
    with pytest.raises(FormRefused, match="nothing that a later file did"):
        desk.versions.roll_back(desk.cora.who, 2)


def test_what_is_added_again_needs_two_as_ever(desk: Desk) -> None:
    desk.in_force(FIRST)
    desk.retracted(FIRST)
    _let_all_in_force(desk)
    (change_id,) = desk.versions.roll_back(desk.bo.who, 1)
    desk.changes.submit(desk.bo.who, change_id, PASSWORD)
    with pytest.raises(FormRefused, match="nobody approves what they have written"):
        desk.changes.approve(desk.bo.who, change_id, PASSWORD)
    assert _listed(desk)[0] is False


def test_a_rollback_that_takes_off_more_than_usual_waits_for_an_approver(desk: Desk) -> None:
    for phone in (FIRST, SECOND, THIRD):
        desk.in_force(phone)
    desk.changes = replace(desk.changes, limits=Limits(share_percent=50, fewest=1, per_day=100))
    desk.versions = replace(desk.versions, changes=desk.changes)
    (change_id,) = desk.versions.roll_back(desk.cora.who, 1)
    desk.changes.submit(desk.cora.who, change_id, PASSWORD)
    assert desk.row(change_id).state == "submitted"


def test_what_another_source_says_too_and_victims_stay(desk: Desk) -> None:
    desk.in_force(FIRST, source="case-1")
    desk.in_force(FIRST, source="case-2")
    desk.in_force(SECOND, role="victim")
    with pytest.raises(FormRefused, match=r"nothing that .* what was added of 1 stays"):
        desk.versions.roll_back(desk.cora.who, 1)
    assert _listed(desk)[0] is True


def test_nothing_is_taken_back_of_whom_part_of_what_is_said_was_changed(desk: Desk) -> None:
    desk.in_force(FIRST, source="case-1")
    desk.in_force(FIRST, source="case-2")
    with desk.database.writing() as session:
        of_first = update(EntryRow).where(EntryRow.source == "case-1")
        session.execute(of_first.values(role="unknown"))
    with pytest.raises(Undecipherable, match="restore a backup"):
        desk.versions.roll_back(desk.cora.who, 1)
    assert desk.reading.drafts(desk.cora.who).changes == []


@pytest.mark.slow
def test_who_was_not_listed_then_is_taken_off_whatever_was_said_of_them(desk: Desk) -> None:
    soon = str(datetime.fromtimestamp(desk.clock() + 2 * 86_400, UTC).date())
    desk.in_force(FIRST, last_day=soon)
    desk.in_force(SECOND, role="unknown", source="case-1")
    desk.in_force(THIRD, role="disputed", source="case-1")
    desk.clock.move(4 * 86_400)
    assert _listed(desk) == [False, False, False]
    desk.in_force(FIRST)
    desk.in_force(SECOND, source="case-2")
    desk.in_force(THIRD, source="case-1")
    assert _listed(desk) == [True, True, True]
    _gone_back(desk, 3)
    assert _listed(desk) == [False, False, False]


def test_a_version_that_never_was_in_force_is_none_to_go_back_to(desk: Desk) -> None:
    desk.approved(FIRST)
    desk.exchange.take_turn()
    with pytest.raises(FormRefused, match="never in force"):
        desk.versions.roll_back(desk.cora.who, 1)
    with pytest.raises(NotThere):
        desk.versions.roll_back(desk.cora.who, 2)


@slow_but_first(1, "number", [-1, 2**63, -(2**63) - 1, 10**22])
def test_a_number_that_no_version_can_have_is_of_none(desk: Desk, number: int) -> None:
    for since in (None, number):
        with pytest.raises(NotThere):
            desk.versions.compared(desk.abel.who, 0 if since else number, since)
    with pytest.raises(NotThere):
        desk.versions.roll_back(desk.cora.who, number)


@pytest.mark.slow
def test_more_than_can_be_written_at_once_is_refused_before_anything_is(desk: Desk) -> None:
    desk.in_force(FIRST)
    desk.in_force(SECOND)
    with pytest.raises(FormRefused, match="go back in steps"):
        replace(desk.versions, most_undone=1).roll_back(desk.cora.who, 0)
    assert desk.reading.drafts(desk.cora.who).changes == []

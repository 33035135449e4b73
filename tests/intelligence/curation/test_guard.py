"""More than usual needs an approver who says how much it is; taking off more needs an approver."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import update

from intelligence.curation.changes import Changes
from intelligence.curation.guard import Limits, limits_of
from intelligence.curation.in_a_day import submissions
from intelligence.curation.recognising import recognise
from intelligence.curation.tables import ChangeSet, PassedOverRow
from intelligence.errors import FormRefused
from intelligence.settings import IntelligenceSettings
from tests.intelligence.curation.desk import Desk
from tests.intelligence.curation.test_off_by_hand import by_hand
from tests.intelligence.staff.services import PASSWORD

PHONES = [f"+1 202 555 01{number}" for number in range(10, 20)]


def _with(desk: Desk, *, share: int = 100, fewest: int = 0, per_day: int = 100) -> Changes:
    desk.changes = replace(
        desk.changes, limits=Limits(share_percent=share, fewest=fewest, per_day=per_day)
    )
    desk.reading = replace(desk.reading, changes=desk.changes)
    return desk.changes


def _submitted(desk: Desk, *values: str) -> UUID:
    change_id = desk.changes.draft(desk.cora.who, *map(desk.addition, values))
    desk.changes.submit(desk.cora.who, change_id, PASSWORD)
    return change_id


def test_a_set_that_adds_a_larger_share_of_the_list_is_named_by_its_approver(desk: Desk) -> None:
    for phone in PHONES[:4]:
        desk.in_force(phone)
    changes = _with(desk, share=50, fewest=2)
    usual = _submitted(desk, *PHONES[4:6])
    changes.approve(desk.abel.who, usual, PASSWORD)
    change_id = _submitted(desk, *PHONES[6:9])
    for named in (None, 2, 4):
        with pytest.raises(FormRefused, match="its author adds 3, and 4 are listed"):
            changes.approve(desk.abel.who, change_id, PASSWORD, named=named)
    shown = desk.reading.one(desk.abel.who, change_id)
    assert [(one.count, one.field) for one in shown.excess] == [(3, "named")]
    assert desk.row(change_id).state == "submitted"
    changes.approve(desk.abel.who, change_id, PASSWORD, named=3)
    assert desk.row(change_id).state == "approved"
    assert '"named":3' in desk.services.records()


@pytest.mark.slow
def test_so_many_are_never_too_large_a_share(desk: Desk) -> None:
    changes = _with(desk, share=0, fewest=2)
    change_id = _submitted(desk, *PHONES[:2])
    changes.approve(desk.abel.who, change_id, PASSWORD)


def test_whoever_adds_more_in_a_day_is_named_and_the_day_after_is_another(desk: Desk) -> None:
    changes = _with(desk, fewest=100, per_day=2)
    for phone in PHONES[:2]:
        changes.approve(desk.abel.who, desk.added(phone), PASSWORD)
    third = desk.added(PHONES[2])
    with pytest.raises(FormRefused, match="its author adds 3 within 24 hours"):
        changes.approve(desk.abel.who, third, PASSWORD)
    changes.approve(desk.abel.who, third, PASSWORD, named=3)
    other = desk.added(PHONES[3], by=desk.bo)
    changes.approve(desk.abel.who, other, PASSWORD)
    desk.clock.move(24 * 3600)
    changes.approve(desk.abel.who, desk.added(PHONES[4]), PASSWORD)


@pytest.mark.slow
def test_what_was_refused_counts_for_nothing(desk: Desk) -> None:
    changes = _with(desk, fewest=100, per_day=1)
    changes.refuse(desk.abel.who, desk.added(PHONES[0]), "a slip")
    changes.approve(desk.abel.who, desk.added(PHONES[1]), PASSWORD)


def test_who_takes_off_more_than_one_person_may_needs_another(desk: Desk) -> None:
    for phone in PHONES[:3]:
        desk.in_force(phone)
    changes = _with(desk, fewest=100, per_day=2)
    for phone in PHONES[:2]:
        assert desk.row(desk.retracted(phone)).state == "approved"
    third = desk.retracted(PHONES[2])
    assert desk.row(third).state == "submitted"
    assert desk.row(third).review_due_at is None
    with pytest.raises(FormRefused, match="takes off 3 within 24 hours"):
        changes.approve(desk.abel.who, third, PASSWORD)
    with pytest.raises(FormRefused, match="nobody approves"):
        changes.approve(desk.bo.who, _own(desk), PASSWORD, named=9)
    changes.approve(desk.abel.who, third, PASSWORD, named=3)
    desk.exchange.take_turn()
    assert desk.row(third).state == "exported"


@pytest.mark.parametrize("is_restarted", [False, True])
def test_when_it_was_submitted_is_asked_of_no_column(desk: Desk, *, is_restarted: bool) -> None:
    for phone in PHONES[:4]:
        desk.in_force(phone)
    _with(desk, fewest=100, per_day=2)
    for phone in PHONES[:2]:
        desk.retracted(phone)
        with desk.database.writing() as session:
            session.execute(
                update(ChangeSet).values(submitted_at=0, author_id=desk.bo.who.account_id)
            )
    if is_restarted:
        ledger, clock = desk.services.folder, desk.clock
        desk.changes = replace(desk.changes, submitted=submissions(ledger, clock, pytest.fail))
    assert desk.row(desk.retracted(PHONES[2])).state == "submitted"
    desk.clock.move(24 * 3600)
    assert desk.row(desk.retracted(PHONES[3])).state == "approved"


def _own(desk: Desk) -> UUID:
    return desk.added(PHONES[9], by=desk.bo)


def test_nobody_empties_a_small_list_alone_one_by_one(desk: Desk) -> None:
    for phone in PHONES[:4]:
        desk.in_force(phone)
    _with(desk, share=50, fewest=1)
    states = [desk.row(desk.retracted(phone)).state for phone in PHONES[:3]]
    assert states == ["approved", "approved", "submitted"]


@pytest.mark.parametrize("is_restarted", [False, True])
def test_whom_hands_had_taken_off_is_not_counted_as_taken_off_nor_as_listed(
    desk: Desk, *, is_restarted: bool
) -> None:
    for phone in PHONES[:6]:
        desk.in_force(phone)
    by_hand(desk, *(recognise(phone).text for phone in PHONES[:2]))
    _with(desk, share=50, fewest=1)
    states = [desk.row(desk.retracted(phone)).state for phone in PHONES[:2]]
    desk.exchange.take_turn()
    desk.indexer.apply(desk.indexer.down.sequences()[-1])
    by_hand(desk)  # as the indexer does once they are taken off here, too
    if is_restarted:
        again = submissions(desk.services.folder, desk.clock, pytest.fail)
        desk.changes = replace(desk.changes, submitted=again)
    states += [desk.row(desk.retracted(phone)).state for phone in PHONES[2:5]]
    assert states == ["approved"] * 4 + ["submitted"], "three of four who are listed"


def test_whom_hands_may_have_let_back_meanwhile_counts_as_taken_off(desk: Desk) -> None:
    for phone in PHONES[:6]:
        desk.in_force(phone)
    by_hand(desk, *(recognise(phone).text for phone in PHONES[:3]))
    with desk.database.writing() as session:
        session.add(PassedOverRow(kind="exclusions", sequence=99, at=int(desk.clock())))
    _with(desk, share=50, fewest=1)
    states = [desk.row(desk.retracted(phone)).state for phone in PHONES[:2]]
    assert states == ["approved", "submitted"], "two of three who are listed for certain"


def test_whom_hands_had_taken_off_counts_as_taken_off_within_a_day(desk: Desk) -> None:
    for phone in PHONES[:3]:
        desk.in_force(phone)
    by_hand(desk, *(recognise(phone).text for phone in PHONES[:3]))
    _with(desk, fewest=100, per_day=2)
    states = [desk.row(desk.retracted(phone)).state for phone in PHONES[:3]]
    assert states == ["approved", "approved", "submitted"]


def test_what_is_answered_with_no_makes_no_list_larger(desk: Desk) -> None:
    soon = str(datetime.fromtimestamp(desk.clock() + 2 * 86_400, UTC).date())
    for source in ("one", "two", "three"):
        desk.in_force(PHONES[0], source=source)
    desk.in_force(PHONES[1])
    desk.in_force(PHONES[2], last_day=soon)
    desk.in_force(PHONES[3], role="victim")
    desk.in_force(PHONES[4], role="disputed")
    desk.in_force(PHONES[5])
    desk.in_force(PHONES[5], role="victim", source="shelter")
    desk.clock.move(4 * 86_400)
    _with(desk, share=50, fewest=1)
    states = [desk.row(desk.retracted(phone)).state for phone in PHONES[:2]]
    assert states == ["approved", "submitted"]


def test_the_limits_are_settings() -> None:
    given = {"SHARE_PERCENT": "7", "FEWEST": "8", "PER_DAY": "9"}
    named = {f"INTELLIGENCE_GUARD_{name}": value for name, value in given.items()}
    settings = IntelligenceSettings(**named)  # type: ignore[arg-type]  # pydantic checks it
    assert limits_of(settings) == Limits(share_percent=7, fewest=8, per_day=9)


def test_a_draft_that_only_takes_off_leaves_once_its_author_has_signed(desk: Desk) -> None:
    for phone in PHONES[:2]:
        desk.in_force(phone)
    change_id = desk.changes.draft(desk.cora.who, *map(desk.retraction, PHONES[:2]))
    desk.changes.submit(desk.cora.who, change_id, PASSWORD)
    assert desk.row(change_id).state == "approved"
    assert [one.id for one in desk.reading.to_review(desk.abel.who).changes] == [change_id]


def test_what_waits_for_a_colleague_is_not_counted_as_ones_own_to_do(desk: Desk) -> None:
    desk.in_force(PHONES[0])
    desk.retracted(PHONES[0])
    desk.added(PHONES[1])
    counted = {}
    for person in (desk.cora, desk.abel):
        counts = desk.overview.counts(person.who)
        assert counts is not None
        counted[person.name] = counts.to_review, counts.to_approve
    assert counted == {"cora": (0, 0), "abel": (1, 1)}


@pytest.mark.slow
def test_a_review_is_overdue_after_24_hours_on_the_page_and_at_home(desk: Desk) -> None:
    desk.in_force(PHONES[0])
    desk.retracted(PHONES[0])
    for is_overdue, moved in ((False, 24 * 3600 - 1), (True, 1)):
        desk.clock.move(moved)
        who = desk.services.who(
            desk.services.log_in.with_code(
                desk.services.with_password(desk.abel), desk.abel.codes.pop(), address="192.0.2.1"
            )
        )
        (shown,) = desk.reading.to_review(who).changes
        counts = desk.overview.counts(who)
        assert counts is not None
        assert (shown.is_overdue, counts.to_review, counts.overdue) == (is_overdue, 1, is_overdue)

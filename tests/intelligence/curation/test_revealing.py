"""Selectors are masked; whoever sees one whole says why, and that is on record before they do."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from intelligence.curation.entries import blind_id
from intelligence.curation.purposes import Purpose, purpose
from intelligence.curation.recognising import recognise
from intelligence.curation.selectors import Selectors
from intelligence.curation.standing import SHOWN_AT_MOST
from intelligence.curation.tables import EntryRow
from intelligence.errors import FormRefused, NotPermitted, NotThere
from intelligence.journal import Journal
from intelligence.staff.roles import Role
from intelligence.store.sealing import ILLEGIBLE
from screening.vocabulary.errors import LedgerUnavailable
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD, FullLedger

PHONE, WHOLE, MASK = "+1 202 555 0142", "+12025550142", "+12*******42"
WHY = Purpose("review", "case 7")


@pytest.fixture
def selectors(desk: Desk) -> Selectors:
    return Selectors(desk.database, desk.seals, desk.reading.journal, desk.clock)


def test_lists_changes_and_checks_show_masks(desk: Desk) -> None:
    desk.in_force(PHONE)
    change_id = desk.added(PHONE, source="case-8")
    (operation,) = desk.reading.one(desk.abel.who, change_id).operations
    assert operation.says["canonical"] == MASK
    (listed,) = desk.reading.waiting(desk.abel.who).changes
    assert listed.operations[0].says["canonical"] == MASK
    (entry,) = desk.reading.check(desk.cora.who, recognise(PHONE)).entries
    assert entry["canonical"] == MASK


def test_a_change_set_is_revealed_whole_and_once_on_record(desk: Desk) -> None:
    change_id = desk.added(PHONE)
    shown = desk.reading.revealed(desk.abel.who, change_id, WHY)
    assert [one.says["canonical"] for one in shown.operations] == [WHOLE]
    (line,) = (one for one in desk.services.records().splitlines() if "change revealed" in one)
    assert desk.abel.who.actor in line
    assert blind_id(desk.seals, recognise(PHONE)) in line
    assert '"purpose":"review","case":"case 7"' in line
    assert WHOLE not in line


def test_a_selector_s_page_says_where_each_entry_comes_from_and_what_was_done(
    desk: Desk, selectors: Selectors
) -> None:
    first = desk.in_force(PHONE)
    second = desk.in_force(PHONE, reason="seen again")
    gone = desk.retracted(PHONE)
    known = desk.reading.check(desk.cora.who, recognise(PHONE)).known_as
    assert known is not None
    shown = selectors.one(desk.abel.who, known)
    assert (shown.spelled, shown.stand.is_retracted) == (MASK, True)
    assert [(one.change_id, one.begun_by, one.ended_by) for one in shown.entries] == [
        (second, 2, None),
        (first, 1, 2),
    ]
    done = {(one.change_id, one.operation): one for one in shown.history}
    assert done.keys() == {(first, "add"), (second, "add"), (gone, "retract")}
    of_first = done[first, "add"]
    assert (of_first.record["author"], of_first.record["decided_by"]) == (
        "cora (cora)",
        "abel (abel)",
    )
    assert (of_first.file, of_first.release) == (1, 3)


def test_an_entry_that_was_changed_is_on_the_first_page_of_its_selector(
    desk: Desk, selectors: Selectors
) -> None:
    whole = SHOWN_AT_MOST + 1
    adds = [desk.addition(PHONE, source=f"case-{one}") for one in range(whole)]
    change_id = desk.changes.draft(desk.cora.who, *adds)
    desk.changes.submit(desk.cora.who, change_id, PASSWORD)
    desk.changes.approve(desk.abel.who, change_id, PASSWORD, named=whole)
    desk.exchange.take_turn()
    with desk.database.writing() as session:
        last = session.scalars(select(EntryRow.id).order_by(EntryRow.id)).first()
        session.execute(update(EntryRow).where(EntryRow.id == last).values(role="victim"))
    known = desk.reading.check(desk.cora.who, recognise(PHONE)).known_as
    assert known is not None
    first, second = (selectors.one(desk.abel.who, known, page=page) for page in (1, 2))
    assert [one.says["canonical"] for one in first.entries[:2]] == [ILLEGIBLE, MASK]
    assert [one.says["canonical"] for one in second.entries] == [MASK]
    assert (first.stand.is_unread, second.stand.is_unread) == (True, True)
    looks = [one for one in desk.services.records().splitlines() if "selector looked at" in one]
    assert ['"unread":1' in one for one in looks] == [True, True]


def test_a_selector_is_revealed_with_a_purpose_on_record(desk: Desk, selectors: Selectors) -> None:
    desk.added(PHONE)
    known = desk.reading.check(desk.cora.who, recognise(PHONE)).known_as
    assert known is not None
    assert selectors.revealed(desk.abel.who, known, WHY).spelled == WHOLE
    (line,) = (one for one in desk.services.records().splitlines() if "selector revealed" in one)
    assert blind_id(desk.seals, recognise(PHONE)) in line
    assert '"purpose":"review"' in line
    with pytest.raises(NotThere):
        selectors.revealed(desk.abel.who, desk.abel.who.account_id, WHY)


def test_whoever_is_not_granted_it_reveals_nothing(desk: Desk, selectors: Selectors) -> None:
    change_id = desk.added(PHONE)
    known = desk.reading.check(desk.cora.who, recognise(PHONE)).known_as
    assert known is not None
    auditor = desk.services.colleague(desk.ada, "olga", Role.AUDITOR)
    with pytest.raises(NotPermitted):
        desk.reading.revealed(auditor.who, change_id, WHY)
    with pytest.raises(NotPermitted):
        selectors.revealed(auditor.who, known, WHY)
    assert "revealed" not in desk.services.records()


def test_what_cannot_be_put_on_record_is_not_revealed(
    desk: Desk, selectors: Selectors, tmp_path: Path
) -> None:
    change_id = desk.added(PHONE)
    known = desk.reading.check(desk.cora.who, recognise(PHONE)).known_as
    assert known is not None
    with FullLedger(tmp_path / "full", host="here") as ledger:
        journal = Journal(ledger, desk.clock)
        with pytest.raises(LedgerUnavailable):
            replace(selectors, journal=journal).revealed(desk.abel.who, known, WHY)
        with pytest.raises(LedgerUnavailable):
            replace(desk.reading, journal=journal).revealed(desk.abel.who, change_id, WHY)


@pytest.mark.parametrize(
    ("name", "case"),
    [
        ("", None),
        ("curiosity", None),
        ("review", "+1 202 555 0142"),
        ("review", "jane@booking.example"),
        ("review", "4242 4242 4242 4242"),
    ],
)
def test_a_purpose_is_one_of_ours_and_its_case_is_nobody_s_selector(
    name: str, case: str | None
) -> None:
    with pytest.raises(FormRefused):
        purpose(name, case)


def test_what_is_taken_off_by_its_page_is_the_selector_that_is_masked_there(
    desk: Desk, selectors: Selectors
) -> None:
    desk.in_force(PHONE)
    known = desk.reading.check(desk.cora.who, recognise(PHONE)).known_as
    assert known is not None
    assert selectors.canonical(desk.abel.who, known) == recognise(PHONE)
    desk.changes.retract(desk.abel.who, desk.retraction(PHONE), PASSWORD)
    assert selectors.one(desk.abel.who, known).stand.is_retracted

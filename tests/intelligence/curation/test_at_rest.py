"""Neither database, ledger nor spool shows a selector or why it is listed; keys are replaced."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from intelligence.curation.change_sets import ChangeSets
from intelligence.curation.entries import blind_id
from intelligence.curation.recognising import recognise
from intelligence.curation.tables import ChangeRow, EntryRow
from intelligence.deployment import METADATA
from intelligence.errors import FormRefused
from intelligence.journal import Journal
from intelligence.store.data_keys import open_vault
from intelligence.store.key_file import KeyFile
from intelligence.store.rotation import rotate_keys
from intelligence.store.sealing import Seals
from screening.spools.statements import StatementSet
from screening.vocabulary.errors import LedgerUnavailable
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD, FullLedger

PHONE, OTHER = "+1 202 555 0142", "+1 202 555 0143"
SECRETS = (b"2025550142", b"a reason of the test", b"a refusal of the test", b"given to somebody")


@pytest.mark.parametrize("kind", ["sqlite"])
def test_no_file_shows_a_selector_or_a_reason(desk: Desk, tmp_path: Path) -> None:
    desk.reading.check(desk.cora.who, recognise(PHONE))
    desk.in_force(PHONE, reason="a reason of the test")
    refused = desk.added(PHONE, source="case-8")
    desk.changes.refuse(desk.abel.who, refused, "a refusal of the test")
    desk.retracted(PHONE)
    desk.exchange.take_turn()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    content = b"".join(path.read_bytes() for path in files)
    assert b"case-7" in content, "what is not sealed is found, so the rest would be"
    assert [secret for secret in SECRETS if secret in content] == []


def test_whatever_somebody_does_with_a_selector_is_on_record_by_its_blind_id(desk: Desk) -> None:
    selector = recognise(PHONE)
    desk.reading.check(desk.cora.who, selector)
    desk.in_force(PHONE)
    desk.retracted(PHONE)
    lines = desk.services.records().splitlines()
    named = blind_id(desk.seals, selector)
    for event, person in (
        ("selector checked", desk.cora),
        ("change drafted", desk.cora),
        ("change submitted", desk.cora),
        ("change approved", desk.abel),
        ("selector retracted", desk.cora),
    ):
        (line,) = (one for one in lines if f'"event":"{event}"' in one)
        assert named in line
        assert person.who.actor in line


def test_what_cannot_be_put_on_record_is_not_done(desk: Desk, tmp_path: Path) -> None:
    desk.in_force(PHONE)
    waiting = desk.added(PHONE, source="case-8")
    with FullLedger(tmp_path / "full", host="here") as ledger:
        journal = Journal(ledger, desk.clock)
        changes = replace(desk.changes, journal=journal)
        doings: tuple[Callable[[], object], ...] = (
            lambda: changes.approve(desk.abel.who, waiting, PASSWORD),
            lambda: changes.retract(desk.abel.who, desk.retraction(PHONE), PASSWORD),
            lambda: replace(desk.reading, journal=journal).check(desk.cora.who, recognise(PHONE)),
        )
        for do in doings:
            with pytest.raises(LedgerUnavailable):
                do()
    assert desk.row(waiting).state == "submitted"
    assert not desk.reading.check(desk.cora.who, recognise(PHONE)).stand.is_retracted


def test_after_a_rotation_of_keys_all_is_found_and_opened_as_before(
    desk: Desk, tmp_path: Path
) -> None:
    desk.in_force(PHONE)
    waiting = desk.added(PHONE, source="case-8")
    key_file = KeyFile(tmp_path)
    rotate_keys(desk.database, key_file, METADATA, desk.clock)
    vault = open_vault(desk.database, key_file.read())
    seals = Seals(vault)
    signing = replace(desk.changes.signing_keys, vault=vault)
    changes = replace(desk.changes, seals=seals, signing_keys=signing)
    reading = replace(desk.reading, seals=seals, changes=changes)
    found = reading.check(desk.cora.who, recognise(PHONE))
    assert (found.stand.is_listed, list(found.changes)) == (True, [(waiting, "submitted", "add")])
    changes.approve(desk.abel.who, waiting, PASSWORD)
    replace(desk.exchange, seals=seals).take_turn()
    assert desk.indexer.export(2).result.statements == 2
    with pytest.raises(FormRefused):
        changes.approve(desk.abel.who, waiting, PASSWORD)


def test_a_value_that_does_not_open_is_told_on_its_row_and_hides_no_other(desk: Desk) -> None:
    desk.in_force(PHONE)
    spoilt, whole = desk.added(PHONE, source="case-8"), desk.added(PHONE, source="case-9")
    with desk.database.writing() as session:
        is_of = ChangeRow.change_set_id == spoilt
        session.execute(update(ChangeRow).where(is_of).values(said=b"changed"))
    shown = {one.id: one for one in desk.reading.waiting(desk.abel.who).changes}
    assert {key: one.is_unreadable for key, one in shown.items()} == {spoilt: True, whole: False}
    assert shown[spoilt].size == 1
    assert desk.reading.one(desk.abel.who, spoilt).is_unreadable
    desk.changes.refuse(desk.abel.who, spoilt, "it cannot be read")
    desk.changes.approve(desk.abel.who, whole, PASSWORD)
    with pytest.raises(FormRefused, match="does not wait"):
        desk.changes.approve(desk.abel.who, spoilt, PASSWORD)


def test_an_entry_that_does_not_open_keeps_no_file_back(desk: Desk) -> None:
    desk.in_force(PHONE)
    desk.in_force(OTHER)
    with desk.database.writing() as session:
        is_first = EntryRow.begun_by == 1
        session.execute(update(EntryRow).where(is_first).values(canonical=b"a", reason=b"b"))
    again = desk.approved(PHONE)
    gone = [desk.retracted(one) for one in (PHONE, OTHER)]
    desk.exchange.take_turn()
    assert {desk.row(one).state for one in (again, *gone)} == {"exported"}
    assert desk.indexer.export(3).result == StatementSet().result()


def test_an_operation_that_was_emptied_is_unreadable(desk: Desk) -> None:
    emptied = desk.added(PHONE)
    with desk.database.writing() as session:
        is_of = ChangeRow.change_set_id == emptied
        session.execute(update(ChangeRow).where(is_of).values(said=None))
    assert desk.reading.one(desk.abel.who, emptied).is_unreadable


def test_nobody_approves_more_or_less_than_is_shown(desk: Desk) -> None:
    shown = desk.changes.draft(desk.cora.who, desk.addition(PHONE), desk.addition(OTHER))
    desk.changes.submit(desk.cora.who, shown, PASSWORD)
    counted, other = desk.added("+1 202 555 0144"), desk.added("+1 202 555 0145")
    found_as_another, of_another_kind = desk.added("+1 202 555 0146"), desk.added("+1 202 555 0147")
    with desk.database.writing() as session:
        chosen = select(ChangeRow.id).where(ChangeRow.change_set_id == shown).limit(1)
        is_one = ChangeRow.id == session.scalar(chosen)
        session.execute(update(ChangeRow).where(is_one).values(change_set_id=other))
        is_counted = ChangeRow.change_set_id == counted
        session.execute(update(ChangeRow).where(is_counted).values(operation="Lift"))
        is_found = ChangeRow.change_set_id == found_as_another
        session.execute(update(ChangeRow).where(is_found).values(canonical_term=b"another"))
        is_kind = ChangeRow.change_set_id == of_another_kind
        session.execute(update(ChangeRow).where(is_kind).values(kind="card"))
    for change_id in (shown, counted, other, found_as_another, of_another_kind):
        with pytest.raises(FormRefused, match="not what was signed"):
            desk.changes.approve(desk.abel.who, change_id, PASSWORD)
        assert desk.row(change_id).state == "submitted"


def test_nobody_has_looked_at_what_was_changed_after_one_person_signed_it(desk: Desk) -> None:
    for value in (PHONE, OTHER):
        desk.in_force(value)
    whole, changed = desk.retracted(PHONE), desk.retracted(OTHER)
    with desk.database.writing() as session:
        of_changed = ChangeRow.change_set_id == changed
        session.execute(update(ChangeRow).where(of_changed).values(change_set_id=whole))
    for change_id in (whole, changed):
        with pytest.raises(FormRefused, match="not what was signed, or cannot be read; have"):
            desk.changes.review(desk.abel.who, change_id)
        assert desk.row(change_id).reviewed_at is None


def test_in_which_order_operations_were_signed_is_no_matter(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_id = desk.changes.draft(desk.cora.who, desk.addition(PHONE), desk.addition(OTHER))
    read = ChangeSets.operations
    with monkeypatch.context() as signing:
        signing.setattr(ChangeSets, "operations", lambda *given: read(*given)[::-1])
        desk.changes.submit(desk.cora.who, change_id, PASSWORD)
    desk.changes.approve(desk.abel.who, change_id, PASSWORD)
    assert desk.row(change_id).state == "approved"

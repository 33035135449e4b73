"""Two organisations at work on one selector are told that there is another, and no more."""

from uuid import uuid4

import pytest
from sqlalchemy import event

from intelligence.disclosure.deconfliction import WORKS_ON_S, SharedCase
from intelligence.disclosure.looking import Found
from intelligence.disclosure.tables import DisclosureRow
from tests.intelligence.disclosure.room import OTHER, PHONE, Room, receipt_of
from tests.intelligence.staff.services import PASSWORD


def both_known(room: Room) -> None:
    for one in (PHONE, OTHER):
        room.desk.in_force(one)
    room.tell_map(PHONE, OTHER)
    room.tell_map(PHONE, key_id="zeta-2026a")
    room.tell_records(room.record(1, PHONE), room.record(2, OTHER))
    room.tell_records(room.record(3, PHONE, partner="zeta", key_id="zeta-2026a"))
    room.turn()


def test_each_of_two_is_told_of_another_also_by_another_companys_receipt(room: Room) -> None:
    both_known(room)
    pia = room.authorised("pia", "Prosecutor of Elsewhere")
    (first,) = room.ask(room.olga, 1)
    at = int(room.services.clock())
    assert not first.is_shared
    assert room.deconfliction.shared_cases(room.olga.who) == []
    (second,) = room.ask(pia, 3, case_number="P 99/26")
    assert second.is_shared
    told = room.deconfliction.shared_cases(room.olga.who)
    assert told == [SharedCase(receipt_of(1), "K 7/26", at)]
    assert [one.receipt for one in room.deconfliction.shared_cases(pia.who)] == [receipt_of(3)]
    assert "Prosecutor" not in repr(told)
    assert "P 99" not in repr(told)
    (again,) = room.ask(room.olga, 1)
    assert again.is_shared


def test_colleagues_and_those_who_look_at_something_else_are_no_others(room: Room) -> None:
    both_known(room)
    colleague = room.authorised("otto", "Police of Examplia")
    pia = room.authorised("pia", "Prosecutor of Elsewhere")
    room.ask(room.olga, 1)
    assert not room.ask(colleague, 3)[0].is_shared
    assert not room.ask(pia, 2)[0].is_shared
    assert not room.ask(room.anna, 1)[0].is_shared
    for one in (room.olga, colleague, pia, room.anna):
        assert room.deconfliction.shared_cases(one.who) == []


def test_an_organisation_is_the_same_however_it_is_spelled(room: Room) -> None:
    both_known(room)
    colleague = room.authorised("pia", "Police  of EXAMPLIA")
    room.ask(room.olga, 1)
    assert not room.ask(colleague, 1)[0].is_shared
    for one in (room.olga, colleague):
        assert room.deconfliction.shared_cases(one.who) == []


@pytest.mark.slow
def test_what_is_looked_at_often_hides_no_other_case(room: Room) -> None:
    both_known(room)
    pia = room.authorised("pia", "Prosecutor of Elsewhere")
    room.ask(room.olga, 1)
    for receipt in (1, 2):
        room.ask(pia, receipt)
    room.services.clock.move(60)
    (often,) = room.ask(room.olga, 2)
    _repeat(room, often, 100)
    told = room.deconfliction.shared_cases(room.olga.who)
    assert [one.receipt for one in told] == [receipt_of(2), receipt_of(1)]


def test_however_many_cases_are_shared_the_database_is_asked_little(room: Room) -> None:
    phones = [f"+120255501{number}" for number in range(40, 52)]
    change_id = room.desk.changes.draft(room.desk.cora.who, *map(room.desk.addition, phones))
    room.desk.changes.submit(room.desk.cora.who, change_id, PASSWORD)
    room.desk.changes.approve(room.desk.abel.who, change_id, PASSWORD)
    room.tell_map(*phones)
    room.tell_records(*(room.record(number, one) for number, one in enumerate(phones)))
    room.turn()
    pia = room.authorised("pia", "Prosecutor of Elsewhere")
    for number in range(len(phones)):
        room.services.clock.move(1)
        for one in (room.olga, pia):
            room.ask(one, number)
    asked = list[object]()

    def note(*said: object) -> None:
        asked.append(said)

    event.listen(room.database.engine, "before_cursor_execute", note)
    told = room.deconfliction.shared_cases(room.olga.who)
    event.remove(room.database.engine, "before_cursor_execute", note)
    assert [one.receipt for one in told] == [receipt_of(one) for one in reversed(range(12))]
    assert len(asked) <= 12, len(asked)


def _repeat(room: Room, found: Found, times: int) -> None:
    """Have what was disclosed be disclosed so many times more."""
    with room.database.writing() as session:
        row = session.get(DisclosureRow, found.disclosure_id)
        assert row is not None
        for _ in range(times):
            again = DisclosureRow(
                id=uuid4(),
                account_id=row.account_id,
                organisation=row.organisation,
                map_id=row.map_id,
                receipt=row.receipt,
                purpose=row.purpose,
                at=row.at,
            )
            again.case_number = room.desk.seals.seal(again, "case_number", b"K 7/26")
            room.desk.seals.bind(again)
            session.add(again)


@pytest.mark.slow
def test_who_looked_long_ago_works_on_it_no_more(room: Room) -> None:
    both_known(room)
    pia = room.authorised("pia", "Prosecutor of Elsewhere", life_s=2 * WORKS_ON_S)
    room.ask(room.olga, 1)
    room.services.clock.move(WORKS_ON_S)
    assert not room.ask(pia, 1)[0].is_shared

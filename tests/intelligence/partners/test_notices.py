"""Partners that were told "match" of what was taken off hear of it, once somebody says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from intelligence.disclosure.forgetting import TakenOffBy
from intelligence.disclosure.tables import ToldYesRow
from intelligence.errors import FormRefused, NotPermitted, NotThere
from intelligence.partners.notices import NOTICES_KEPT_S, Notices
from intelligence.staff.roles import Role
from screening.spools.acknowledgement import Refused
from screening.spools.order import MOST_ROWS, Notify, PartnerOrder, parse_signed
from screening.spools.partners_told import PartnersTold
from tests.intelligence.disclosure.room import OTHER, PHONE, Room, enrol_room, receipt_of
from tests.intelligence.homes import Homes
from tests.intelligence.partners.office import told
from tests.intelligence.staff.services import PASSWORD


@pytest.fixture
def room(tmp_path: Path, homes: Homes) -> Iterator[Room]:
    """One in which two partners have matched what was taken off since, and one another."""
    with homes.copied(tmp_path, "sqlite", enrol_room) as services:
        room = Room(services, tmp_path)
        for value in (PHONE, OTHER):
            room.desk.in_force(value)
        room.tell_map(PHONE, OTHER)
        room.tell_map(PHONE, key_id="zeta-2026a")
        room.tell_records(room.record(1, PHONE), room.record(2, PHONE), room.record(3, OTHER))
        room.tell_records(room.record(4, PHONE, partner="zeta", key_id="zeta-2026a"))
        room.turn()
        partners(room, "acme", "zeta")
        room.take_off(PHONE)
        yield room


def partners(room: Room, *names: str) -> None:
    """Have the indexer tell who the partners are."""
    room.desk.indexer.write(
        lambda head: PartnersTold("screening-partners/2", *head, [told(name) for name in names])
    )
    room.turn()


def flags(room: Room) -> list[tuple[object, bool, bool]]:
    ((_, found),) = notices(room).due(room.desk.cora.who).items()
    return [(one.record["partner"], one.is_known, one.came_back) for one in found]


def notices(room: Room) -> Notices:
    return Notices(room.desk.orders)


def due(room: Room) -> dict[TakenOffBy, list[tuple[object, object]]]:
    found = notices(room).due(room.desk.cora.who)
    return {
        one: [(of.record["partner"], of.record["matches"]) for of in told]
        for one, told in found.items()
    }


def ordered(room: Room) -> list[Notify]:
    """Return the notices that leave, each followed by the indexer before the next."""
    indexer = room.desk.indexer
    found: list[tuple[int, Notify]] = []
    room.turn()
    while (sequence := indexer.down.sequences()[-1]) not in [number for number, _ in found]:
        signed = [parse_signed(one.batch) for one in indexer.export(sequence).batches]
        orders = [one.order for one in signed if isinstance(one, PartnerOrder)]
        if not orders:
            break
        (order,) = orders
        assert isinstance(order, Notify)
        found.append((sequence, order))
        indexer.apply(sequence)
        room.turn()
    return [order for _, order in found]


def test_all_that_were_told_of_a_false_entry_are_told_that_it_was(room: Room) -> None:
    (change_id,) = due(room)
    assert due(room)[change_id] == [("acme", 2), ("zeta", 1)]
    notices(room).give(room.desk.cora.who, change_id, "somebody else's", PASSWORD)
    assert due(room) == {}
    acme, zeta = ordered(room)
    assert (acme.partner, zeta.partner) == ("acme", "zeta")
    assert acme.rows == sorted(f"{receipt_of(number)}.1" for number in (1, 2))
    assert zeta.rows == [f"{receipt_of(4)}.1"]


def test_no_partner_is_told_what_was_written_over(room: Room) -> None:
    (change_id,) = due(room)
    with room.database.writing() as session:
        of_zeta = update(ToldYesRow).where(ToldYesRow.partner == "zeta")
        session.execute(of_zeta.values(partner="acme"))
    notices(room).give(room.desk.cora.who, change_id, "somebody else's", PASSWORD)
    (acme,) = ordered(room)
    assert acme.rows == sorted(f"{receipt_of(number)}.1" for number in (1, 2))
    assert due(room) == {change_id: [("acme", 1)]}, "it waits, and what it says is not believed"
    assert '"event":"matches not read"' in room.services.records()


def test_nobody_is_told_before_somebody_says_so_or_twice(room: Room) -> None:
    (change_id,) = due(room)
    assert ordered(room) == []
    notices(room).dismiss(room.desk.abel.who, change_id)
    assert due(room) == {}
    with pytest.raises(NotThere):
        notices(room).give(room.desk.cora.who, change_id, "false", PASSWORD)
    with pytest.raises(NotThere):
        notices(room).dismiss(room.desk.cora.who, change_id)
    assert ordered(room) == []
    assert '"no notice given"' in room.services.records()


def test_a_match_that_arrives_after_its_retraction_is_told_as_well(room: Room) -> None:
    (change_id,) = due(room)
    notices(room).give(room.desk.cora.who, change_id, "false", PASSWORD)
    ordered(room)
    room.tell_records(room.record(5, PHONE), room.record(1, PHONE))
    room.turn()
    assert due(room)[change_id][0][0] == "acme"
    assert receipt_of(5) in str(room._rows("told_yes"))


def test_what_is_kept_of_them_names_no_selector(room: Room) -> None:
    kept = str(room._rows("told_yes"))
    assert PHONE not in kept
    assert "phone" not in kept


def test_who_keeps_no_list_gives_no_notice(room: Room) -> None:
    (change_id,) = due(room)
    with pytest.raises(NotPermitted):
        notices(room).give(room.anna.who, change_id, "false", PASSWORD)
    with pytest.raises(NotPermitted):
        notices(room).due(room.anna.who)
    with pytest.raises(FormRefused, match="reason"):
        notices(room).give(room.desk.cora.who, change_id, None, PASSWORD)
    with pytest.raises(FormRefused, match="password"):
        notices(room).give(room.desk.cora.who, change_id, "false", "another password")
    assert len(due(room)) == 1


def test_why_a_notice_is_given_holds_no_selector(room: Room) -> None:
    (change_id,) = due(room)
    with pytest.raises(FormRefused, match="looks like a phone"):
        notices(room).give(
            room.desk.cora.who, change_id, f"{PHONE} is jane.doe@lodge.example's", PASSWORD
        )
    assert len(due(room)) == 1


@pytest.mark.slow
def test_names_that_no_partner_has_are_told_and_keep_nobody_from_hearing(room: Room) -> None:
    (change_id,) = due(room)
    partners(room, "acme")
    assert flags(room) == [("acme", True, False), ("zeta", False, False)]
    notices(room).give(room.desk.cora.who, change_id, "false", PASSWORD)
    assert [one.partner for one in ordered(room)] == ["acme"]
    assert due(room)[change_id] == [("zeta", 1)]
    with pytest.raises(FormRefused, match="no partner any more"):
        notices(room).give(room.desk.cora.who, change_id, "false", PASSWORD)
    partners(room, "acme", "zeta")
    notices(room).give(room.desk.cora.who, change_id, "false", PASSWORD)
    assert [one.partner for one in ordered(room)] == ["zeta"]
    assert due(room) == {}


@pytest.mark.slow
def test_a_notice_of_which_nothing_comes_is_due_again(room: Room) -> None:
    (change_id,) = due(room)
    notices(room).give(room.desk.cora.who, change_id, "false", PASSWORD)
    room.turn()
    indexer = room.desk.indexer
    sequence = indexer.down.sequences()[-1]
    (signed,) = indexer.export(sequence).batches
    batch = parse_signed(signed.batch).batch
    indexer.tell(Refused(sequence, indexer.sha256(sequence), "not_possible", batch, "it is full"))
    assert [one.partner for one in ordered(room)] == ["zeta"]
    assert flags(room) == [("acme", True, True)]
    notices(room).give(room.desk.cora.who, change_id, "false", PASSWORD)
    assert [len(one.rows) for one in ordered(room)] == [2]
    assert due(room) == {}


@pytest.mark.slow
def test_of_more_matches_than_a_partner_can_fetch_all_are_told_in_the_end(room: Room) -> None:
    (change_id,), cora = due(room), room.desk.cora
    more = [room.record(number, PHONE) for number in range(100, 100 + MOST_ROWS)]
    room.tell_records(*more[:600])
    room.tell_records(*more[600:])
    room.turn()
    notices(room).give(cora.who, change_id, "false", PASSWORD)
    first = {one.partner: set(one.rows) for one in ordered(room)}
    assert len(first["acme"]) == MOST_ROWS
    assert due(room)[change_id] == [("acme", 2)]
    with pytest.raises(FormRefused, match="within 30 days"):
        notices(room).give(cora.who, change_id, "false", PASSWORD)
    room.services.clock.move(NOTICES_KEPT_S)
    who = room.services.with_code(cora, room.services.with_password(cora))
    notices(room).give(who, change_id, "false", PASSWORD)
    (last,) = ordered(room)
    assert (len(last.rows), first["acme"] & set(last.rows)) == (2, set())
    assert notices(room).due(who) == {}


def test_who_looks_after_partners_sees_neither_why_one_was_told_nor_matches_fall(
    room: Room,
) -> None:
    desk = room.desk
    pam = desk.services.colleague(desk.ada, "pam", Role.PARTNER_MANAGER)

    def seen() -> tuple[dict[object, object], list[dict[str, object]]]:
        matches = {one["name"]: one["matches"] for one in desk.partners.all(pam.who)}
        return matches, [dict(one.record) for one in desk.partners.one(pam.who, "acme")[1]]

    before, orders = seen()
    assert (before, orders) == ({"acme": 3, "zeta": 1}, [])
    (change_id,) = due(room)
    notices(room).give(desk.cora.who, change_id, "it was given to somebody else", PASSWORD)
    after, (order,) = seen()
    assert after == before
    assert order["operation"] == "notify"
    assert "given to somebody" not in str(order)
    (told_to,) = desk.partners.one(desk.abel.who, "acme")[1]
    assert told_to.record["notice_reason"] == "it was given to somebody else"

"""Partners that were told "match" of what was taken off hear of it, once somebody says so."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from intelligence.errors import FormRefused, NotPermitted, NotThere
from intelligence.partners.notices import Notices
from screening.spools.order import Notify, PartnerOrder, parse_signed
from tests.intelligence.disclosure.room import OTHER, PHONE, Room, receipt_of
from tests.intelligence.staff.services import PASSWORD, Services


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """One in which two partners have matched what was taken off since, and one another."""
    services = Services(tmp_path, f"sqlite:///{tmp_path / 'intelligence.sqlite'}")
    room = Room(services, tmp_path)
    for value in (PHONE, OTHER):
        room.desk.in_force(value)
    room.tell_map(PHONE, OTHER)
    room.tell_map(PHONE, key_id="zeta-2026a")
    room.tell_records(room.record(1, PHONE), room.record(2, PHONE), room.record(3, OTHER))
    room.tell_records(room.record(4, PHONE, partner="zeta", key_id="zeta-2026a"))
    room.turn()
    room.take_off(PHONE)
    yield room
    services.close()


def notices(room: Room) -> Notices:
    return Notices(room.desk.orders)


def due(room: Room) -> dict[UUID, list[tuple[object, object]]]:
    found = notices(room).due(room.desk.cora.who)
    return {one: [(of["partner"], of["matches"]) for of in told] for one, told in found.items()}


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

"""What the inbox of feedback tells by its order, and how much it reads for a page."""

from typing import Any

import pytest
from sqlalchemy import event

from intelligence.staff.roles import Role
from tests.intelligence.disclosure.room import AT, PHONE, Room, receipt_of
from tests.intelligence.disclosure.test_feedback import inbox, said, waiting


@pytest.fixture
def matched(room: Room) -> Room:
    """A room in which an answer has matched a selector that is known."""
    room.desk.in_force(PHONE)
    room.tell_map(PHONE)
    room.tell_records(room.record(1, PHONE))
    room.turn()
    return room


def test_the_order_tells_only_those_who_may_see_it_which_match_is_known(matched: Room) -> None:
    room = matched
    room.tell_records(said(9, "false", at=AT + 50), said(1, "false"))
    room.turn()
    auditor = room.services.colleague(room.desk.ada, "audrey", Role.AUDITOR)
    in_turn = {
        one.name: [found.record["receipt"] for found in inbox(room).waiting(one.who)]
        for one in (room.desk.cora, auditor)
    }
    known, unknown = (f"{receipt_of(number)}.1" for number in (1, 9))
    assert in_turn == {"cora": [known, unknown], "audrey": [unknown, known]}


@pytest.mark.parametrize("kind", ["sqlite"])
def test_no_page_of_it_collects_all_matches_that_open(matched: Room) -> None:
    asked: list[tuple[str, Any]] = []
    engine = matched.database.engine

    def note(_c: object, _k: object, statement: str, values: Any, *_: object) -> None:
        asked.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    waiting(matched)
    inbox(matched).of(matched.desk.cora.who, matched.selector(PHONE))
    event.remove(engine, "before_cursor_execute", note)
    of_it = [one for one in asked if "disclosure_match" in one[0]]
    assert len(of_it) == 2
    with engine.connect() as connection:
        for statement, values in of_it:
            found = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            steps = [str(row[-1]) for row in found if "disclosure_match" in row[-1]]
            assert steps
            assert all("record_id=?" in one or "map_id=?" in one for one in steps), steps

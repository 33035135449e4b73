"""A change is shown against the list in force: what begins, what ends, what differs in what."""

from uuid import UUID

from sqlalchemy import event

from intelligence.curation.differences import Operation
from tests.intelligence.curation.desk import Desk

PHONE = "+1 202 555 0142"


def _shown(desk: Desk, change_id: UUID) -> Operation:
    (operation,) = desk.reading.one(desk.abel.who, change_id).operations
    return operation


def test_an_addition_of_another_source_differs_from_nothing(desk: Desk) -> None:
    desk.in_force(PHONE)
    shown = _shown(desk, desk.added(PHONE, source="case-8"))
    assert (list(shown.ends), list(shown.differs), shown.is_said) == ([], [], False)


def test_an_addition_of_the_same_source_is_shown_field_by_field(desk: Desk) -> None:
    desk.in_force(PHONE, confidence="40", jurisdictions="DE", last_day="2027-05-06")
    change_id = desk.added(
        PHONE, confidence="80", jurisdictions="DE, US", last_day="2027-05-06", role="buyer"
    )
    differs = {one.field: (one.now, one.then) for one in _shown(desk, change_id).differs}
    assert differs == {
        "confidence": (40, 80),
        "jurisdictions": (["DE"], ["DE", "US"]),
        "role": ("trafficker", "buyer"),
    }


def test_what_the_list_says_already_is_told(desk: Desk) -> None:
    desk.in_force(PHONE)
    shown = _shown(desk, desk.added(PHONE))
    assert (shown.is_said, list(shown.differs)) == (True, [])


def test_a_retraction_shows_each_entry_that_ends_and_no_victim_s(desk: Desk) -> None:
    desk.in_force(PHONE, source="case-1")
    desk.in_force(PHONE, source="case-2")
    desk.in_force(PHONE, source="case-3", role="victim")
    shown = _shown(desk, desk.retracted(PHONE))
    assert [one["source"] for one in shown.ends] == ["case-1", "case-2"]


def test_once_it_is_in_force_a_change_is_shown_for_itself(desk: Desk) -> None:
    first = desk.in_force(PHONE)
    desk.in_force(PHONE, role="buyer")
    shown = _shown(desk, first)
    assert (list(shown.ends), list(shown.differs)) == ([], [])
    assert shown.says["role"] == "trafficker"


def test_a_list_of_changes_shows_the_first_of_many_operations_and_counts_them_all(
    desk: Desk,
) -> None:
    phones = [f"+1 202 555 01{number}" for number in range(10, 15)]
    change_id = desk.changes.draft(desk.cora.who, *map(desk.addition, phones))
    (listed,) = desk.reading.drafts(desk.cora.who).changes
    assert (len(listed.operations), listed.size) == (3, 5)
    shown = desk.reading.one(desk.cora.who, change_id)
    assert (len(shown.operations), shown.counts) == (5, {"add": 5})


def test_what_keeps_off_is_opened_as_often_for_many_operations_as_for_one(desk: Desk) -> None:
    read: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM curation_safety_lists" in statement:
            read.append(statement)

    phones = [f"+1 202 555 01{number}" for number in range(10, 15)]
    one = desk.changes.draft(desk.cora.who, desk.addition(PHONE))
    five = desk.changes.draft(desk.cora.who, *map(desk.addition, phones))
    many = list[int]()
    event.listen(desk.database.engine, "before_cursor_execute", note)
    for change_id in (one, five):
        read.clear()
        desk.reading.one(desk.cora.who, change_id)
        many.append(len(read))
    event.remove(desk.database.engine, "before_cursor_execute", note)
    assert many[0] == many[1] > 0

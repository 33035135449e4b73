"""What a MISP event says of a selector elsewhere than in it, and whom it must not be laid upon."""

from typing import Any

import pytest

from screening.importers.csv_rows import entry_of
from screening.importers.entry import Entry, Rejection
from tests.importers.importing import opened

NUMBER = "+1 202-555-0134"
PHONE = {"type": "phone-number", "object_relation": "phone-number", "value": NUMBER, "uuid": "a-1"}
CARD = {"type": "cc-number", "object_relation": "cc-number", "value": "4111111111111111"}
OWNS = {"referenced_uuid": "A-1", "relationship_type": "owns"}


def text(relation: str, value: str) -> dict[str, Any]:
    return {"type": "text", "object_relation": relation, "value": value}


def event(*objects: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"Event": {"uuid": "e-1", "info": "Harbour", "Object": list(objects), **others}}


def person(*attributes: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"name": "person", "uuid": "o-1", "Attribute": list(attributes), **others}


def report(content: str, name: str = "r") -> dict[str, Any]:
    return event(Attribute=[PHONE], EventReport=[{"name": name, "content": content}])


def only_refusal(events: dict[str, Any]) -> Rejection:
    (row,) = map(entry_of, opened(events))
    assert isinstance(row, Rejection), row
    return row


def is_listed(events: dict[str, Any]) -> bool:
    (row,) = map(entry_of, opened(events))
    return isinstance(row, Entry)


VICTIM = person(text("role", "Victim"), ObjectReference=[OWNS])
OBJECT = {"name": "phone", "uuid": "o-2", "Attribute": [PHONE]}


@pytest.mark.parametrize(
    "events",
    [
        event(VICTIM, Attribute=[PHONE]),
        event(VICTIM, OBJECT),
        event(person(text("role", "V"), ObjectReference=[{"referenced_uuid": "o-2"}]), OBJECT),
        event(
            person(text("role", "Victim")),
            {**OBJECT, "ObjectReference": [{"referenced_uuid": "o-1"}]},
        ),
        event(
            person(text("role", "Victim")),
            {"uuid": "o-3", "ObjectReference": [{"referenced_uuid": u} for u in ("o-1", "o-2")]},
            OBJECT,
        ),
    ],
)
def test_what_a_victim_s_object_refers_to_is_left_to_a_person(events: dict[str, Any]) -> None:
    rows = [one for one in opened(events) if isinstance(one, Rejection) and one.kind == "phone"]
    assert [(row.code, row.protects) for row in rows] == [("unknown_role", True)]


@pytest.mark.parametrize(
    ("said", "date"),
    [
        (text("age", "14"), None),
        (text("function", "V"), None),
        (text("date-of-birth", "2012-03-04"), "2026-01-01"),
        ({"type": "date-of-birth", "value": "2012-03-04"}, "2026-01-01"),
        (text("date-of-birth", "2000-03-04"), "2016-01-01"),
        (text("date-of-birth", "2099-03-04"), None),
        (text("date-of-birth", "2012-03-04"), "0000-01-01"),  # no year
        (text("role", "V"), None),
    ],
)
def test_who_is_a_minor_or_a_victim_by_relation_and_value_together_is_left_to_a_person(
    said: dict[str, Any], date: str | None
) -> None:
    refusal = only_refusal(event(person(said, PHONE), date=date))
    assert (refusal.code, refusal.protects) == ("unknown_role", True)


@pytest.mark.parametrize(
    "said",
    [
        text("age", "34"),
        text("date-of-birth", "1980-03-04"),
        text("last-name", "Rosa Minor"),
        text("town", "V"),
    ],
)
def test_who_is_of_age_or_has_a_surname_is_listed(said: dict[str, Any]) -> None:
    assert is_listed(event(person(said, PHONE)))


@pytest.mark.parametrize(
    "relation", ["to-number", "called-number", "sent-to", "toNumber", "recipient", "witness-phone"]
)
def test_whom_a_call_went_to_is_left_to_a_person(relation: str) -> None:
    refusal = only_refusal(event({"Attribute": [{**PHONE, "object_relation": relation}]}))
    assert (refusal.code, refusal.protects) == ("unknown_role", False)


HELPLINE = {"type": "email-src", "object_relation": "from", "value": "victim.help@pier.example"}


@pytest.mark.parametrize("said", [PHONE, CARD, HELPLINE, {**PHONE, "object_relation": "reply-to"}])
def test_other_relations_leave_a_selector_on_the_list(said: dict[str, Any]) -> None:
    assert is_listed(event({"Attribute": [said]}))


@pytest.mark.parametrize(
    "events",
    [
        report(f"{NUMBER} is the victim's"),
        report("the victim has (202) 555 0134."),
        report(f"Seen twice. The victim left. Her number is {NUMBER}."),
        report("@[attribute](A-1) is the victim's"),
        report(f"## Victims\n\n- {NUMBER}"),
        report(f"Victims:\n{NUMBER}"),
        report(NUMBER, name="Victims"),
        event(Attribute=[PHONE, {"type": "comment", "value": f"{NUMBER} is the victim's"}]),
        event(OBJECT, EventReport={"name": "r", "content": "@[object](o-2) belongs to the victim"}),
    ],
)
def test_what_a_report_says_is_a_victim_s_is_left_to_a_person(events: dict[str, Any]) -> None:
    refusal = only_refusal(events)
    assert (refusal.code, refusal.protects) == ("unknown_role", True)


def test_an_address_in_a_report_is_known_too() -> None:
    address = {"type": "email", "value": "Desk@harbour.example"}
    told = {"content": "the witness writes from desk@harbour.example."}
    refusal = only_refusal(event(Attribute=[address], EventReport=[told]))
    assert (refusal.code, refusal.protects) == ("unknown_role", False)


@pytest.mark.parametrize(
    "content",
    [
        f"{NUMBER} is the driver's\nThe victim has +1 202-555-0135",
        f"## Victims\nthree\n## Drivers\n{NUMBER}",
    ],
)
def test_a_report_that_tells_of_a_victim_elsewhere_leaves_a_selector_on_the_list(
    content: str,
) -> None:
    assert is_listed(report(content))


@pytest.mark.parametrize("kind", ["1", 1])
def test_what_somebody_saw_to_be_a_false_positive_is_left_to_a_person(kind: object) -> None:
    seen = {**PHONE, "Sighting": [{"type": "0"}, {"type": kind}]}
    assert only_refusal(event(Attribute=[seen])).code == "unknown_role"
    assert is_listed(event(Attribute=[{**PHONE, "Sighting": [{"type": "0"}]}]))


def test_references_in_circles_come_to_an_end() -> None:
    circle = [{"referenced_uuid": "o-2"}, {"referenced_uuid": "o-1"}]
    first = person(text("role", "Driver"), ObjectReference=circle)
    assert is_listed(event(first, {**OBJECT, "ObjectReference": circle}))


@pytest.mark.parametrize(
    ("said", "protects"),
    [
        ({"Note": [{"note": "the phone of a victim"}]}, True),
        ({"Note": [{"note": "x", "Note": [{"note": "of the victim"}]}]}, True),
        ({"Opinion": [{"opinion": "80", "comment": "belongs to the victim"}]}, True),
        ({"Opinion": [{"opinion": 10}]}, False),
        ({"Opinion": [{"opinion": "010"}]}, False),
        ({"Relationship": [{"relationship_type": "victim-of"}]}, True),
        ({"Relationship": [{"Note": [{"note": "of the victim"}]}]}, True),
        ({"RelationshipInbound": [{"object_uuid": "O-9", "relationship_type": "targets"}]}, True),
    ],
)
def test_what_readers_of_an_event_say_of_a_selector_is_heard(
    said: dict[str, Any], protects: bool
) -> None:
    for found in (event(Attribute=[{**PHONE, **said}]), event({**OBJECT, **said})):
        refusal = only_refusal(found)
        assert (refusal.code, refusal.protects) == ("unknown_role", protects)


@pytest.mark.parametrize(
    "proposed",
    [
        {"type": "phone-number", "comment": "victim's"},
        {"type": "text", "value": "victim"},
        {"type": "float", "object_relation": "age", "value": 14.0},
    ],
)
def test_what_is_proposed_for_an_attribute_is_heard(proposed: dict[str, Any]) -> None:
    attribute = {**PHONE, "ShadowAttribute": [proposed]}
    for found in (event(Attribute=[attribute]), event({**OBJECT, "Attribute": [attribute]})):
        assert only_refusal(found).protects


@pytest.mark.parametrize(
    "proposed",
    [
        {"type": "phone-number", "value": NUMBER, "comment": "victim's"},
        {"type": "phone-number", "value": "+1 202-555-0199", "uuid": "A-1", "category": "Victim"},
        {"type": "text", "value": f"{NUMBER} is the victim's"},
    ],
)
def test_what_is_proposed_for_an_event_is_heard_of_whom_it_names(proposed: dict[str, Any]) -> None:
    assert only_refusal(event(Attribute=[PHONE], ShadowAttribute=[proposed])).protects
    other = {"type": "phone-number", "value": "+1 202-555-0199", "comment": "victim's"}
    assert is_listed(event(Attribute=[PHONE], ShadowAttribute=[other]))


def test_what_somebody_proposes_to_delete_is_left_to_a_person() -> None:
    attribute = {**PHONE, "ShadowAttribute": [{**PHONE, "proposal_to_delete": True}]}
    assert only_refusal(event(Attribute=[attribute])).code == "unknown_role"


def test_a_note_on_a_report_is_read_as_the_report_is() -> None:
    report = {"name": "x", "content": "", "Note": [{"note": f"{NUMBER} is the victim's"}]}
    assert only_refusal(event(Attribute=[PHONE], EventReport=[report])).protects


def test_a_note_on_an_event_is_read_as_a_report_is() -> None:
    note = f"{NUMBER} is the victim's"
    assert only_refusal(event(Attribute=[PHONE], Note=[{"note": note}])).protects
    assert is_listed(event(Attribute=[PHONE], Note=[{"note": "they have many victims"}]))


@pytest.mark.parametrize(
    "content",
    [
        f"# Victims\n\n## Ana\n\n- {NUMBER}",
        f"**Victims**\n\n- x\n- {NUMBER}",
        f"Victims\n=====\n{NUMBER}",
        f"| victim phone | city |\n|---|---|\n| {NUMBER} | Leeds |",
        f"The victim is Ana.\nHer number is {NUMBER}.",
        f"Victims:\nPhones:\n{NUMBER}",
        f"Victims\n\nPhones:\n{NUMBER}",
        f"We spoke at length with the victim on Tuesday, in the office, of it all\n{NUMBER}",
        f"{NUMBER}\n(the victim's phone)",
    ],
)
def test_a_heading_of_a_report_holds_for_all_below_it(content: str) -> None:
    assert only_refusal(report(content)).protects
    assert is_listed(report(f"# Victims\n\nmany\n\n# Drivers\n\n{NUMBER}"))


@pytest.mark.parametrize("grade", [90, "50", "100", "1" * 5_000, "x"])
def test_readers_who_agree_keep_nobody_from_the_list(grade: object) -> None:
    said = {"Opinion": [{"opinion": grade, "comment": "right"}], "Note": [{"note": "seen twice"}]}
    assert is_listed(event(Attribute=[{**PHONE, **said}]))


@pytest.mark.parametrize("member", ["ObjectReference", "Relationship"])
def test_whom_a_person_of_an_event_targets_is_left_to_a_person(member: str) -> None:
    name = "referenced_uuid" if member == "ObjectReference" else "related_object_uuid"
    targets = {name: "O-2", "relationship_type": "targets"}
    offender = person(text("role", "Driver"), CARD, **{member: [targets]})
    rows = [entry_of(row) for row in opened(event(offender, OBJECT))]
    assert [isinstance(row, Entry) for row in rows] == [True, False]


def test_an_event_of_a_year_to_come_makes_no_child_of_age() -> None:
    child = person(text("date-of-birth", "2015-03-14"), ObjectReference=[OWNS])
    assert only_refusal(event(child, Attribute=[PHONE], date="2206-01-01")).protects


def full_name(first: str, last: str) -> dict[str, Any]:
    return event(person(PHONE, text("first-name", first), text("last-name", last)))


@pytest.mark.parametrize("last", ["Minor", "Child", "Innocent"])
def test_a_last_name_is_read_with_the_first_name_of_its_object(last: str) -> None:
    assert is_listed(full_name("Rosa", last))


@pytest.mark.parametrize("first", ["", "unknown", "Female"])
def test_a_last_name_beside_no_first_name_is_heard(first: str) -> None:
    assert not is_listed(full_name(first, "Minor"))


def test_a_first_name_of_another_object_is_none_of_its_own() -> None:
    other = {"name": "person", "uuid": "o-9", "Attribute": [text("first-name", "Rosa")]}
    assert not is_listed(event(person(PHONE, text("last-name", "Minor")), other))

"""MISP events: which attributes are taken, and what the caller is told of the others."""

from typing import Any

import pytest

from screening.importers.csv_rows import entry_of
from screening.importers.detect import Format
from screening.importers.entry import Entry, Rejection, Role
from tests.importers.importing import only_entry, only_rejection, opened, outcomes

PHONE = "+12025550134"
ADDRESS = "desk@harbour.example"
CARD = "4111111111111111"


def attribute(kind: str, value: str, **others: Any) -> dict[str, Any]:
    return {"type": kind, "value": value, "to_ids": True, **others}


def event(*attributes: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"Event": {"uuid": "e-1", "info": "Harbour", "Attribute": list(attributes), **others}}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("phone-number", PHONE),
        ("email", ADDRESS),
        ("email-src", ADDRESS),
        ("email-reply-to", ADDRESS),
        ("cc-number", CARD),
    ],
)
def test_attributes_of_these_types_are_taken(kind: str, value: str) -> None:
    file = opened(event(attribute(kind, value)))
    assert file.format is Format.MISP
    assert outcomes(file) == [(1, value)]


@pytest.mark.parametrize(
    "shape",
    [
        lambda one: one,
        lambda one: [one],
        lambda one: {"response": [one]},
        lambda one: {"response": one["Event"]},
    ],
)
def test_events_are_read_in_each_shape_that_misp_gives_them(shape: Any) -> None:
    assert outcomes(opened(shape(event(attribute("email", ADDRESS))))) == [(1, ADDRESS)]


def test_attributes_within_objects_are_read_and_counted_on() -> None:
    thing = {"name": "person", "Attribute": [attribute("phone-number", PHONE)]}
    file = opened(event(attribute("email", ADDRESS), Object=[thing]))
    assert outcomes(file) == [(1, ADDRESS), (2, PHONE)]


def test_an_attribute_says_all_that_a_row_can_hold() -> None:
    entry = only_entry(opened(event(attribute("email", ADDRESS, comment="seen twice"))))
    assert (entry.source, entry.reason, entry.role) == ("e-1 Harbour", "seen twice", Role.BUYER)


@pytest.mark.parametrize("timestamp", ["1700000000", 1700000000, "x", "99999999999", -1, None])
def test_no_timestamp_whatever_keeps_an_attribute_from_the_list(timestamp: object) -> None:
    file = opened(event(attribute("email", ADDRESS, timestamp=timestamp)))
    assert outcomes(file) == [(1, ADDRESS)]


@pytest.mark.parametrize("deleted", [True, "1", 1])
def test_what_is_deleted_is_not_listed(deleted: object) -> None:
    assert outcomes(opened(event(attribute("email", ADDRESS, deleted=deleted)))) == [(1, "revoked")]


def test_what_stands_in_a_deleted_object_is_deleted_too() -> None:
    thing = {"name": "person", "deleted": True, "Attribute": [attribute("email", ADDRESS)]}
    assert outcomes(opened(event(Object=[thing]))) == [(1, "revoked")]


def test_a_victim_s_object_is_a_victim_s() -> None:
    thing = {"name": "victim", "Attribute": [attribute("email", ADDRESS)]}
    assert only_entry(opened(event(Object=[thing]))).role is Role.VICTIM


def test_all_in_an_event_that_is_tagged_victim_are_victims() -> None:
    file = opened(event(attribute("email", ADDRESS), Tag=[{"name": "Victim"}]))
    assert only_entry(file).role is Role.VICTIM


def test_a_tag_that_speaks_of_a_victim_leaves_the_role_to_a_person() -> None:
    tagged = attribute("email", ADDRESS, Tag=[{"name": "case:presumed-victim"}])
    rejection = only_rejection(opened(event(tagged)))
    assert (rejection.code, rejection.protects) == ("unknown_role", True)


def test_the_caller_is_told_of_what_is_left_out_and_of_how_far_it_may_go() -> None:
    context = {**attribute("email", ADDRESS), "to_ids": False}
    file = opened(
        event(
            attribute("ip-src", "192.0.2.1"),
            attribute("ip-src", "192.0.2.2"),
            {**context, "Tag": [{"name": "TLP:RED"}]},
            Tag=[{"name": "tlp:red"}, {"name": "tlp:white"}],
        )
    )
    assert outcomes(file) == [(3, ADDRESS)]
    assert {notice.text: notice.count for notice in file.warnings} == {
        "marked tlp:red: mind with whom it is shared": 2,
        "marked as context only (to_ids): look it through": 1,
        "attributes are left out: ip-src": 2,
    }


def test_a_value_that_is_none_is_rejected() -> None:
    events = event(attribute("email", "none"), {"type": "email"}, attribute("cc-number", "4111"))
    assert [code for _, code in outcomes(opened(events))] == [
        "not_an_email",
        "empty",
        "impossible_length",
    ]


def test_an_attribute_that_was_searched_for_has_its_own_event_for_source() -> None:
    found = {**attribute("email", ADDRESS), "Event": {"uuid": "e-2", "info": "Pier"}}
    entries = [
        one
        for one in map(entry_of, opened({"response": {"Attribute": [found]}}))
        if isinstance(one, Entry)
    ]
    assert [entry.source for entry in entries] == ["e-2 Pier"]


TEXT = {"type": "text", "object_relation": "role", "value": "Victim"}
VICTIM_TAG = {"name": 'trafficking:role="victim"'}
GALAXY = {"name": "Role", "GalaxyCluster": [{"value": "Victim of trafficking"}]}


@pytest.mark.parametrize(
    "events",
    [
        event(attribute("email", ADDRESS, comment="phone of the victim, rescued in May")),
        event(attribute("email", ADDRESS), info="Victims of C-1"),
        event(attribute("email", ADDRESS), Tag=[VICTIM_TAG]),
        event(attribute("email", ADDRESS, Tag=[VICTIM_TAG])),
        event(attribute("email", ADDRESS), Galaxy=[GALAXY]),
        event(attribute("email", ADDRESS, Galaxy=[GALAXY])),
        event(Object=[{"name": "person", "Attribute": [attribute("email", ADDRESS), TEXT]}]),
        event(
            Object=[
                {
                    "name": "person",
                    "comment": "survivor, in shelter",
                    "Attribute": [attribute("email", ADDRESS)],
                }
            ]
        ),
        event(
            Object=[
                {
                    "name": "person",
                    "Attribute": [
                        attribute("email", ADDRESS),
                        {"type": "text", "value": "C-1", "comment": "a victim"},
                    ],
                }
            ]
        ),
        event(
            Object=[
                {
                    "name": "person",
                    "Attribute": [attribute("email", ADDRESS)],
                    "ObjectReference": [{"relationship_type": "victim-of"}],
                }
            ]
        ),
        {"response": {"Attribute": [attribute("email", ADDRESS, Event={"Tag": [VICTIM_TAG]})]}},
    ],
)
def test_whatever_speaks_of_a_victim_around_an_attribute_leaves_its_role_open(events: Any) -> None:
    rejection = next(
        one for one in opened(events) if isinstance(one, Rejection) and one.kind == "email"
    )
    assert (rejection.code, rejection.protects) == ("unknown_role", True)


def test_what_describes_the_template_of_an_object_is_not_said_of_anybody() -> None:
    thing = {
        "name": "person",
        "description": "A person, such as a victim.",
        "Attribute": [attribute("email", ADDRESS)],
    }
    assert only_entry(opened(event(Object=[thing]))).role is Role.BUYER


@pytest.mark.parametrize(
    "recipient",
    [
        attribute("email-dst", ADDRESS),
        attribute("email-dst", ADDRESS, object_relation="to"),
        attribute("email", ADDRESS, object_relation="cc"),
        attribute("email", ADDRESS, object_relation="BCC"),
    ],
)
def test_whom_a_message_was_sent_to_is_not_listed_and_who_sent_it_is(
    recipient: dict[str, Any],
) -> None:
    sender = attribute("email-src", "from@harbour.example", object_relation="from")
    mail = {"name": "email", "Attribute": [sender, recipient]}
    assert outcomes(opened(event(Object=[mail]))) == [
        (1, "from@harbour.example"),
        (2, "unknown_role"),
    ]
    assert not only_rejection(opened(event(recipient))).protects
    as_victim = opened(event({**recipient, "Tag": [{"name": "victim"}]}))
    assert only_entry(as_victim).role is Role.VICTIM


@pytest.mark.parametrize(
    "events",
    [
        event(attribute("email", ADDRESS, comment="the witness's address")),
        event(attribute("email", ADDRESS, comment="false positive")),
        event(attribute("email", ADDRESS), info="Witnesses of C-1"),
        event(attribute("email", ADDRESS, Tag=[{"name": "workflow:false-positive"}])),
        event(
            Object=[
                {
                    "name": "person",
                    "Attribute": [
                        attribute("email", ADDRESS),
                        {"type": "text", "object_relation": "role", "value": "Witness"},
                    ],
                }
            ]
        ),
    ],
)
def test_a_witness_and_who_was_cleared_are_left_to_a_person(events: Any) -> None:
    (rejection,) = (one for one in opened(events) if isinstance(one, Rejection))
    assert (rejection.code, rejection.protects) == ("unknown_role", False)

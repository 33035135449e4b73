"""What a bundle says of a selector a step or more away, and whom it must not be laid upon."""

from typing import Any

import pytest

from screening.importers.csv_rows import entry_of
from screening.importers.entry import Entry, Rejection, Role
from tests.importers.importing import only_entry, only_rejection, opened

PHONE = {"type": "phone-number", "id": "phone-number--1", "value": "+12025550134"}
EMAIL = {"type": "email-addr", "id": "email-addr--1", "value": "desk@harbour.example"}
VICTIM = {"type": "identity", "id": "identity--1", "roles": ["victim"]}
WITNESS = {"type": "identity", "id": "identity--1", "roles": ["witness"]}
ACCOUNT = {"type": "user-account", "id": "user-account--1", "display_name": "victim 2"}
OBSERVED = {"type": "observed-data", "id": "observed-data--1", "object_refs": [PHONE["id"]]}
ACTOR = {"type": "threat-actor", "id": "threat-actor--1", "name": "X"}


def bundle(*objects: dict[str, Any]) -> dict[str, Any]:
    return {"type": "bundle", "id": "bundle--1", "objects": list(objects)}


def relation(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {"type": "relationship", "source_ref": one["id"], "target_ref": other["id"]}


def about_phone(kind: str, **others: Any) -> dict[str, Any]:
    return {"type": kind, "id": f"{kind}--1", "object_refs": [PHONE["id"]], **others}


def test_what_was_observed_again_and_again_was_seen_from_the_first_day_to_the_last() -> None:
    observed = [
        {**OBSERVED, "id": f"observed-data--{day}", "first_observed": day, "last_observed": day}
        for day in ("2026-03-02", "2026-02-01", "2026-04-01", "2026-03-09")
    ]
    entry = only_entry(opened(bundle(PHONE, *observed)))
    assert [str(day)[:10] for day in (entry.first_seen, entry.last_seen)] == [
        "2026-02-01",
        "2026-04-01",
    ]


@pytest.mark.parametrize(
    "objects",
    [
        [PHONE, VICTIM, OBSERVED, relation(OBSERVED, VICTIM)],
        [PHONE, VICTIM, OBSERVED, relation(VICTIM, OBSERVED)],
        [
            PHONE,
            VICTIM,
            OBSERVED,
            {
                "type": "sighting",
                "sighting_of_ref": VICTIM["id"],
                "observed_data_refs": [OBSERVED["id"]],
            },
        ],
        [
            PHONE,
            VICTIM,
            OBSERVED,
            {
                "type": "sighting",
                "where_sighted_refs": [VICTIM["id"]],
                "observed_data_refs": [OBSERVED["id"]],
            },
        ],
        [
            PHONE,
            OBSERVED,
            {"type": "sighting", "name": "victim", "observed_data_refs": [OBSERVED["id"]]},
        ],
        [{**EMAIL, "belongs_to_ref": ACCOUNT["id"]}, ACCOUNT],
        [
            PHONE,
            {"type": "x-person", "id": "x-person--1", "name": "victim"},
            relation({"id": "x-person--1"}, PHONE),
        ],
        [PHONE, {"type": "x-victim", "id": "x-1"}, relation({"id": "x-1"}, PHONE)],
        [PHONE, VICTIM, {**about_phone("note"), "object_refs": [PHONE["id"], VICTIM["id"]]}],
        [
            PHONE,
            {
                "type": "x-misp-object",
                "id": "x-misp-object--1",
                "x_misp_attributes": [{"type": "text", "object_relation": "age", "value": "14"}],
            },
            relation({"id": "x-misp-object--1"}, PHONE),
        ],
    ],
)
def test_a_victim_s_selector_is_left_to_a_person_however_far_away_it_is_told(
    objects: list[dict[str, Any]],
) -> None:
    rejection = only_rejection(opened(bundle(*objects)))
    assert (rejection.code, rejection.protects) == ("unknown_role", True)


@pytest.mark.parametrize(
    "objects",
    [
        [WITNESS, relation(WITNESS, PHONE)],
        [WITNESS, OBSERVED, relation(WITNESS, OBSERVED)],
        [about_phone("note", content="phone of the witness")],
        [about_phone("note", content="cleared; wrong number")],
        [about_phone("note", content="girls there")],
        [about_phone("opinion", opinion="neutral", explanation="false positive")],
        [about_phone("opinion", opinion="strongly-disagree")],
        [about_phone("report", name="Witness contacts")],
        [about_phone("grouping", name="Cleared")],
        [
            {"type": "indicator", "id": "indicator--1", "indicator_types": ["benign"]},
            relation({"id": "indicator--1"}, PHONE),
        ],
    ],
)
def test_whoever_else_is_not_to_be_listed_is_left_to_a_person(
    objects: list[dict[str, Any]],
) -> None:
    rejection = only_rejection(opened(bundle(PHONE, *objects)))
    assert (rejection.code, rejection.protects) == ("unknown_role", False)


@pytest.mark.parametrize(
    "objects",
    [
        [ACTOR, relation(ACTOR, VICTIM), relation(ACTOR, PHONE)],
        [{**ACTOR, "description": "has many victims"}, relation(ACTOR, PHONE)],
        [about_phone("report", name="C-1", object_refs=[PHONE["id"], VICTIM["id"]])],
        [about_phone("report", name="C-1"), relation({"id": "report--1"}, VICTIM)],
        [relation(VICTIM, {"id": "location--1"}), relation(PHONE, {"id": "location--1"})],
        [{**OBSERVED, "created_by_ref": VICTIM["id"]}],
        [
            OBSERVED,
            {
                "type": "sighting",
                "where_sighted_refs": ["identity--police"],
                "observed_data_refs": [OBSERVED["id"]],
            },
            {
                "type": "sighting",
                "where_sighted_refs": ["identity--police"],
                "sighting_of_ref": VICTIM["id"],
            },
        ],
    ],
)
def test_a_victim_of_an_actor_or_in_a_report_does_not_keep_the_actor_s_selector_from_the_list(
    objects: list[dict[str, Any]],
) -> None:
    assert only_entry(opened(bundle(PHONE, VICTIM, *objects))).role is Role.BUYER


EXTENSION = "extension-definition--1"
TOPLEVEL = {"extension_type": "toplevel-property-extension"}


@pytest.mark.parametrize(
    ("said", "protects"),
    [
        ({"x_is_victim": True}, True),
        ({"x_victim_id": "V-7"}, True),
        ({"x_role": "V"}, True),
        ({"x_age": 14}, True),
        ({"x_date_of_birth": "2015-03-14"}, True),
        ({"extensions": {EXTENSION: {"is_victim": True}}}, True),
        ({"extensions": {EXTENSION: {"persons": [{"age": "15"}]}}}, True),
        ({"x_cleared": "yes"}, False),
        ({"x_tags": [["victim"]]}, True),
        ({"X_Victim": "yes"}, True),
        ({"x_victim": {"name": "Ann"}}, True),
        ({"is_victim": True, "extensions": {EXTENSION: TOPLEVEL}}, True),
        ({"age": 14, "extensions": {EXTENSION: TOPLEVEL}}, True),
        ({"labels": ["V"]}, True),
    ],
)
@pytest.mark.parametrize("is_own", [True, False])
def test_members_that_are_none_of_the_standard_s_are_read_with_their_names(
    said: dict[str, Any], protects: bool, is_own: bool
) -> None:
    if is_own:
        objects = [{**PHONE, **said}]
    else:
        owner = {"type": "user-account", "id": "user-account--1", **said}
        objects = [PHONE, owner, relation(owner, PHONE)]
    rejection = only_rejection(opened(bundle(*objects)))
    assert (rejection.code, rejection.protects) == ("unknown_role", protects)


@pytest.mark.parametrize(
    "said",
    [
        {"x_is_victim": False},
        {"x_victim": "no"},
        {"x_age": 41},
        {"x_victim": {"known": False, "names": []}},
        {"is_victim": False, "age": 41, "extensions": {EXTENSION: TOPLEVEL}},
        {"x_opencti_score": 50},
        {"extensions": {EXTENSION: {"name": "Rosa Minor"}}},
        {"extensions": {EXTENSION: {"extension_type": "property-extension", "is_victim": 0}}},
    ],
)
def test_members_that_deny_or_say_nothing_of_it_keep_nobody_from_the_list(
    said: dict[str, Any],
) -> None:
    assert only_entry(opened(bundle({**PHONE, **said}))).role is Role.BUYER


@pytest.mark.parametrize(
    ("kind", "protects"),
    [("targets", True), ("Targets ", True), ("traffics", True), ("impersonates", False)],
)
def test_whom_an_offender_targets_is_left_to_a_person_and_the_offender_listed(
    kind: str, protects: bool
) -> None:
    offender = {"type": "identity", "id": "identity--2", "name": "X"}
    target = {"type": "identity", "id": "identity--3", "name": "Y"}
    named = {**relation(offender, target), "relationship_type": kind}
    of_target = relation(target, PHONE)
    of_offender = relation(offender, EMAIL)
    objects = [PHONE, EMAIL, offender, target, named, of_target, of_offender]
    rejection, entry = map(entry_of, opened(bundle(*objects)))
    assert isinstance(rejection, Rejection)
    assert (rejection.kind, rejection.code, rejection.protects) == (
        "phone",
        "unknown_role",
        protects,
    )
    assert isinstance(entry, Entry)


@pytest.mark.parametrize(
    "objects",
    [
        [{**PHONE, "x_owner_ref": VICTIM["id"]}, VICTIM],
        [PHONE, {"type": "x-person", "id": "x--1", "x_victim": 1, "phone_ref": PHONE["id"]}],
        [PHONE, {"type": "x-person", "id": "x--1", "x_victim": 1, "phone_refs": [PHONE["id"]]}],
        [
            PHONE,
            {
                "type": "language-content",
                "id": "language-content--1",
                "object_ref": PHONE["id"],
                "contents": {"de": {"description": "Telefon des Opfers"}},
            },
        ],
    ],
)
def test_references_by_members_that_are_none_of_the_standard_s_are_followed(
    objects: list[dict[str, Any]],
) -> None:
    assert only_rejection(opened(bundle(*objects))).protects


@pytest.mark.parametrize("member", ["created_by_ref", "x_opencti_granted_refs"])
def test_what_is_said_of_one_object_is_not_of_all_of_its_author_or_its_readers(member: str) -> None:
    author = {"type": "identity", "id": "identity--8", "name": "Unit 4"}
    by = {member: author["id"] if member.endswith("_ref") else [author["id"]]}
    rows = opened(bundle({**PHONE, **by, "x_victim": True}, {**EMAIL, **by}, author))
    assert [isinstance(entry_of(row), Entry) for row in rows] == [False, True]


@pytest.mark.parametrize(
    "member", ["created_by_ref", "x_opencti_created_by_ref", "x_opencti_granted_refs"]
)
def test_what_is_said_of_a_custom_object_is_not_of_its_author_or_its_readers(member: str) -> None:
    unit = {"type": "identity", "id": "identity--8", "name": "Unit 4"}
    by = {member: unit["id"] if member.endswith("_ref") else [unit["id"]]}
    case = {"type": "x-case", "id": "x-case--1", "x_victim": True, "phone_ref": PHONE["id"], **by}
    rows = opened(bundle(PHONE, EMAIL, case, unit, relation(unit, EMAIL)))
    assert [isinstance(entry_of(row), Entry) for row in rows] == [False, True]


def test_what_is_said_of_an_actor_is_not_of_whatever_refers_to_it() -> None:
    actor = {**ACTOR, "description": "has many victims"}
    phone = {**PHONE, "x_actor_ref": actor["id"], "x_actor_refs": [actor["id"]]}
    assert only_entry(opened(bundle(phone, actor))).role is Role.BUYER


@pytest.mark.parametrize("member", ["report_ref", "report_refs"])
def test_what_is_said_of_what_refers_to_a_report_is_not_of_all_in_it(member: str) -> None:
    report = {"type": "report", "id": "report--1", "name": "C-1", "object_refs": [EMAIL["id"]]}
    by = {member: report["id"] if member.endswith("_ref") else [report["id"]]}
    case = {"type": "x-case", "id": "x-case--1", "x_victim": True, "phone_ref": PHONE["id"], **by}
    rows = opened(bundle(PHONE, EMAIL, case, report))
    assert [isinstance(entry_of(row), Entry) for row in rows] == [False, True]


def test_what_is_said_of_one_of_many_is_not_of_the_others() -> None:
    case = {"type": "x-case", "id": "x-case--1", "contact_refs": [PHONE["id"], EMAIL["id"]]}
    rows = opened(bundle({**PHONE, "x_victim": True}, EMAIL, case))
    assert [isinstance(entry_of(row), Entry) for row in rows] == [False, True]


def test_references_in_circles_come_to_an_end() -> None:
    circle = {**OBSERVED, "object_refs": [PHONE["id"], OBSERVED["id"], "note--1"]}
    note = {"type": "note", "id": "note--1", "object_refs": [OBSERVED["id"], "note--1"]}
    assert only_entry(opened(bundle(PHONE, circle, note))).role is Role.BUYER

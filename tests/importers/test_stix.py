"""STIX bundles: what is taken of them, as what, and what is left out in so many words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from screening.importers.csv_rows import ListRow, entry_of
from screening.importers.detect import Format
from screening.importers.entry import Entry, Role
from screening.importers.stix_pattern import Comparison, find_comparisons
from tests.importers.importing import only_entry, only_rejection, opened, outcomes

PHONE = "+12025550134"
ADDRESS = "desk@harbour.example"
CARD = "4111111111111111"
AUTHOR = {"type": "identity", "id": "identity--1", "name": "Harbour Police"}
EMAIL = {"type": "email-addr", "id": "email-addr--1", "value": ADDRESS}


def bundle(*objects: dict[str, Any]) -> dict[str, Any]:
    return {"type": "bundle", "id": "bundle--1", "objects": list(objects)}


def indicator(pattern: str, **others: Any) -> dict[str, Any]:
    return {"type": "indicator", "id": "indicator--1", "pattern": pattern, **others}


@pytest.mark.parametrize(
    ("thing", "canonical"),
    [
        (EMAIL, ADDRESS),
        ({"type": "phone-number", "value": PHONE}, PHONE),
        ({"type": "phone-number", "number": PHONE}, PHONE),
        ({"type": "phone-number", "number": "020 7946 0958", "country": "GB"}, "+442079460958"),
        ({"type": "x-phone-number", "value": PHONE}, PHONE),
        ({"type": "telephone-number", "value": PHONE}, PHONE),
        ({"type": "x-opencti-phone-number", "value": PHONE}, PHONE),
        ({"type": "payment-card", "card_number": CARD}, CARD),
        ({"type": "bank-card", "number": CARD}, CARD),
        (
            {"type": "x-misp-attribute", "x_misp_type": "phone-number", "x_misp_value": PHONE},
            PHONE,
        ),
        (
            {"type": "x-misp-object", "x_misp_attributes": [{"type": "email", "value": ADDRESS}]},
            ADDRESS,
        ),
        (indicator(f"[email-addr:value = '{ADDRESS}']"), ADDRESS),
        (indicator(f"[email-message:from_ref.value = '{ADDRESS}']"), ADDRESS),
    ],
)
def test_a_selector_is_taken_in_each_form_that_is_in_use(
    thing: dict[str, Any], canonical: str
) -> None:
    file = opened(bundle(AUTHOR, thing))
    assert file.format is Format.STIX
    assert outcomes(file) == [(2, canonical)]


def test_an_indicator_says_all_that_a_row_can_hold() -> None:
    entry = only_entry(
        opened(
            bundle(
                AUTHOR,
                indicator(
                    f"[phone-number:value = '{PHONE}']",
                    created_by_ref="identity--1",
                    description="seen twice",
                    confidence=85,
                    valid_until="2027-12-31T12:00:00Z",
                ),
            )
        )
    )
    assert (entry.source, entry.reason, entry.confidence) == ("Harbour Police", "seen twice", 85)
    assert entry.expires_at == datetime(2027, 12, 31, 12, tzinfo=UTC)
    assert entry.role is Role.BUYER


def test_the_source_is_the_object_itself_where_nobody_is_named() -> None:
    assert only_entry(opened(bundle(EMAIL))).source == "email-addr--1"


def test_what_is_observed_has_the_author_of_the_observation() -> None:
    observed = {
        "type": "observed-data",
        "id": "observed-data--1",
        "created_by_ref": "identity--1",
        "object_refs": ["email-addr--1"],
    }
    assert only_entry(opened(bundle(AUTHOR, EMAIL, observed))).source == "Harbour Police"


def test_what_is_revoked_is_not_listed_in_any_of_its_versions() -> None:
    old = indicator(f"[email-addr:value = '{ADDRESS}']")
    assert outcomes(opened(bundle(old, {**old, "revoked": True}))) == [
        (1, "revoked"),
        (2, "revoked"),
    ]


def test_there_is_no_role_but_the_one_that_is_given() -> None:
    assert outcomes(opened(bundle(EMAIL), defaults=None)) == [(1, "unknown_role")]


@pytest.mark.parametrize("label", ["victim", "Victim", "VICTIM "])
def test_an_indicator_labelled_victim_is_one(label: str) -> None:
    thing = indicator(f"[email-addr:value = '{ADDRESS}']", labels=[label])
    assert only_entry(opened(bundle(thing))).role is Role.VICTIM


def test_a_label_that_only_speaks_of_a_victim_leaves_the_role_to_a_person() -> None:
    rejection = only_rejection(opened(bundle({**EMAIL, "labels": ["survivor"]})))
    assert (rejection.code, rejection.protects) == ("unknown_role", True)


def test_what_is_related_to_a_victim_is_not_listed_under_the_role_of_all() -> None:
    victim = {"type": "identity", "id": "identity--2", "roles": ["victim"]}
    relation = {
        "type": "relationship",
        "source_ref": "email-addr--1",
        "target_ref": "identity--2",
    }
    rejection = only_rejection(opened(bundle(victim, EMAIL, relation)))
    assert (rejection.code, rejection.protects) == ("unknown_role", True)


def test_contact_details_are_read_of_victims_and_of_nobody_else() -> None:
    contact = {"contact_information": f"mail {ADDRESS} or call {PHONE}"}
    file = opened(
        bundle({**AUTHOR, **contact}, {"type": "identity", "labels": ["victim"], **contact})
    )
    entries = [e for e in map(entry_of, file) if isinstance(e, Entry)]
    assert [(e.line, e.canonical.text, e.role) for e in entries] == [
        (2, ADDRESS, Role.VICTIM),
        (2, PHONE, Role.VICTIM),
    ]
    assert any("contact details" in notice.text for notice in file.warnings)


def test_other_objects_are_counted_by_type() -> None:
    file = opened(
        bundle(
            {"type": "malware"},
            {"type": "malware"},
            {"type": "\x1b[31m"},
            indicator("[ipv4-addr:value = '192.0.2.1']"),
            indicator("rule x {}", pattern_type="yara"),
        )
    )
    assert list(file) == []
    assert {notice.text: notice.count for notice in file.warnings} == {
        "objects are left out: malware": 2,
        "objects are left out: another type": 1,
        "objects are left out: indicator": 2,
    }


@pytest.mark.parametrize(
    "pattern",
    [
        "[email-addr:value = 'a@b.example' AND domain-name:value = 'b.example']",
        "[email-addr:value LIKE '%@b.example']",
        "[email-addr:value != 'a@b.example']",
        "[NOT email-addr:value = 'a@b.example']",
        "[email-addr:value = 'a@b.example'] FOLLOWEDBY [email-addr:value = 'c@d.example']",
        "[email-addr:value = 'a@b.example'] WITHIN 5 SECONDS",
        "[email-addr:value = 'a@b.example'",
        "[email-addr:value = 'a@b.example' OR]",
        "email-addr:value = 'a@b.example'",
        "[email-addr:display_name = 'a']",
        "[email-message:to_refs[*].value = 'a@b.example']",
    ],
)
def test_a_pattern_that_says_more_than_equality_is_reported(pattern: str) -> None:
    assert outcomes(opened(bundle(indicator(pattern)))) == [(1, "pattern_not_read")]


def test_a_pattern_stands_for_each_of_what_it_joins_by_or() -> None:
    pattern = (
        f"[email-addr:value='{ADDRESS}' OR phone-number:value = '{PHONE}'] OR "
        f"[bank-card:number == '{CARD}' OR ipv4-addr:value = '192.0.2.1']"
    )
    assert outcomes(opened(bundle(indicator(pattern)))) == [(1, ADDRESS), (1, PHONE), (1, CARD)]


def test_marks_in_a_pattern_s_values_are_read_as_they_are_meant() -> None:
    comparisons = find_comparisons(r"[email-addr:value = 'o\'x\\@b.example']")
    assert comparisons == [Comparison("email-addr", "value", r"o'x\@b.example")]
    assert "o'x" not in repr(comparisons)


def test_a_text_that_is_too_long_or_damaged_is_no_remark() -> None:
    long = {**EMAIL, "description": "x" * 40_000}
    marked = {**EMAIL, "description": "\0"}
    assert outcomes(opened(bundle(long, marked))) == [(1, "row_too_long"), (2, "control_character")]


def test_rows_show_nothing() -> None:
    (row,) = opened(bundle(EMAIL))
    assert isinstance(row, ListRow)
    assert "harbour" not in repr(row)


PATTERN = f"[email-addr:value = '{ADDRESS}']"
REFERS: dict[str, Any] = {"id": "x--1", "object_refs": ["email-addr--1"]}
RELATES = {"type": "relationship", "source_ref": "email-addr--1", "target_ref": "indicator--1"}


@pytest.mark.parametrize(
    "objects",
    [
        [indicator(PATTERN, name="Phone of a victim")],
        [indicator(PATTERN, description="rescued in May; victim of C-1")],
        [indicator(PATTERN, labels=["presumed-victim"])],
        [{**EMAIL, "display_name": "Survivor 3"}],
        [{**EMAIL, "x_role": "victim"}],
        [{**EMAIL, "extensions": {"x": {"role": ["Opfer"]}}}],
        [EMAIL, {**REFERS, "type": "observed-data", "name": "victims"}],
        [EMAIL, {**REFERS, "type": "observed-data", "labels": ["victim"]}],
        [EMAIL, {**REFERS, "type": "note", "content": "this is of the victim"}],
        [EMAIL, {**REFERS, "type": "grouping", "name": "Victims of C-1"}],
        [EMAIL, {**RELATES, "relationship_type": "victim-of"}],
        [EMAIL, RELATES, indicator("[ipv4-addr:value = '192.0.2.1']", name="the victim's")],
        [
            {
                "type": "x-misp-object",
                "x_misp_attributes": [
                    {"type": "email", "value": ADDRESS},
                    {"type": "text", "value": "victim"},
                ],
            }
        ],
    ],
)
def test_whatever_speaks_of_a_victim_about_an_object_leaves_its_role_open(
    objects: list[dict[str, Any]],
) -> None:
    rejection = only_rejection(opened(bundle(*objects)))
    assert (rejection.code, rejection.protects) == ("unknown_role", True)


@pytest.mark.parametrize(
    "members",
    [
        {"name": "Phone of the witness"},
        {"description": "a wrong number"},
        {"labels": ["false-positive"]},
        {"labels": ["key witness"]},
        {"description": "girl"},
    ],
)
def test_a_witness_and_who_was_cleared_are_left_to_a_person(members: dict[str, Any]) -> None:
    rejection = only_rejection(opened(bundle(indicator(PATTERN, **members))))
    assert rejection.code == "unknown_role"


def test_neither_an_address_nor_a_report_s_long_text_speaks_of_who_is_listed() -> None:
    address = {**EMAIL, "value": "victim.support@harbour.example"}
    report = {**REFERS, "type": "report", "name": "C-1", "description": "it had many victims"}
    assert only_entry(opened(bundle(address, report))).role is Role.BUYER


@pytest.mark.parametrize("member", ["to_refs", "cc_refs", "bcc_refs"])
def test_whom_a_message_was_sent_to_is_not_listed_and_who_sent_it_is(member: str) -> None:
    sender = {**EMAIL, "id": "email-addr--2", "value": "from@harbour.example"}
    message = {
        "type": "email-message",
        "from_ref": "email-addr--2",
        member: ["email-addr--1", "email-addr--2"],
    }
    file = opened(bundle(sender, EMAIL, message))
    assert outcomes(file) == [(1, "from@harbour.example"), (2, "unknown_role")]
    victim = opened(bundle({**EMAIL, "labels": ["victim"]}, message))
    assert only_entry(victim).role is Role.VICTIM


@pytest.mark.parametrize(
    "thing",
    [
        {"type": "x-misp-attribute", "x_misp_type": "email-dst", "x_misp_value": ADDRESS},
        {
            "type": "x-misp-object",
            "x_misp_attributes": [{"type": "email", "object_relation": "to", "value": ADDRESS}],
        },
    ],
)
def test_whom_a_message_in_a_converted_event_was_sent_to_is_not_listed(
    thing: dict[str, Any],
) -> None:
    rejection = only_rejection(opened(bundle(thing)))
    assert (rejection.code, rejection.protects) == ("unknown_role", False)

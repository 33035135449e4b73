"""A record of matches has one form; what a host writes otherwise is none."""

from typing import Any

import msgspec
import pytest

from screening.ledger.match_records import parse_match_record

BOX = "A" * 128
RECORD: dict[str, Any] = {
    "type": "check",
    "at": "2026-11-29T12:00:00Z",
    "receipt": "a" * 26,
    "partner": "acme",
    "api_key": "k",
    "key_id": "acme-2026a",
    "asked": 2,
    "outcomes": {"match": 2},
    "matches": {"0": BOX, "9999": BOX},
    "generation": "00000003-1234abcd",
    "sealed": {"to": "0" * 16, "key": "A" * 107 + "=", "number": 0},
}


def test_a_record_of_matches_is_taken_as_it_stands() -> None:
    access = parse_match_record(msgspec.json.encode(RECORD))
    assert access is not None
    assert access.matches == RECORD["matches"]


@pytest.mark.parametrize(
    "said",
    [
        {"matches": {"1": BOX, "01": BOX}},
        {"matches": {"\u0661": BOX}},
        {"matches": {"1\n": BOX}},
        {"matches": {"-1": BOX}},
        {"matches": {"10000": BOX}},
        {"matches": {"1": BOX + "="}},
        {"matches": {"1": "=" * 128}},
        {"matches": {}},
        {"partner": "a\0b"},
        {"partner": "acme\n"},
        {"partner": ""},
        {"key_id": "k" * 33},
        {"key_id": "k\0"},
        {"generation": "g" * 21},
        {"generation": ""},
        {"receipt": "a" * 26 + "\n"},
        {"receipt": "a" * 26 + ".1"},
        {"at": "9999-12-31T23:59:59-14:00"},
        {"at": "0001-01-01T00:00:00+14:00"},
        {"at": "2026-11-29T12:00:00"},
        {"sealed": None},
    ],
)
def test_what_is_of_another_form_is_none(said: dict[str, Any]) -> None:
    assert parse_match_record(msgspec.json.encode(RECORD | said)) is None

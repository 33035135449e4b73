"""Where a booking is made stands sealed in the records of matches, and of others nowhere."""

import json
from typing import Any

import msgspec
import pytest

from screening.disclosure.opening import read_private_halves
from tests.api.journal_records import bytes_below, opened, record_of
from tests.api.standing import LISTED, UNLISTED, Standing
from tests.api.test_actor import ask, packed
from tests.ledger.looking import read_records


def line_of(standing: Standing, receipt: str) -> dict[str, Any]:
    payloads = [payload for _, _, payload in read_records(standing.journal)]
    (line,) = [one for one in payloads if receipt.encode() in one]
    return dict(json.loads(line))


def test_it_is_in_the_box_of_a_match_whatever_the_route_and_absent_where_it_is_not_told(
    standing: Standing,
) -> None:
    body = standing.bulker.body(LISTED[0], UNLISTED[0])
    told = {**body, "booking_region": "ZW"}
    answers = [
        ask(standing, msgspec.json.encode(told)),
        ask(standing, msgspec.json.encode({**told, "actor": "desk-7f3a"}), route="bulk"),
        ask(standing, packed(told), route="bulk", form="msgpack"),
        ask(standing, msgspec.json.encode(body)),
    ]
    halves = read_private_halves(standing.deployment.disclosure)
    found = []
    for answer in answers:
        assert answer.json()["results"] == ["match", "no_match"]
        record = record_of(standing.journal, answer.json()["receipt"])
        (match,) = opened(record, *halves).values()
        found.append(match and match.booking_region)
    assert found == ["ZW"] * 3 + [None]


def test_of_what_did_not_match_nothing_tells_that_it_was_given(standing: Standing) -> None:
    body = standing.bulker.body(*UNLISTED)
    with_it = ask(standing, msgspec.json.encode({**body, "booking_region": "ZW"})).json()
    without = ask(standing, msgspec.json.encode(body)).json()
    told, untold = (line_of(standing, answer["receipt"]) for answer in (with_it, without))
    own = {"at", "receipt", "commitment"}
    assert told.keys() == untold.keys()
    assert {**told, **dict.fromkeys(own)} == {**untold, **dict.fromkeys(own)}
    assert b"booking_region" not in bytes_below(standing.deployment.home)
    assert b'"ZW"' not in bytes_below(standing.journal)


@pytest.mark.parametrize("region", ['"zw"', '"ZZ"', '"ZWE"', '"ZW\\n"', '""', "null", "7", "[]"])
def test_another_spelling_is_a_400_that_names_the_place_and_not_the_value(
    standing: Standing, region: str
) -> None:
    body = msgspec.json.encode(standing.bulker.body(LISTED[0]))[:-1]
    for route in ("check", "bulk"):
        refused = ask(standing, body + f',"booking_region":{region}}}'.encode(), route=route)
        assert refused.status_code == 400
        assert refused.json()["pointer"] == "#/booking_region"
        assert refused.json()["detail"].startswith("booking_region is ")
        assert "ZW" not in refused.text.upper()


@pytest.mark.parametrize(
    "twice",
    [
        '"booking_region":"DE","booking_region":"ZW"',
        '"booking_region":"DE","key_id":"x"',
        '"booking_region":"DE","actor":"a1","actor":"a2"',
    ],
)
def test_a_member_given_twice_beside_it_is_a_400(standing: Standing, twice: str) -> None:
    body = msgspec.json.encode(standing.bulker.body(LISTED[0]))[:-1] + f",{twice}}}".encode()
    for route in ("check", "bulk"):
        refused = ask(standing, body, route=route)
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid_request")

"""An actor is on record as part of the record's line, and is asked for once and in one spelling."""

import base64
from typing import Any

import httpx
import msgspec
import pytest

from tests.api.journal_records import record_of
from tests.api.standing import Standing

PHONE = ("phone", "+12025550100")


def ask(
    standing: Standing, content: bytes, *, route: str = "check", form: str = "json"
) -> httpx.Response:
    return httpx.post(
        f"{standing.api.url}/v1/{route}",
        content=content,
        headers={**standing.bulker.headers, "content-type": f"application/{form}"},
    )


def packed(body: dict[str, Any]) -> bytes:
    rows = [{**row, "token": base64.b64decode(row["token"])} for row in body["selectors"]]
    check = base64.b64decode(body["key_check"])
    return msgspec.msgpack.encode({**body, "key_check": check, "selectors": rows})


def test_it_is_journalled_whatever_the_route_and_absent_where_it_is_not_told(
    standing: Standing,
) -> None:
    body = standing.bulker.body(PHONE)
    named = {**body, "actor": "desk-7f3a"}
    answers = [
        ask(standing, msgspec.json.encode(named)),
        ask(standing, msgspec.json.encode(named), route="bulk"),
        ask(standing, packed(named), route="bulk", form="msgpack"),
        ask(standing, msgspec.json.encode(body)),
        ask(standing, packed(body), route="bulk", form="msgpack"),
    ]
    receipts = [answer.json()["receipt"] for answer in answers]
    told = [record_of(standing.journal, receipt).actor for receipt in receipts]
    assert told == ["desk-7f3a"] * 3 + [None] * 2


@pytest.mark.parametrize("actor", ['"jane.doe"', '"a1\\n"', "null", "7", '"a@b.example"', '""'])
def test_another_spelling_is_a_400_that_names_the_place(standing: Standing, actor: str) -> None:
    body = msgspec.json.encode(standing.bulker.body(PHONE))[:-1] + f',"actor":{actor}}}'.encode()
    for route in ("check", "bulk"):
        refused = ask(standing, body, route=route)
        assert refused.status_code == 400
        assert refused.json()["pointer"] == "#/actor"
        assert "jane" not in refused.text


@pytest.mark.parametrize("twice", ['"actor":"a1","actor":"a2"', '"actor":"a1","key_id":"x"'])
def test_a_member_given_twice_beside_it_is_a_400(standing: Standing, twice: str) -> None:
    body = msgspec.json.encode(standing.bulker.body(PHONE))[:-1] + f",{twice}}}".encode()
    for route in ("check", "bulk"):
        refused = ask(standing, body, route=route)
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid_request")

"""An observer of lengths learns how many selectors were asked, and no result."""

import base64
from collections.abc import Callable, Sequence
from itertools import product

import httpx
import msgspec
import pytest

from tests.api.standing import TEST_LISTED, Standing, encode, random_tokens

JSON, MSGPACK = "application/json", "application/msgpack"

Ask = Callable[[Sequence[str]], httpx.Response]


@pytest.fixture(params=["check as JSON", "bulk as JSON", "bulk as MessagePack"])
def ask(standing: Standing, request: pytest.FixtureRequest) -> Ask:
    """Ask so that the given results come back."""
    route, _, media_type = str(request.param).partition(" as ")
    partner = standing.tester
    listed = partner.body(TEST_LISTED[0])["selectors"][0]["token"]
    missing = random_tokens(1)[0]
    accept = MSGPACK if media_type == "MessagePack" else JSON

    def ask_for(results: Sequence[str]) -> httpx.Response:
        tokens = {"match": listed, "no_match": missing, "invalid": "x"}
        rows = [{"kind": "phone", "token": tokens[result]} for result in results]
        body = encode(partner.body() | {"selectors": rows})
        response = standing.post(route, body, partner, accept=accept)
        assert response.status_code == 200, response.text
        assert response.headers["content-type"] == accept
        answer = response.json() if accept == JSON else msgspec.msgpack.decode(response.content)
        assert answer["results"] == list(results)
        return response

    return ask_for


def sizes(response: httpx.Response) -> tuple[int, int]:
    """Return the bytes of head and body as they travelled."""
    head = sum(len(name) + len(value) for name, value in response.headers.raw)
    return head, len(response.content)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_all_combinations_of_match_and_no_match_have_one_length(ask: Ask, count: int) -> None:
    combinations = product(("match", "no_match"), repeat=count)
    assert len({sizes(ask(results)) for results in combinations}) == 1


@pytest.mark.parametrize("count", [15, 16])
def test_none_some_and_all_of_a_full_check_have_one_length(ask: Ask, count: int) -> None:
    combinations = [
        ["match"] * matched + ["no_match"] * (count - matched) for matched in range(count + 1)
    ]
    assert len({sizes(ask(results)) for results in combinations}) == 1


def test_other_numbers_of_selectors_have_other_lengths(ask: Ask) -> None:
    lengths = [len(ask(["no_match"] * count).content) for count in (1, 2, 3)]
    assert lengths[0] < lengths[1] < lengths[2]


@pytest.mark.parametrize("accept", [JSON, MSGPACK])
def test_bulk_rows_of_all_three_sorts_have_one_length(standing: Standing, accept: str) -> None:
    partner = standing.tester
    listed = partner.body(TEST_LISTED[1])["selectors"][0]
    missing, invalid = {"kind": "card", "token": random_tokens(1)[0]}, {"kind": "?", "token": "x"}

    def length(rows: list[dict[str, str]]) -> int:
        response = standing.post(
            "bulk", partner.body() | {"selectors": rows}, partner, accept=accept
        )
        assert response.status_code == 200
        return len(response.content)

    for count in (1, 2, 3):
        rows = product((listed, missing, invalid), repeat=count)
        assert len({length(list(one)) for one in rows}) == 1
    # Past the numbers that change how MessagePack writes lengths: 15, 255 and 65,535 bytes.
    for count in (16, 90, 300, 10_000):
        halves = [listed, missing] * (count // 2)
        whole = [[listed] * count, [missing] * count, [invalid] * count, halves]
        assert len({length(rows) for rows in whole}) == 1


def test_the_padding_can_be_read_over(standing: Standing) -> None:
    partner = standing.tester
    as_json = standing.post("check", partner.body(*TEST_LISTED), partner)
    assert as_json.content.rstrip(b" ").endswith(b"}")
    assert len(as_json.content) - len(as_json.content.rstrip(b" ")) == 3 * 4
    packed = standing.post("bulk", partner.body(*TEST_LISTED), partner, accept=MSGPACK)
    answer = msgspec.msgpack.decode(packed.content)
    assert answer["padding"] == bytes(3 * 4)
    assert len(base64.b64decode(answer["opening"])) == 32


def test_nothing_is_compressed_whatever_the_caller_accepts(standing: Standing) -> None:
    body = standing.tester.body(*TEST_LISTED)
    response = standing.post(
        "check", body, standing.tester, accept_encoding="gzip, br, zstd, deflate"
    )
    assert "content-encoding" not in response.headers
    assert "transfer-encoding" not in response.headers
    assert int(response.headers["content-length"]) == len(response.content)

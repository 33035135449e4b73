"""The form of the answer follows Accept, and MessagePack says what JSON says."""

import base64

import msgspec
import pytest

from tests.api.journal_records import record_of
from tests.api.questions import MIXED, MIXED_RESULTS, answer_of, packed
from tests.api.standing import LISTED, TEST_LISTED, UNLISTED, Standing
from tests.harness.reading import commitment

MSGPACK = "application/msgpack"


def test_messagepack_is_answered_like_json(standing: Standing) -> None:
    question = msgspec.msgpack.encode(packed(standing.bulker, *MIXED))
    response = standing.post(
        "bulk", question, standing.bulker, content_type=MSGPACK, accept=MSGPACK
    )
    assert response.status_code == 200
    assert response.headers["content-type"] == MSGPACK
    answer = msgspec.msgpack.decode(response.content)
    assert list(answer) == ["result", "results", "receipt", "opening", "list", "padding"]
    assert answer["results"] == MIXED_RESULTS
    assert isinstance(answer["padding"], bytes)
    record = record_of(standing.journal, answer["receipt"])
    tokens = [standing.bulker.token(*selector) for selector in MIXED]
    question_told = zip([kind for kind, _ in MIXED], tokens, MIXED_RESULTS, strict=True)
    assert record.commitment == commitment(base64.b64decode(answer["opening"]), question_told)


def test_a_malformed_row_in_messagepack_is_invalid_for_that_row_only(standing: Standing) -> None:
    body = packed(standing.bulker, LISTED[0], LISTED[0], UNLISTED[0], LISTED[1])
    body["selectors"][1]["token"] = bytes(31)
    body["selectors"][2]["kind"] = "passport"
    response = standing.post(
        "bulk", msgspec.msgpack.encode(body), standing.bulker, content_type=MSGPACK
    )
    assert answer_of(response)["results"] == ["match", "invalid", "invalid", "match"]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("", "application/json"),
        ("application/json", "application/json"),
        (MSGPACK, MSGPACK),
        ("APPLICATION/MSGPACK", MSGPACK),
        (f"text/html, {MSGPACK}", MSGPACK),
        (f"{MSGPACK}, application/json", "application/json"),
        (f"{MSGPACK}, application/json;q=0.5", MSGPACK),
        (f"{MSGPACK}; q=0.1, */*; q=0.2", "application/json"),
        ("application/json;q=0, */*", MSGPACK),
        (f"{MSGPACK};q=0, application/*", "application/json"),
        ("text/html", None),
        ("*/*;q=0", None),
        ("application/json;q=0.000", None),
        (f"{MSGPACK};q=0", None),
    ],
)
@pytest.mark.parametrize("content_type", ["application/json", MSGPACK])
def test_the_answer_follows_accept_whatever_the_question_came_in(
    standing: Standing, accept: str, expected: str | None, content_type: str
) -> None:
    partner = standing.tester
    body = (
        msgspec.msgpack.encode(packed(partner, TEST_LISTED[0]))
        if content_type == MSGPACK
        else partner.body(TEST_LISTED[0])
    )
    response = standing.post("bulk", body, partner, content_type=content_type, accept=accept)
    if expected is None:
        assert response.status_code == 406
        assert response.headers["content-type"] == "application/problem+json"
    else:
        assert response.status_code == 200
        assert response.headers["content-type"] == expected


def test_a_problem_is_json_for_those_who_accept_messagepack_only_too(standing: Standing) -> None:
    response = standing.post("bulk", b"\xc1", standing.bulker, content_type=MSGPACK, accept=MSGPACK)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == "invalid_request"


def test_parameters_of_the_media_type_are_no_matter(standing: Standing) -> None:
    body = standing.tester.body(TEST_LISTED[0])
    for content_type in ("application/json; charset=utf-8", "APPLICATION/JSON"):
        response = standing.post("check", body, standing.tester, content_type=content_type)
        assert response.status_code == 200

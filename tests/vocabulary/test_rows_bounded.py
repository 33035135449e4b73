"""A bulk question in JSON has so many rows at most, and what cannot is refused undecoded."""

import json

import pytest

from screening.vocabulary.errors import InvalidRequest
from screening.vocabulary.question import read_bulk_json
from screening.vocabulary.wire import BULK_MAX_BODY_BYTES, BULK_MAX_SELECTORS
from tests.harness.reading import whole
from tests.vocabulary.questions import TOKEN_TEXT, encoded

ODD = [",,,,", '","', '\\","\\', "\\\\,", '{"a":1,', "\u2028,\U0001f600,"]
"""What a row may hold, though it is `invalid` then."""


def refusal(body: bytes) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as refused:
        whole(read_bulk_json(body))
    return refused.value


@pytest.mark.parametrize("value", ["1", "{}", "[]", '""', '{"kind":"phone","token":""}', '"\\","'])
def test_far_more_rows_than_a_question_has_are_refused_before_they_are_decoded(value: str) -> None:
    rows = ",".join([value] * 60_000)
    error = refusal(encoded(read_bulk_json, selectors=["X"]).replace(b'"X"', rows.encode()))
    assert str(error) == "the body has more than 10000 selectors can have; see /docs"
    assert error.pointer == "#/selectors"


def test_one_row_too_many_is_told_as_of_any_list() -> None:
    row = {"kind": "card", "token": TOKEN_TEXT}
    error = refusal(encoded(read_bulk_json, selectors=[row] * (BULK_MAX_SELECTORS + 1)))
    assert str(error) == "selectors is longer than 10000; see /docs"


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("spaces", [None, 1])
def test_as_many_rows_as_a_question_may_have_are_read_whatever_they_hold(
    odd: str, spaces: int | None
) -> None:
    rows = [{"kind": odd, "token": odd}] * (BULK_MAX_SELECTORS - 1)
    good = {"kind": "card", "token": TOKEN_TEXT}
    told = {"actor": "agent-7", "booking_region": "DE"}
    asked = json.loads(encoded(read_bulk_json, selectors=[*rows, good], **told))
    body = json.dumps(asked, indent=spaces).encode()
    assert len(body) <= BULK_MAX_BODY_BYTES
    question = whole(read_bulk_json(body))
    assert question.kinds == [""] * (BULK_MAX_SELECTORS - 1) + ["card"]

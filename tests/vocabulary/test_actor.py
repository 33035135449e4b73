"""Who asks on a partner's behalf: opaque ids, and no name, address or number."""

import pytest

from screening.vocabulary.actor import require_actor
from screening.vocabulary.errors import InvalidRequest


@pytest.mark.parametrize("text", ["a1", "desk-7f3a", "7f3a9c", "A.1_b-2", "x" * 63 + "1", "-a1"])
def test_an_opaque_id_is_taken(text: str) -> None:
    assert require_actor(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "1",
        "jane.doe",
        "Jane",
        "jane@mail.example",
        "+12025550142",
        "12025550142",
        "4242424242424242",
        "202.555.0142",
        "a 1",
        "a1\n",
        "é1",
        "x" * 64 + "1",
    ],
)
def test_what_looks_like_a_name_an_address_or_a_number_is_refused_and_not_repeated(
    text: str,
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        require_actor(text)
    assert len(text) < 3 or text not in str(refused.value)

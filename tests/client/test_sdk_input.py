"""What programs pass to the SDK, whatever its types say: refused within the tree of errors."""

import asyncio
from typing import Any

import pytest

from screening.client import AsyncScreeningClient, ScreeningClient
from screening.vocabulary.errors import InvalidRequest, NotCanonical
from screening.vocabulary.kit import Kit
from screening.vocabulary.normalise import normalise
from tests.client.conftest import EMAIL, PHONE, Check
from tests.client.peer import Peer

NO_SELECTORS: dict[str, Any] = {
    "a number": ("phone", 12025550142),
    "nought": ("phone", 0),
    "bytes": ("email", b"jane@booking.test"),
    "not a number, as tables have it": ("phone", float("nan")),
    "a value alone": "+12025550142",
    "three of them": ("phone", "+12025550142", "US"),
    "nothing": None,
}


@pytest.mark.parametrize("name", NO_SELECTORS)
def test_what_is_no_selector_is_refused_by_its_place_and_not_repeated(
    check: Check, kit: Kit, peer: Peer, name: str
) -> None:
    with pytest.raises(InvalidRequest, match=r"^(the value of )?a selector is no") as refused:
        check(kit, [EMAIL, NO_SELECTORS[name]])
    assert refused.value.position == 1
    assert "2025550142" not in str(refused.value)
    assert peer.total("/v1/check") == 0


def test_tokens_of_what_is_no_selector_are_refused_alike(kit: Kit) -> None:
    async def derive(selector: Any) -> None:
        async with AsyncScreeningClient(kit, timeout_ms=20_000) as client:
            await client.tokens([selector])

    for selector in NO_SELECTORS.values():
        with ScreeningClient(kit, timeout_ms=20_000) as client, pytest.raises(InvalidRequest):
            client.tokens([selector])
        with pytest.raises(InvalidRequest):
            asyncio.run(derive(selector))


@pytest.mark.parametrize("kind", ["passport", 7, None, []])
def test_a_kind_that_is_none_is_unknown_at_its_place(kit: Kit, kind: Any) -> None:
    with ScreeningClient(kit, timeout_ms=20_000) as client, pytest.raises(NotCanonical) as refused:
        client.check([PHONE, EMAIL, (kind, "X1")])
    assert (refused.value.code, refused.value.position) == ("unknown_kind", 2)


def test_a_region_that_is_not_text_is_refused(kit: Kit) -> None:
    region: Any = 44
    with (
        ScreeningClient(kit, timeout_ms=20_000) as client,
        pytest.raises(InvalidRequest, match="region") as refused,
    ):
        client.check([("phone", "202 555 0100")], region=region)
    assert refused.value.position is None


def test_values_where_bulk_takes_tokens_are_refused(kit: Kit, peer: Peer) -> None:
    values: Any = [PHONE, EMAIL]
    with (
        ScreeningClient(kit, timeout_ms=20_000) as client,
        pytest.raises(InvalidRequest, match="tokens"),
    ):
        client.bulk(values)
    assert peer.total("/v1/bulk") == 0


def test_a_value_by_itself_has_no_position() -> None:
    with pytest.raises(NotCanonical) as refused:
        normalise("phone", "12")
    assert refused.value.position is None

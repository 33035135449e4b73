"""Whose API key it is: one identical refusal for every other (docs/architecture.md, "API keys")."""

import hmac
import zlib
from typing import Literal

import pytest

from screening.registry.reader import Registry
from screening.registry.record import ApiKeyRecord, ApiKeyVerifiers, PartnerRecord
from screening.vocabulary.api_key import ApiKey, Mode, find_api_key, new_api_key
from screening.vocabulary.errors import Unauthenticated

SERVER_KEY = bytes(range(32))
NOW = 1_795_000_000


def record(
    *keys: ApiKey,
    partner: str = "acme",
    mode: Mode = "live",
    state: Literal["active", "suspended"] = "active",
    expires_at: int | None = None,
) -> PartnerRecord:
    return PartnerRecord(
        format="screening-partner/1",
        partner=partner,
        sequence=1,
        issued_at=NOW,
        state=state,
        mode=mode,
        server_key_id=ApiKeyVerifiers(SERVER_KEY).server_key_id,
        key_ids=[f"{partner}-2026a"],
        api_keys=[
            ApiKeyRecord(
                id=key.id,
                verifier=ApiKeyVerifiers(SERVER_KEY).of(key.text.encode()),
                scopes=["check"],
                expires_at=expires_at,
            )
            for key in keys
        ],
        selectors_per_second=100,
        daily_selectors=1_000,
    )


def refusal(registry: Registry, text: str, now: float = NOW) -> str:
    with pytest.raises(Unauthenticated) as caught:
        registry.authenticate(text.encode(errors="surrogatepass"), now)
    assert caught.value.args == (str(caught.value),)
    return str(caught.value)


def with_secret_of(key: ApiKey, other: ApiKey) -> str:
    """Return a well-formed key with the id of `key` and the secret of `other`."""
    start = f"gsk_{key.mode}_{key.id}_{other.text.split('_')[3]}"
    text = f"{start}_{zlib.crc32(start.encode()):08x}"
    assert find_api_key(text) is not None
    return text


@pytest.mark.parametrize("mode", ["live", "test"])
def test_a_good_key_names_its_partner(mode: Mode) -> None:
    key, others = new_api_key(mode), new_api_key(mode)
    registry = Registry(
        [record(others, partner="other", mode=mode), record(key, mode=mode)], SERVER_KEY
    )
    caller = registry.authenticate(key.text.encode(), NOW)
    assert (caller.partner.partner, caller.api_key.id) == ("acme", key.id)


def test_both_live_keys_of_a_partner_are_accepted() -> None:
    keys = [new_api_key("live"), new_api_key("live")]
    registry = Registry([record(*keys)], SERVER_KEY)
    assert [registry.authenticate(key.text.encode(), NOW).api_key.id for key in keys] == [
        key.id for key in keys
    ]


def test_a_key_is_accepted_until_the_second_it_expires() -> None:
    key = new_api_key("live")
    registry = Registry([record(key, expires_at=NOW)], SERVER_KEY)
    assert registry.authenticate(key.text.encode(), NOW - 0.1).api_key.id == key.id
    refusal(registry, key.text, NOW)


def test_every_refusal_is_the_same() -> None:
    key, stranger = new_api_key("live"), new_api_key("live")
    sentences = {
        refusal(Registry([record(key)], SERVER_KEY), stranger.text),
        refusal(Registry([record(key)], SERVER_KEY), with_secret_of(key, stranger)),
        refusal(Registry([record(key, expires_at=NOW - 1)], SERVER_KEY), key.text),
        refusal(Registry([record(key, state="suspended")], SERVER_KEY), key.text),
        refusal(Registry([record(key, mode="test")], SERVER_KEY), key.text),
        refusal(Registry([record(new_api_key("test"))], SERVER_KEY), key.text),
        refusal(Registry([record(key)], bytes(32)), key.text),  # verified under another server key
        refusal(Registry([record(key)], SERVER_KEY), key.text[:-1]),
        refusal(Registry([record(key)], SERVER_KEY), f"{key.text}\n"),
        refusal(Registry([record(key)], SERVER_KEY), key.text.upper()),
        refusal(Registry([record(key)], SERVER_KEY), ""),
        refusal(Registry([record(key)], SERVER_KEY), "gsk_live_\ud800"),
        refusal(Registry([record()], SERVER_KEY), key.text),
        refusal(Registry([], SERVER_KEY), key.text),
    }
    assert len(sentences) == 1
    assert key.id not in sentences.pop()


def test_a_verifier_is_of_the_whole_key_and_the_server_key() -> None:
    key, other = new_api_key("live"), new_api_key("live")
    verifiers = [
        ApiKeyVerifiers(SERVER_KEY).of(key.text.encode()),
        ApiKeyVerifiers(bytes(32)).of(key.text.encode()),
        ApiKeyVerifiers(SERVER_KEY).of(other.text.encode()),
    ]
    assert len(set(verifiers)) == 3
    assert verifiers[0] == hmac.digest(
        SERVER_KEY, b"screening/v1/api-key\0" + key.text.encode(), "sha256"
    )

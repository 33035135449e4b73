"""Who an API key belongs to: looked up in memory, by what verifies it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from screening.registry.networks import Network, parse_networks
from screening.registry.record import ApiKeyRecord, ApiKeyVerifiers, PartnerRecord
from screening.vocabulary.api_key import Mode
from screening.vocabulary.errors import Unauthenticated

_START: Final[dict[Mode, bytes]] = {"live": b"gsk_live_", "test": b"gsk_test_"}


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller: the partner's record, and the key that was used.

    `networks` are where the key may be used from; anywhere where there are none.
    """

    partner: PartnerRecord
    api_key: ApiKeyRecord
    networks: tuple[Network, ...] = ()


class Registry:
    """All partners of one moment; replaced as a whole when any record changes."""

    def __init__(self, partners: Iterable[PartnerRecord], server_key: bytes) -> None:
        self._verifiers = ApiKeyVerifiers(server_key)
        self._by_verifier = {
            key.verifier: Caller(partner, key, parse_networks(key.networks))
            for partner in partners
            for key in partner.api_keys
        }

    def authenticate(self, text: bytes, now: float) -> Caller:
        """Return whose API key `text` is; raises `Unauthenticated`, the same for every reason.

        `now` is Unix seconds. What is looked up is an HMAC, which nobody without the server key can
        aim at another: how long that takes tells nothing about any key. And it is the same work for
        a text that is no key.
        """
        caller = self._by_verifier.get(self._verifiers.of(text))
        if caller is None:
            raise Unauthenticated
        partner, is_live = caller.partner, caller.api_key.is_live(now)
        if not is_live or partner.state != "active" or not text.startswith(_START[partner.mode]):
            raise Unauthenticated
        return caller

"""Who an API key belongs to: looked up in memory, compared in constant time."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from screening.registry.record import ApiKeyRecord, ApiKeyVerifiers, PartnerRecord
from screening.vocabulary.api_key import find_api_key
from screening.vocabulary.errors import Unauthenticated

# What an unknown id is compared with, so that it takes as long as a known one.
_NOBODY = ApiKeyRecord(id="", verifier=bytes(32), scopes=[])


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller: the partner's record, and the key that was used."""

    partner: PartnerRecord
    api_key: ApiKeyRecord


class Registry:
    """All partners of one moment; replaced as a whole when any record changes."""

    def __init__(self, partners: Iterable[PartnerRecord], server_key: bytes) -> None:
        self._verifier_of = ApiKeyVerifiers(server_key).of
        self._by_key_id = {
            key.id: Caller(partner, key) for partner in partners for key in partner.api_keys
        }

    def authenticate(self, text: str, now: float) -> Caller:
        """Return whose API key `text` is; raises `Unauthenticated`, the same for every reason.

        `now` is Unix seconds.
        """
        key = find_api_key(text)
        if key is None:
            raise Unauthenticated
        caller = self._by_key_id.get(key.id)
        expected = (caller.api_key if caller else _NOBODY).verifier
        genuine = hmac.compare_digest(self._verifier_of(key), expected)
        if not genuine or caller is None:
            raise Unauthenticated
        partner, expires_at = caller.partner, caller.api_key.expires_at
        expired = expires_at is not None and now >= expires_at
        if expired or partner.state != "active" or partner.mode != key.mode:
            raise Unauthenticated
        return caller

"""What an API host says of itself: which release it answers from (docs/redis.md)."""

from typing import Annotated, Final, Literal

import msgspec
import redis

from screening.store import keys
from screening.store.connection import store_errors

ATTESTATION_LIFE_S: Final = 30
"""A host that has said nothing for so long counts as gone."""

_Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
ATTESTATION_MAX_BYTES: Final = 1 << 20
"""More than the generations of 10,000 token keys need."""


class HostAttestation(msgspec.Struct, frozen=True):
    """Written by sync under `run:host:<host>`; `at` is Unix seconds.

    `release` is the lowest that any worker of the host answers from, `versions` what all of them
    answer from for each token key (`Head.version`), `peppers` names those that the host was given
    and `pepper` that in its `pepper.key`, at first an older one in a rotation. It is no proof:
    Redis is not trusted: no answer rests on it, but display, waiting, and when old keys may go.
    """

    format: Literal["screening-host/2"]
    host: Annotated[str, msgspec.Meta(max_length=253)]  # RFC 1035 section 2.3.4, as text
    at: _Count
    release: _Count
    workers: _Count
    versions: dict[str, str]
    peppers: list[str] = []
    pepper: str = ""
    mark: str = ""
    """16 hex characters, random in each: its host tells by it what another host has written."""


def attest(store: redis.Redis, attestation: HostAttestation, *, life_ms: int) -> None:
    """Write what a host says of itself; raises `StoreUnavailable`."""
    with store_errors():
        name = keys.host(attestation.host)
        store.set(name, msgspec.json.encode(attestation), px=life_ms)

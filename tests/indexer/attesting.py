"""Hosts that attest what a test says."""

import time
from collections.abc import Sequence

import msgspec

from screening.generations.attestation import HostAttestation
from screening.store import keys
from screening.vocabulary.tokens import pepper_id
from tests.indexer.running import Running

LIST = [("phone", "+12025550142", "trafficker")]
LONGER = [*LIST, ("email", "listed@list.example", "trafficker")]


def attest(
    running: Running,
    host: str,
    *,
    seconds_ago: int,
    release: int = 1,
    peppers: Sequence[str] = (),
    pepper: str | None = None,
    is_true: bool = False,
) -> None:
    """Write what a host says of itself, whose `pepper.key` is that of the share unless given.

    It names the indexes that are in force where it `is_true`, else none.
    """
    at = int(time.time()) - seconds_ago
    if pepper is None:
        pepper = pepper_id((running.secrets / "pepper.key").read_bytes())
    heads = running.heads() if is_true else {}
    versions = {key_id: head.version for key_id, head in heads.items()}
    attestation = HostAttestation(
        "screening-host/2", host, at, release, 1, versions, list(peppers), pepper
    )
    running.redis.set(keys.host(host), msgspec.json.encode(attestation))

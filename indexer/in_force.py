"""What is in force: as the list file has noted it, and as Redis holds it. Changes nothing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import redis

from indexer.list_file import ListFile
from screening.generations.attestation import HostAttestation
from screening.generations.manifest import open_head
from screening.registry.record import PartnerRecord
from screening.store import keys
from screening.store.connection import store_errors
from screening.store.signed import Verifier
from screening.vocabulary.errors import Untrusted


@dataclass(frozen=True, slots=True)
class Release:
    """A release that was put in force."""

    release: int
    revision: int
    published_at: int
    issued_at: int
    command: str
    actor: str
    plan: Mapping[str, str]


def highest_sequence(store: redis.Redis, verifier: Verifier) -> int:
    """Return the highest release that a head of ours in Redis was signed for, 0 without any."""
    with store_errors():
        documents = store.hgetall(keys.HEADS)
    highest = 0
    for key_id, document in documents.items():
        try:
            head = open_head(as_bytes(document), as_text(key_id), verifier)
            highest = max(highest, head.sequence)
        except (Untrusted, UnicodeDecodeError):
            continue  # not ours, so it says nothing about what we did
    return highest


def find_current(list_file: ListFile) -> Release | None:
    """Return the release in force, None before the first."""
    return _find_release(list_file, "in_force")


def find_unsettled(list_file: ListFile) -> Release | None:
    """Return the release whose flip was begun, and not seen to end; None as a rule."""
    return _find_release(list_file, "flipping")


def _find_release(list_file: ListFile, state: str) -> Release | None:
    row = list_file.connection.execute(
        "SELECT release, revision, published_at, issued_at, command, actor, plan "
        "FROM releases WHERE state = ?",
        (state,),
    ).fetchone()
    if row is None:
        return None
    release, revision, published_at, issued_at, command, actor, plan = row
    return Release(
        release, revision, published_at, issued_at, command, actor, plan=json.loads(plan)
    )


def partner_records(list_file: ListFile) -> list[PartnerRecord]:
    """Return the records of all partners; sequence and time are set when they are signed."""
    rows = list_file.connection.execute("SELECT record FROM partners ORDER BY name")
    return [msgspec.json.decode(row[0], type=PartnerRecord) for row in rows]


def attestations(store: redis.Redis) -> list[HostAttestation]:
    """Return what each API host says of itself; anything may stand there, in its host too."""
    with store_errors():
        names = list(store.scan_iter(match=keys.HOSTS_PATTERN))
        documents = store.mget(names) if names else []
    attested = {}
    for document in documents:
        if document is not None:
            try:
                attestation = msgspec.json.decode(document, type=HostAttestation)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue  # the API's user may write anything here: it is not believed, nor fatal
            attested[attestation.host] = attestation
    return list(attested.values())


def as_text(name: bytes | str) -> str:
    """Return a name that Redis holds; what is not ASCII is none of ours."""
    return name.decode("ascii", "replace") if isinstance(name, bytes) else name


def as_bytes(value: bytes | str | None) -> bytes:
    """Return a value that Redis holds; an absent one as no bytes, which no document of ours is."""
    return value if isinstance(value, bytes) else b""

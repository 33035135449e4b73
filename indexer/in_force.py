"""What is in force: as the list file has noted it, and as Redis holds it. Changes nothing."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import msgspec
import redis

from indexer.list_file import ListFile
from screening.generations.attestation import HostAttestation
from screening.generations.manifest import Head, open_head
from screening.registry.record import PartnerRecord, open_record
from screening.store import keys
from screening.store.connection import store_errors
from screening.store.signed import Verifier
from screening.vocabulary.errors import Untrusted
from screening.vocabulary.unreadable import UNREADABLE

Signed = TypeVar("Signed", Head, PartnerRecord)


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
    """Return the highest release that a document of ours in Redis was signed for, 0 without any."""
    with store_errors():
        heads, partners = store.hgetall(keys.HEADS), store.hgetall(keys.PARTNERS)
    sequences = [one.sequence for one in _opened(heads, open_head, verifier)]
    sequences += [one.sequence for one in _opened(partners, open_record, verifier)]
    return max(sequences, default=0)


def signed_records(store: redis.Redis, verifier: Verifier) -> list[PartnerRecord]:
    """Return the partner records in Redis that are ours."""
    with store_errors():
        return _opened(store.hgetall(keys.PARTNERS), open_record, verifier)


def _opened(
    documents: Mapping[bytes | str, bytes | str],
    open_document: Callable[[bytes, str, Verifier], Signed],
    verifier: Verifier,
) -> list[Signed]:
    opened = []
    for name, document in documents.items():
        # What is not ours says nothing about what we did.
        with suppress(Untrusted, UnicodeDecodeError):
            opened.append(open_document(as_bytes(document), as_text(name), verifier))
    return opened


def has_loaded(host: HostAttestation, release: Release) -> bool:
    """Tell whether an API host says that it answers from `release`.

    A restored home may use a number again: the generations tell which release it is.
    """
    return host.release >= release.release and release.plan.items() <= host.generations.items()


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
            except UNREADABLE:
                continue  # the API's user may write anything here: it is not believed, nor fatal
            attested[attestation.host] = attestation
    return list(attested.values())


def as_text(name: bytes | str) -> str:
    """Return a name that Redis holds; what is not ASCII is none of ours."""
    return name.decode("ascii", "replace") if isinstance(name, bytes) else name


def as_bytes(value: bytes | str | None) -> bytes:
    """Return a value that Redis holds; an absent one as no bytes, which no document of ours is."""
    return value if isinstance(value, bytes) else b""

"""What is in force: as the list file has noted it, and as Redis holds it. Changes nothing."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple, TypeVar

import msgspec
import redis

from indexer.key_uses import last_uses
from indexer.list.file import ListFile
from indexer.restrictions import NO_RESTRICTIONS, Restrictions, restrictions_of
from screening.generations.attestation import ATTESTATION_MAX_BYTES, HostAttestation
from screening.generations.manifest import Head, index_version, open_head
from screening.generations.overlay import OverlayFile
from screening.registry.record import PartnerRecord, open_record
from screening.store import keys
from screening.store.bounded_reads import read_strings
from screening.store.connection import store_errors
from screening.store.documents import Documents, read_stored_documents
from screening.store.signed import Verifier
from screening.vocabulary.errors import Untrusted
from screening.vocabulary.unreadable import UNREADABLE

Signed = TypeVar("Signed", Head, PartnerRecord)

_RELEASES: Final = "SELECT release, revision, published_at, issued_at, command, actor FROM releases"
_HOSTS_AT_A_TIME: Final = 16
_HOSTS_AT_MOST: Final = 1_000
_NAME_BYTES: Final = 300


@dataclass(frozen=True, slots=True)
class ApiHost:
    """What an API host says of itself: when (Unix seconds), and from which release it answers.

    `is_up_to_date` is told by the versions, too: a restored home may use a number again.
    """

    name: str
    at: int
    release: int
    is_up_to_date: bool
    peppers: frozenset[str]
    pepper: str
    """The `pepper_id` of what its `pepper.key` holds; empty where it does not say."""


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
    """The version of each token key's index."""


@dataclass(frozen=True, slots=True)
class InRedis:
    """What Redis says: the highest release signed for, what hosts say, and records by partner.

    `uses` is when each API key was last used (Unix seconds), None where that is not known.
    """

    highest: int
    hosts: list[ApiHost]
    records: Mapping[str, PartnerRecord]
    restrictions: Restrictions
    uses: Mapping[str, int | None]


NOTHING_SAID: Final = InRedis(0, [], {}, NO_RESTRICTIONS, {})


def ask_redis(store: redis.Redis, list_file: ListFile, verifier: Verifier) -> InRedis:
    """Return what Redis says; raises `StoreUnavailable`, or `Untrusted` where it is not ours."""
    highest = highest_sequence(store, verifier)
    current = find_answered(list_file, highest)
    records = {record.partner: record for record in signed_records(store, verifier)}
    uses = last_uses(store, [key.id for one in records.values() for key in one.api_keys])
    hosts = api_hosts(store, current)
    restrictions = restrictions_of(store, list(records.values()))
    return InRedis(highest, hosts, records, restrictions, uses)


def highest_sequence(store: redis.Redis, verifier: Verifier) -> int:
    """Return the highest release that a document of ours in Redis was signed for, 0 without any."""
    heads, partners = stored_documents(store)
    sequences = [one.sequence for one in _opened(heads, open_head, verifier)]
    sequences += [one.sequence for one in _opened(partners, open_record, verifier)]
    return max(sequences, default=0)


def signed_heads(store: redis.Redis, verifier: Verifier) -> list[Head]:
    """Return the heads in Redis that are ours."""
    return _opened(stored_documents(store)[0], open_head, verifier)


def signed_records(store: redis.Redis, verifier: Verifier) -> list[PartnerRecord]:
    """Return the partner records in Redis that are ours."""
    return _opened(stored_documents(store)[1], open_record, verifier)


def find_record_in_force(
    store: redis.Redis, verifier: Verifier, partner: str
) -> PartnerRecord | None:
    """Return the record in Redis of a partner that is ours, None where there is none."""
    records = signed_records(store, verifier)
    return next((record for record in records if record.partner == partner), None)


def stored_documents(store: redis.Redis) -> tuple[Documents, Documents]:
    """Return all heads and partner records in Redis, not yet opened."""
    heads, partners = read_stored_documents(store)
    if heads is None:
        raise _foreign(keys.HEADS)
    if partners is None:
        raise _foreign(keys.PARTNERS)
    return heads, partners


def _foreign(name: str) -> Untrusted:
    return Untrusted(
        f"Redis holds under {name} what no indexer has written; find out who did, remove it there "
        f"(UNLINK {name}), and run indexer compact"
    )


def _opened(
    documents: Documents,
    open_document: Callable[[bytes, str, Verifier], Signed],
    verifier: Verifier,
) -> list[Signed]:
    opened = []
    for name, document in documents.items():
        # What is not ours says nothing about what we did.
        with suppress(Untrusted):
            opened.append(open_document(document, name, verifier))
    return opened


def find_current(list_file: ListFile) -> Release | None:
    """Return the release in force, None before the first."""
    return _find_release(list_file, "in_force")


def find_answered(list_file: ListFile, highest: int | None) -> Release | None:
    """Return the release that hosts answer from, as far as is known.

    `highest` is what Redis says (`highest_sequence`), None where it does not say.
    """
    begun = find_unsettled(list_file)
    if begun is not None and highest is not None and highest >= begun.release:
        return begun
    return find_current(list_file)


class AnsweredIndex(NamedTuple):
    """What a release answers the checks of a token key from; `policy` is spelled as it is kept.

    `canaries` names those that are hidden in it (`Canaries.name`).
    """

    generation: str
    built_at: int
    built_seq: int
    overlay: int
    policy: str
    canaries: bytes


def find_index(list_file: ListFile, release: Release | None, key_id: str) -> AnsweredIndex | None:
    """Return the index of a token key in a release, None where it has none."""
    if release is None:
        return None
    row = list_file.connection.execute(
        "SELECT generation, built_at, revision, overlay_count, policy, canaries FROM indexes "
        "JOIN generations USING (generation, key_id) WHERE release = ? AND key_id = ?",
        (release.release, key_id),
    ).fetchone()
    return None if row is None else AnsweredIndex(*row)


def last_release(list_file: ListFile) -> int:
    """Return the number of the last release whose flip was begun, 0 before the first."""
    row = list_file.connection.execute("SELECT coalesce(max(release), 0) FROM releases").fetchone()
    return int(row[0])


def is_restored(list_file: ListFile, current: Release | None) -> bool:
    """Tell whether the home was restored from a backup, and nothing put in force since."""
    restored = list_file.find_number("restored")
    return restored is not None and (current is None or current.release <= restored)


def find_unsettled(list_file: ListFile) -> Release | None:
    """Return the release whose flip was begun, and not seen to end; None as a rule."""
    return _find_release(list_file, "flipping")


def releases_from(list_file: ListFile, first: int) -> list[Release]:
    """Return the release `first` and all later ones, also what is begun, by their numbers."""
    with list_file.snapshot():
        rows = list_file.connection.execute(
            f"{_RELEASES} WHERE release >= ? ORDER BY release", (first,)
        ).fetchall()
        return [_release(list_file, row) for row in rows]


def _find_release(list_file: ListFile, state: str) -> Release | None:
    row = list_file.connection.execute(f"{_RELEASES} WHERE state = ?", (state,)).fetchone()
    return None if row is None else _release(list_file, row)


def _release(list_file: ListFile, row: tuple[int, int, int, int, str, str]) -> Release:
    rows = list_file.connection.execute(
        "SELECT key_id, generation, overlay_count, overlay_sha256 FROM indexes WHERE release = ?",
        (row[0],),
    )
    plan = {
        key_id: index_version(generation, OverlayFile(count, sha256))
        for key_id, generation, count, sha256 in rows
    }
    release, revision, published_at, issued_at, command, actor = row
    return Release(release, revision, published_at, issued_at, command, actor, plan)


def api_hosts(store: redis.Redis, *releases: Release | None) -> list[ApiHost]:
    """Return what each API host says of itself: up to date is who answers from one of `releases`.

    None stands for what is before the first, where each host is.
    """
    loadable = [one for one in releases if one is not None]
    with store_errors():
        # Whether the key is there: the indexer's user may ask for its size, and not with EXISTS.
        has_partners = store.memory_usage(keys.PARTNERS) is not None
    if not has_partners and not all(one.plan for one in loadable):
        loadable = []  # there is nothing that a host could load, and so it is at no release
    hosts = {
        told.host: ApiHost(
            told.host,
            told.at,
            told.release,
            not loadable or any(_has_loaded(told, one) for one in loadable),
            frozenset(told.peppers),
            told.pepper,
        )
        for told in attestations(store)
    }
    return list(hosts.values())


def attestations(store: redis.Redis) -> list[HostAttestation]:
    """Return what is written in the names of API hosts.

    The API's user of Redis may write anything there, in another host's name too: it is not
    believed, nor fatal, and of more than `_HOSTS_AT_MOST` the others are left out.
    """
    with store_errors():
        found = list(islice(store.scan_iter(match=keys.HOSTS_PATTERN), _HOSTS_AT_MOST))
    names = [name.decode("ascii", "replace") for name in found if len(name) <= _NAME_BYTES]
    told = []
    for start in range(0, len(names), _HOSTS_AT_A_TIME):
        batch = names[start : start + _HOSTS_AT_A_TIME]
        for document in read_strings(store, [(name, ATTESTATION_MAX_BYTES) for name in batch]):
            with suppress(*UNREADABLE):
                told.append(msgspec.json.decode(document or b"", type=HostAttestation))
    return told


def _has_loaded(host: HostAttestation, release: Release) -> bool:
    return host.release >= release.release and release.plan.items() <= host.versions.items()

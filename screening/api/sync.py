"""The sync process: the only one on a host that talks to Redis about releases.

Each beat it asks Redis for all heads and partner records, believes only what is signed and not
older than what it has seen, brings new generations to the cache, and says to Redis what is loaded.
What it cannot verify changes nothing: the loaded release stays, ages, and an alarm is raised.
"""

import shutil
import time
from collections.abc import Callable
from typing import Final, Protocol

import msgspec
import redis

from screening.api.cache import NO_VERSION, Cache, Confirmed, Documents
from screening.generations.attestation import ATTESTATION_LIFE_S, HostAttestation
from screening.generations.fetch import fetch_generation, generation_directory
from screening.generations.manifest import Head, open_head
from screening.generations.reader import verify_generation
from screening.registry.record import PartnerRecord, open_record
from screening.store import keys
from screening.store.connection import store_errors
from screening.store.signed import Verifier
from screening.vocabulary.errors import Untrusted

_GENERATIONS_KEPT: Final = 3
_RETRY_AFTER_S: Final = 10.0
"""A generation that did not verify is not fetched again sooner: it may be gigabytes."""


class Alarms(Protocol):
    """Where sync reports what a person should look at."""

    def raised(self, what: str, name: str) -> None:
        """Report one event: `what` is one of a few words, `name` a key_id or partner."""
        ...


class Sync:
    """Keeps the cache of one host true to what the indexer has signed."""

    def __init__(
        self,
        *,
        store: redis.Redis,
        cache: Cache,
        verifier: Verifier,
        host: str,
        max_digests_bytes: int,
        alarms: Alarms,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._cache = cache
        self._verifier = verifier
        self._host = host
        self._max_digests_bytes = max_digests_bytes
        self._alarms = alarms
        self._clock = clock
        self._heads: dict[str, tuple[bytes, Head]] = {}
        # Heads from the cache whose generation did not verify: nothing older is adopted, and the
        # workers, who may hold it in memory, are told of no other.
        self._damaged: dict[str, tuple[bytes, Head]] = {}
        self._partners: dict[str, tuple[bytes, PartnerRecord]] = {}
        self._is_written = False
        self._confirmed = dict(cache.read_confirmed().heads)
        self._not_before: dict[tuple[str, bytes], float] = {}
        self._resume()

    def beat(self) -> None:
        """Take one look at Redis; raises `StoreUnavailable`, and then nothing has changed."""
        with store_errors():
            pipeline = self._store.pipeline(transaction=True)
            pipeline.hgetall(keys.HEADS)
            pipeline.hgetall(keys.PARTNERS)
            stored_heads, stored_partners = pipeline.execute()
        now = self._clock()
        for name, document in _by_name(stored_partners).items():
            self._take_partner(name, document)
        for key_id, document in _by_name(stored_heads).items():
            if self._take_head(key_id, document):
                self._confirmed[key_id] = (self._heads[key_id][1].sequence, now)
        self._drop_retired()
        for key_id in self._heads.keys() - _by_name(stored_heads).keys():
            self._alarms.raised("head_missing", key_id)
        # The times first: a worker that takes up a new head must find it confirmed.
        self._cache.write_confirmed(Confirmed(self._confirmed))
        if not self._is_written or self._cache.documents_version() == NO_VERSION:
            self._cache.write_documents(self._documents())
            self._is_written = True
            self._remove_old()

    def attest(self) -> None:
        """Tell Redis which release every worker of this host answers from."""
        loaded = self._cache.read_loaded()
        attestation = HostAttestation(
            format="screening-host/1",
            host=self._host,
            at=int(self._clock()),
            release=min(loaded, default=0),
            workers=len(loaded),
            generations={key_id: head.generation for key_id, (_, head) in self._heads.items()},
        )
        with store_errors():
            name = keys.host(self._host)
            self._store.set(name, msgspec.json.encode(attestation), ex=ATTESTATION_LIFE_S)

    def _resume(self) -> None:
        """Take up what lies in the cache: it remembers the highest sequences across restarts."""
        try:
            documents = self._cache.read_documents()
        except Untrusted:
            self._alarms.raised("cache_untrusted", "documents")
            return
        for name, document in documents.partners.items():
            self._take_partner(name, document)
        for key_id, document in documents.heads.items():
            try:
                head = open_head(document, key_id, self._verifier)
            except Untrusted:
                self._alarms.raised("cache_untrusted", key_id)
                continue
            try:
                self._verify(head)
            except Untrusted:
                self._alarms.raised("cache_untrusted", key_id)
                self._damaged[key_id] = (document, head)
            else:
                self._heads[key_id] = (document, head)

    def _take_partner(self, name: str, document: bytes) -> None:
        held = self._partners.get(name)
        if held is not None and held[0] == document:
            return
        try:
            record = open_record(document, name, self._verifier)
        except Untrusted:
            self._alarms.raised("partner_untrusted", name)
            return
        if held is not None and record.sequence <= held[1].sequence:
            self._alarms.raised("partner_rolled_back", name)
            return
        self._partners[name] = (document, record)
        self._is_written = False

    def _take_head(self, key_id: str, document: bytes) -> bool:
        """Adopt a head; return whether what is loaded for `key_id` is what Redis says."""
        held = self._heads.get(key_id)
        if held is not None and held[0] == document:
            return True
        if self._not_before.get((key_id, document), 0) > self._clock():
            return False
        try:
            head = open_head(document, key_id, self._verifier)
            known = held or self._damaged.get(key_id)
            if known is not None and document != known[0] and head.sequence <= known[1].sequence:
                self._alarms.raised("head_rolled_back", key_id)
                return False
            if held is None or held[1].generation != head.generation:
                self._fetch(head)
        except Untrusted:
            self._alarms.raised("generation_untrusted", key_id)
            self._not_before[key_id, document] = self._clock() + _RETRY_AFTER_S
            return False
        self._heads[key_id] = (document, head)
        self._damaged.pop(key_id, None)
        self._not_before.clear()
        self._is_written = False
        return True

    def _fetch(self, head: Head) -> None:
        try:
            self._verify(head)  # after a rollback it may lie here already
        except Untrusted:
            fetch_generation(
                self._store,
                head,
                self._cache.directory,
                max_digests_bytes=self._max_digests_bytes,
            )

    def _verify(self, head: Head) -> None:
        folder = generation_directory(self._cache.directory, head)
        verify_generation(folder, head, max_digests_bytes=self._max_digests_bytes)

    def _drop_retired(self) -> None:
        """Forget token keys that no partner's signed record names any more."""
        live = {key_id for _, record in self._partners.values() for key_id in record.key_ids}
        for key_id in (self._heads.keys() | self._damaged.keys()) - live:
            self._heads.pop(key_id, None)
            self._damaged.pop(key_id, None)
            self._confirmed.pop(key_id, None)
            self._is_written = False

    def _remove_old(self) -> None:
        root = self._cache.directory / "generations"
        for folder in root.iterdir() if root.exists() else ():
            if folder.name in self._damaged:
                continue
            if folder.name not in self._heads:
                shutil.rmtree(folder, ignore_errors=True)
                continue
            current = self._heads[folder.name][1].generation
            names = sorted(one.name for one in folder.iterdir() if one.name != current)
            for name in names[: -(_GENERATIONS_KEPT - 1)]:
                shutil.rmtree(folder / name, ignore_errors=True)

    def _documents(self) -> Documents:
        return Documents(
            heads={
                key_id: document
                for key_id, (document, _) in {**self._damaged, **self._heads}.items()
            },
            partners={name: document for name, (document, _) in self._partners.items()},
        )


def _by_name(stored: dict[bytes, bytes]) -> dict[str, bytes]:
    return {name.decode("ascii", "replace"): document for name, document in stored.items()}

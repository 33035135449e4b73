"""The sync process: the only one on a host that talks to Redis about releases.

Each beat it asks Redis for all heads and partner records, believes only what is signed and not
older than what it has seen, brings new generations to the cache, and says to Redis what is loaded.
What it cannot verify changes nothing: the loaded release stays, ages, and an alarm is raised.
Nobody waits for the generation of another: partner records and confirmations are written first.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final

import redis

from screening.alarms import Alarms
from screening.api.attestor import Attestor
from screening.api.cache import NO_VERSION, Cache, Documents, boottime
from screening.api.forgeries import FORGED_AT_A_LOOK, Forgeries
from screening.api.generation_files import GenerationFiles
from screening.api.held_notices import HeldNotices
from screening.api.held_partners import HeldPartners
from screening.api.looks import Looks
from screening.api.notices_cache import NoticesCache
from screening.api.verified import Refusals, Turns
from screening.generations.hashes import sha256_hex
from screening.generations.manifest import Head, open_head
from screening.store import keys
from screening.store.documents import read_stored_documents
from screening.store.signed import Verifier
from screening.vocabulary.errors import OperatorError, StoreUnavailable, Untrusted

_RETRY_AFTER_S: Final = 10.0
"""A generation that did not verify is not fetched again sooner: it may be gigabytes."""
_LOOK_AGAIN_S: Final = 1.0
"""Between two generations of a release Redis is asked again, once so much time has passed."""


class Sync:
    """Keeps the cache of one host true to what the indexer has signed."""

    def __init__(
        self,
        *,
        store: redis.Redis,
        cache: Cache,
        verifier: Verifier,
        host: str,
        max_records_bytes: int,
        alarms: Alarms,
        clock: Callable[[], float] = time.time,
        boottime: Callable[[], float] = boottime,
    ) -> None:
        self._store = store
        self._cache = cache
        self._verifier = verifier
        self._attestor = Attestor(store, host, alarms, clock)
        self._files = GenerationFiles(store, cache, max_records_bytes=max_records_bytes)
        self._alarms = alarms
        self._clock = clock
        self._boottime = boottime
        self._heads: dict[str, tuple[bytes, Head]] = {}
        # Heads whose generation in the cache did not verify: nothing older is adopted, and the
        # workers, who may hold it in memory, are told of no other.
        self._damaged: dict[str, tuple[bytes, Head]] = {}
        self._is_written = False
        self._written_version = NO_VERSION
        self._looked_at = (0.0, 0.0)  # by the wall clock, and by the one that never jumps
        self._not_before: dict[tuple[str, str], float] = {}
        self._tried_at: dict[str, float] = {}
        self._refusals = Refusals(self._files.verify, boottime)
        self._turns = Turns(self._files.verify_generation, boottime)
        self._forgeries = Forgeries(alarms, verifier)
        self._partners = HeldPartners(verifier, alarms, self._forgeries)
        self._notices = HeldNotices(store, NoticesCache(cache.directory), verifier, alarms)
        self._looks = Looks(cache, clock(), boottime())
        self._resume()

    def beat(self) -> None:
        """Take up what Redis holds, and lay it down in the cache.

        Raises `StoreUnavailable` where Redis does not answer, and `OSError` where the cache cannot
        be written; what was verified until then stays, and is laid down as far as it can be.
        """
        self._doubt()  # whether Redis answers or not
        began_at = self._boottime()
        try:
            waiting = self._look()
            try:
                self._bring_all(waiting)
                self._looks.laid_down(began_at)
            finally:
                self._take_notices()
        except StoreUnavailable:
            self._looks.failed(began_at)
            raise

    def _bring_all(self, waiting: dict[str, tuple[bytes, Head]]) -> None:
        """Fetch what these heads name, or newer ones, and lay down what came."""
        done: set[str] = set()
        try:
            while left := waiting.keys() - done:
                # One whose fetch broke off comes last the next time, and holds nobody up.
                key_id = min(left, key=lambda one: (self._tried_at.get(one, 0.0), one))
                done.add(key_id)
                self._bring(key_id, *waiting[key_id])
                if self._boottime() - self._looked_at[1] >= _LOOK_AGAIN_S:
                    waiting = self._look()
        finally:
            if not self._is_written:
                self._write()

    def _take_notices(self) -> None:
        """Take up notices behind all else: no list waits for them, nor fails with them."""
        try:
            self._notices.beat(self._partners.releases())
        except (OSError, OperatorError):  # the latter where others can enter a folder
            self._alarms.raised("cache_unwritable", "notices")

    def _look(self) -> dict[str, tuple[bytes, Head]]:
        """Ask Redis once and write what is known from that; return the heads to be fetched."""
        asked_at = (self._clock(), self._boottime())
        heads, partners = stored = read_stored_documents(self._store)
        for name, documents in stored._asdict().items():
            if documents is None:
                self._alarms.raised("store_untrusted", name)
        self._looked_at = asked_at
        self._not_before = {
            one: until for one, until in self._not_before.items() if until > asked_at[1]
        }
        self._forgeries.look_anew({keys.HEADS: heads or {}, keys.PARTNERS: partners or {}})
        if self._partners.take(partners or {}):
            self._is_written = False
        self._drop_retired()
        waiting = {}
        if heads is not None and partners is not None:
            waiting = self._take_heads(heads)
            for key_id in self._heads.keys() - heads.keys():
                self._alarms.raised("head_missing", key_id)
        self._write()
        return waiting

    def _write(self) -> None:
        """Lay down what is held. Without any partner nothing is known: what lies there stays."""
        if not self._partners:
            return
        # The times first: a worker that takes up a new head must find it confirmed.
        self._looks.write()
        # Of others' files, older ones among them, a worker that starts would believe them.
        if not self._is_written or self._cache.documents_version() != self._written_version:
            self._cache.write_documents(self._documents())
            self._written_version = self._cache.documents_version()
            self._is_written = True
            self._cache.keep_generations(
                self._partners.sequences().keys(),
                {key_id: head.generation for key_id, (_, head) in self._heads.items()},
            )

    def attest(self, peppers: Sequence[str], *, in_place: str = "") -> None:
        """Tell Redis which release every worker of this host answers from.

        `peppers` names those that the host was given (`pepper_id`), `in_place` that of
        `pepper.key`.
        """
        loaded = self._cache.read_loaded()
        self._attestor.attest(loaded=loaded, peppers=peppers, in_place=in_place)

    def withdraw(self) -> None:
        """Tell Redis that this host has ended; raises `StoreUnavailable`."""
        self._attestor.withdraw()

    def _resume(self) -> None:
        """Take up what lies in the cache: it remembers the highest sequences across restarts."""
        try:
            documents = self._cache.read_documents()
        except Untrusted:
            self._alarms.raised("cache_untrusted", "documents")
            return
        self._partners.take(documents.partners)
        for key_id, document in documents.heads.items():
            try:
                head = open_head(document, key_id, self._verifier)
            except Untrusted:
                self._alarms.raised("cache_untrusted", key_id)
                continue
            try:
                self._files.verify(head)
            except Untrusted:
                self._alarms.raised("cache_untrusted", key_id)
                self._damaged[key_id] = (document, head)
            else:
                self._heads[key_id] = (document, head)

    def _doubt(self) -> None:
        """Take note of what lies here and was damaged since it came, and have it brought again."""
        refused = {key_id for one in self._cache.read_loaded() for key_id in one.refused}
        found = (
            self._refusals.find_damaged(self._heads, refused),
            self._turns.find_damaged(self._heads),
        )
        for key_id in {one for one in found if one is not None}:
            self._alarms.raised("cache_untrusted", key_id)
            self._damaged[key_id] = self._heads.pop(key_id)
            self._files.touch(self._damaged[key_id][1])  # for those who have it mapped

    def _take_heads(self, stored: dict[str, bytes]) -> dict[str, tuple[bytes, Head]]:
        """Adopt and confirm what needs no fetching; return the heads that do."""
        waiting = {}
        sequences = self._partners.sequences()
        judged = len(self._forgeries)
        for key_id, document in stored.items():
            # One transaction of the indexer puts heads and records in force.
            if key_id not in sequences:
                if len(self._forgeries) - judged < FORGED_AT_A_LOOK:
                    self._forgeries.judge_head(key_id, document)
                self._forgeries.raised("partner_withheld", key_id, is_ours=key_id in self._heads)
                continue
            head = self._open_head(key_id, document)
            if head is None:
                continue
            if sequences[key_id] < head.sequence:
                self._alarms.raised("partner_withheld", key_id)
                continue
            held = self._heads.get(key_id)
            if held is not None and self._files.lie_here(held[1], head):
                self._adopt(key_id, document, head)
            else:
                waiting[key_id] = (document, head)
        return waiting

    def _open_head(self, key_id: str, document: bytes) -> Head | None:
        """Return the head unless it is false, older than one seen, or put off."""
        held = self._heads.get(key_id)
        if held is not None and held[0] == document:
            return held[1]
        if (key_id, sha256_hex(document)) in self._not_before:
            return None
        try:
            head = open_head(document, key_id, self._verifier)
        except Untrusted:
            self._alarms.raised("generation_untrusted", key_id)
            self._put_off(key_id, document)
            return None
        known = held or self._damaged.get(key_id)
        if known is not None and document != known[0] and head.sequence <= known[1].sequence:
            self._alarms.raised("head_rolled_back", key_id)
            return None
        return head

    def _bring(self, key_id: str, document: bytes, head: Head) -> None:
        """Fetch a generation and adopt its head; what fails concerns this token key only."""
        self._tried_at[key_id] = self._boottime()
        try:
            held = self._heads.get(key_id)
            self._files.bring(head, held[1] if held is not None else None)
        except Untrusted:
            self._alarms.raised("generation_untrusted", key_id)
            self._put_off(key_id, document)
        except (OSError, OperatorError):  # the latter where others can enter its folder
            self._alarms.raised("cache_unwritable", key_id)
            self._put_off(key_id, document)
        else:
            self._adopt(key_id, document, head)

    def _adopt(self, key_id: str, document: bytes, head: Head) -> None:
        """Hold a head as in force, and as confirmed when Redis was last asked."""
        self._looks.found(key_id, head.sequence, self._looked_at)
        held = self._heads.get(key_id)
        if held is not None and held[0] == document:
            return
        self._heads[key_id] = (document, head)
        self._damaged.pop(key_id, None)
        self._is_written = False

    def _put_off(self, key_id: str, document: bytes) -> None:
        self._not_before[key_id, sha256_hex(document)] = self._boottime() + _RETRY_AFTER_S

    def _drop_retired(self) -> None:
        """Forget token keys that no partner's signed record names any more."""
        held = self._heads.keys() | self._damaged.keys()
        for key_id in held - self._partners.sequences().keys():
            self._heads.pop(key_id, None)
            self._damaged.pop(key_id, None)
            self._looks.forget(key_id)
            self._tried_at.pop(key_id, None)
            self._is_written = False

    def _documents(self) -> Documents:
        held = {**self._damaged, **self._heads}
        return Documents(
            heads={key_id: document for key_id, (document, _) in held.items()},
            partners=self._partners.documents(),
        )

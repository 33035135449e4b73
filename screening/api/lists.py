"""What a worker answers from: the loaded list of each token key, and the partners, of one moment.

A worker verifies every signature and every file again: it believes the cache as little as sync
believes Redis. A request takes one `Loaded` and keeps it to its end; a release swaps references.
"""

import asyncio
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from redis.asyncio import Redis

from screening.alarms import Alarms
from screening.api.cache import NEVER, NO_VERSION, AnswersFrom, Cache, boot_id, boottime
from screening.api.kit_mismatch import kit_mismatch
from screening.api.loaded_partners import PartnerReader, newest
from screening.api.settings import ApiSecrets, ApiSettings
from screening.api.standstill import Standstill
from screening.generations.fetch import generation_directory
from screening.generations.manifest import CLOCK_TOLERANCE_S, Head, TestOutcome, open_head
from screening.generations.overlay import Overlay
from screening.generations.reader import Generation, load_generation, load_overlay
from screening.generations.records import Minute, current_minute
from screening.registry.reader import Caller, Registry
from screening.registry.record import ApiKeyVerifiers, PartnerRecord
from screening.store.signed import Verifier
from screening.vocabulary.errors import Unavailable, UnknownKeyId, Untrusted
from screening.vocabulary.selector import IndexDigest
from screening.vocabulary.tokens import Digester
from screening.vocabulary.wire import ListState

_LOOK_AGAIN_AFTER_S: Final = 5.0


@dataclass(slots=True)
class LoadedList:
    """One token key's list, and when it was last confirmed; times are seconds.

    `confirmed_at` is when it was last known to be in force: at first, when its head was signed.
    """

    document: bytes
    head: Head
    generation: Generation
    inode: int | None  # of the folder that its generation was loaded from
    overlay: Overlay
    digester: Digester
    confirmed_at: float = 0.0
    confirmed_monotonic: float = float("-inf")
    state: ListState = field(init=False)
    outcomes: Mapping[IndexDigest, TestOutcome] = field(init=False)
    canaries: frozenset[IndexDigest] = field(init=False)

    def __post_init__(self) -> None:
        stated = self.generation.manifest.outcomes.items()
        self.outcomes = {IndexDigest(bytes.fromhex(digest)): one for digest, one in stated}
        marked = self.generation.manifest.canaries
        self.canaries = frozenset(IndexDigest(bytes.fromhex(digest)) for digest in marked)
        self.confirm(self.confirmed_at, self.confirmed_monotonic)

    def require_agreement(self, key_check: bytes) -> None:
        """Raise `KitMismatch` where the caller derives other tokens than this list's."""
        if not hmac.compare_digest(key_check, self.generation.manifest.key_check):
            raise kit_mismatch()

    def confirm(self, at: float, monotonic: float) -> None:
        """Take note that the head was found in Redis `at` (Unix seconds)."""
        self.confirmed_at, self.confirmed_monotonic = at, monotonic
        self.state = ListState(
            generation=self.head.generation,
            seq=self.head.seq,
            published_at=_rfc3339(self.head.published_at),
            as_of=_rfc3339(at),
        )


@dataclass(frozen=True, slots=True)
class Loaded:
    """Everything of one moment; `is_whole` where every document in force could be loaded."""

    lists: Mapping[str, LoadedList]
    registry: Registry
    partners: Mapping[str, PartnerRecord]
    answers_from: AnswersFrom
    is_whole: bool

    def list_for(self, caller: Caller, key_id: str) -> LoadedList:
        """Return the list that `caller` asks with `key_id`.

        Raises `UnknownKeyId` where it is not the caller's, `Unavailable` where nothing is loaded.
        """
        if key_id not in caller.partner.key_ids:
            raise UnknownKeyId("the token key is not yours or is retired; ask for a new kit")
        loaded = self.lists.get(key_id)
        if loaded is None:
            raise Unavailable("no list is loaded for this token key", reason="index")
        if loaded.generation.manifest.mode != caller.partner.mode:
            raise UnknownKeyId("the token key is not for this kind of API key; ask for a new kit")
        return loaded


class Lists:
    """The loaded lists of one worker, brought up to date by `refresh`."""

    def __init__(
        self,
        *,
        cache: Cache,
        secrets: ApiSecrets,
        settings: ApiSettings,
        redis: Redis,
        alarms: Alarms,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = boottime,
    ) -> None:
        self._cache = cache
        self._secrets = secrets
        self._verifier = Verifier(secrets.verifying_key)
        server_key_id = ApiKeyVerifiers(secrets.api_keys_key).server_key_id
        self._partners = PartnerReader(self._verifier, server_key_id, alarms)
        self._partners_seen: object = None
        self._settings = settings
        self._redis = redis
        self._alarms = alarms
        self._clock = clock
        self._monotonic = monotonic
        self._standstill = Standstill(cache, monotonic(), settings.reload_ms, settings.poll_ms)
        self._boot_id = boot_id()
        self._seen: tuple[object, object] = (None, None)
        self._look_again_at = float("-inf")
        self._refused: list[str] = []
        nobody = Registry((), secrets.api_keys_key)
        self.loaded = Loaded({}, nobody, {}, AnswersFrom(0, {}), is_whole=True)

    def is_stale(self, loaded: LoadedList) -> bool:
        """Tell whether a miss in `loaded` is no longer worth believing."""
        if self.sync_age_s(loaded) > self._settings.max_sync_age_s:
            return True
        # Every check asks: one look at the clock.
        return not -CLOCK_TOLERANCE_S <= self.list_age_s(loaded) <= self._settings.max_list_age_s

    def minute(self) -> Minute:
        """Return the minute by which entries expire."""
        return current_minute(self._clock())

    def sync_age_s(self, loaded: LoadedList) -> float:
        """Return the time since this host last confirmed the head, by a clock that never jumps."""
        return self._monotonic() - loaded.confirmed_monotonic

    def list_age_s(self, loaded: LoadedList) -> float:
        """Return the time since the indexer last signed this head, below 0 by a clock ahead."""
        return self._clock() - loaded.head.issued_at

    async def refresh(self) -> None:
        """Load what sync has laid down since."""
        laid_down = self._standstill.laid_down(self._monotonic())
        documents, confirmed = self._cache.documents_version(), self._cache.confirmed_version()
        # Documents that are gone say nothing about what is loaded: sync lays them down again.
        changed = documents not in (self._seen[0], NO_VERSION)
        is_time = self._monotonic() >= self._look_again_at
        # What could not be loaded may have failed for a passing reason, such as open files.
        if changed or (is_time and not self.loaded.is_whole):
            try:
                # Loading reads and hashes whole files: in a thread, beside the requests.
                loaded = await asyncio.to_thread(self._load)
                self.loaded = self._with_newest(loaded, self.loaded.partners)
            except Untrusted:
                self._alarms.raised("cache_untrusted", "documents")
                self.loaded = replace(self.loaded, is_whole=False)
        if changed or is_time:
            self._look_at_clocks()
            self._look_again_at = self._monotonic() + _LOOK_AGAIN_AFTER_S
        if changed or confirmed != self._seen[1]:
            self._confirm()
        self._seen = (documents, confirmed)
        self._standstill.has_seen_lists(laid_down)

    async def refresh_partners(self) -> None:
        """Take up partner records alone: `refresh` may load lists for seconds beside this."""
        began_at = self._monotonic()
        self._standstill.begins_to_look(began_at)
        laid_down, version = self._standstill.laid_down(began_at), self._cache.documents_version()
        if version not in (self._partners_seen, NO_VERSION):
            try:
                documents = await asyncio.to_thread(self._cache.read_documents)
                partners, _ = self._partners.read(documents.partners, self.loaded.partners)
                self.loaded = self._with_newest(self.loaded, partners)
                self._partners_seen = version
            except (OSError, Untrusted):  # `refresh` says so
                laid_down = NEVER
        self._standstill.has_seen_partners(began_at, laid_down)

    def current(self) -> Loaded:
        """Return what a question is answered from.

        Raises `Unavailable` in a worker that was stopped, until it has looked again.
        """
        if self._monotonic() > self._standstill.answers_until:
            raise Unavailable("this worker has stood still and looks anew", reason="overloaded")
        return self.loaded

    def _with_newest(self, loaded: Loaded, partners: Mapping[str, PartnerRecord]) -> Loaded:
        """Return what is loaded, with those of these records that are newer."""
        records = newest(partners, loaded.partners)
        if records == loaded.partners:
            return loaded
        registry = Registry(records.values(), self._secrets.api_keys_key)
        return replace(loaded, partners=records, registry=registry)

    def _look_at_clocks(self) -> None:
        for key_id, loaded in self.loaded.lists.items():
            # It cannot be known how old the list is: one of two clocks is wrong.
            if self.list_age_s(loaded) < -CLOCK_TOLERANCE_S:
                self._alarms.raised("head_of_the_future", key_id)

    def _load(self) -> Loaded:
        documents = self._cache.read_documents()
        partners, is_whole = self._partners.read(documents.partners, self.loaded.partners)
        self._refused = []
        refused = not is_whole
        live = {key_id for record in partners.values() for key_id in record.key_ids}
        lists = {key: one for key, one in self.loaded.lists.items() if key in live}
        for key_id, document in documents.heads.items():
            loaded = self._list(key_id, document)
            if loaded is not None:
                lists[key_id] = loaded
            refused = refused or loaded is None or loaded.document != document
        sequences = [one.head.sequence for one in lists.values()]
        sequences += [record.sequence for record in partners.values()]
        registry = Registry(partners.values(), self._secrets.api_keys_key)
        # A host that lacks a list, or knows a partner not at all, is at no release.
        are_all_here = documents.partners.keys() <= partners.keys()
        is_complete = are_all_here and documents.heads.keys() <= lists.keys()
        release = min(sequences, default=0) if is_complete else 0
        versions = {key_id: one.head.version for key_id, one in lists.items()}
        answers_from = AnswersFrom(release, versions, self._refused)
        return Loaded(lists, registry, partners, answers_from, is_whole=not refused)

    def _list(self, key_id: str, document: bytes) -> LoadedList | None:
        held = self.loaded.lists.get(key_id)
        # Sync has brought it anew where it was damaged: what is mapped here may be, too.
        is_replaced = held is not None and self._is_replaced(held)
        if held is not None and held.document == document and not is_replaced:
            return held
        try:
            head = open_head(document, key_id, self._verifier)
            if held is not None and head.sequence < held.head.sequence:
                self._alarms.raised("head_rolled_back", key_id)
                return held
            folder = generation_directory(self._cache.directory, head)
            if held is not None and head.generation == held.head.generation and not is_replaced:
                generation, inode = held.generation, held.inode
            else:
                inode = _inode(folder)
                generation = load_generation(folder, head, self._redis)
            overlay = load_overlay(folder, head)
            pepper = self._secrets.find_pepper(generation.manifest.pepper_id)
            if pepper is None:
                self._alarms.raised("pepper_differs", key_id)
                return held
        except Untrusted:
            self._alarms.raised("generation_untrusted", key_id)
            self._refused.append(key_id)
            return held
        digester = Digester(pepper, key_id)
        loaded = LoadedList(
            document, head, generation, inode, overlay, digester, confirmed_at=head.issued_at
        )
        if held is not None:  # the new head is at least as fresh as the one before it
            loaded.confirm(held.confirmed_at, held.confirmed_monotonic)
        return loaded

    def _is_replaced(self, held: LoadedList) -> bool:
        """Tell whether another folder lies where that of a list was; not where there is none."""
        inode = _inode(generation_directory(self._cache.directory, held.head))
        return inode not in (None, held.inode)

    def _confirm(self) -> None:
        confirmed = self._cache.read_confirmed()
        heads = confirmed.since(self._boot_id, self._clock(), self._monotonic())
        for key_id, (sequence, at, moment) in heads.items():
            one = self.loaded.lists.get(key_id)
            if one is not None and one.head.sequence == sequence:
                one.confirm(at, moment)


def _inode(folder: Path) -> int | None:
    try:
        return folder.stat().st_ino
    except OSError:
        return None


def _rfc3339(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

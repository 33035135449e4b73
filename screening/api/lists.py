"""What a worker answers from: the loaded list of each token key, and the partners, of one moment.

A worker verifies every signature and every file again: it believes the cache as little as sync
believes Redis. A request takes one `Loaded` and keeps it to its end; a release swaps references.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from redis.asyncio import Redis

from screening.alarms import Alarms
from screening.api.cache import NEVER, NO_VERSION, AnswersFrom, Cache, boot_id, boottime
from screening.api.loaded import Loaded, LoadedList
from screening.api.loaded_partners import PartnerReader, newest
from screening.api.settings import ApiSecrets, ApiSettings
from screening.api.standstill import Standstill
from screening.generations.fetch import generation_directory
from screening.generations.manifest import CLOCK_TOLERANCE_S, Head, open_head
from screening.generations.mapped import Change
from screening.generations.reader import Generation, load_generation, load_overlay
from screening.generations.records import Minute, current_minute
from screening.registry.reader import Registry
from screening.registry.record import ApiKeyVerifiers, PartnerRecord
from screening.store.signed import Verifier
from screening.vocabulary.errors import Unavailable, Untrusted
from screening.vocabulary.tokens import Digester

_LOOK_AGAIN_AFTER_S: Final = 5.0
_FILES_AT_A_LOOK: Final = 100
"""Of so many lists a millisecond of the event loop; where there are more they take turns."""


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
        self._dropped: dict[str, Head] = {}  # what is older is adopted as little as beside them
        self._looked_at_files = 0
        self._reading: tuple[LoadedList, asyncio.Task[bool]] | None = None
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
        """Drop what was damaged under our feet, and load what sync has laid down since."""
        if self._drop_damaged():
            return  # that is told before anything is loaded, which may take long, or fail
        laid_down = self._standstill.laid_down(self._monotonic())
        documents, confirmed = self._cache.documents_version(), self._cache.confirmed_version()
        # Documents that are gone say nothing about what is loaded: sync lays them down again.
        changed = documents not in (self._seen[0], NO_VERSION)
        is_time = self._monotonic() >= self._look_again_at
        # What could not be loaded may have failed for a passing reason, such as open files.
        is_due = changed or (is_time and not self.loaded.is_whole)
        if is_due:
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
        if is_due or confirmed != self._seen[1]:
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

    def _drop_damaged(self) -> bool:
        """Drop lists whose files were damaged while they are mapped; tell whether any was.

        The "no" of such a list may be false. At each look some lists are asked, and where that does
        not tell, one after the other is read beside the looks.
        """
        damaged = self._read_damaged()
        key_ids = sorted(self.loaded.lists)
        start = self._looked_at_files if self._looked_at_files < len(key_ids) else 0
        self._looked_at_files = start + _FILES_AT_A_LOOK
        for key_id in key_ids[start : self._looked_at_files]:
            one = self.loaded.lists[key_id]
            change = one.generation.files.change()
            if change is Change.WRITTEN:
                damaged[key_id] = one
            elif change is not Change.NONE and self._reading is None:
                whole = asyncio.to_thread(one.generation.files.are_whole)
                self._reading = (one, asyncio.create_task(whole))
        for one in damaged.values():
            self._drop(one)
        return bool(damaged)

    def _read_damaged(self) -> dict[str, LoadedList]:
        """Return the list that was read, by its token key, where it was damaged."""
        if self._reading is None or not self._reading[1].done():
            return {}
        one, task = self._reading
        self._reading = None
        held = self.loaded.lists.get(one.head.key_id)
        if held is None or held.generation is not one.generation:
            return {}
        if not task.result():
            return {one.head.key_id: held}
        if one.generation.files.is_doubted:
            self._load_at_the_next_look()
        return {}

    def _drop(self, damaged: LoadedList) -> None:
        """Answer from a list no more, and have sync and the indexer told."""
        key_id = damaged.head.key_id
        self._alarms.raised("generation_untrusted", key_id)
        self._dropped[key_id] = damaged.head
        lists = {key: one for key, one in self.loaded.lists.items() if key != key_id}
        said = self.loaded.answers_from
        versions = {key: one for key, one in said.versions.items() if key != key_id}
        answers_from = AnswersFrom(0, versions, sorted({*said.refused, key_id}))
        self.loaded = replace(self.loaded, lists=lists, answers_from=answers_from)
        self._load_at_the_next_look()

    def _load_at_the_next_look(self) -> None:
        self.loaded = replace(self.loaded, is_whole=False)
        self._look_again_at = NEVER

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
        self._dropped = {
            key: head for key, head in self._dropped.items() if key in live and key not in lists
        }
        sequences = [one.head.sequence for one in lists.values()]
        sequences += [record.sequence for record in partners.values()]
        registry = Registry(partners.values(), self._secrets.api_keys_key)
        # A host that lacks a list, or knows a partner not at all, is at no release.
        are_all_here = documents.partners.keys() <= partners.keys() and not self._dropped
        is_complete = are_all_here and documents.heads.keys() <= lists.keys()
        release = min(sequences, default=0) if is_complete else 0
        versions = {key_id: one.head.version for key_id, one in lists.items()}
        answers_from = AnswersFrom(release, versions, self._refused)
        is_loaded = not (refused or self._refused or self._dropped)
        return Loaded(lists, registry, partners, answers_from, is_whole=is_loaded)

    def _list(self, key_id: str, document: bytes) -> LoadedList | None:
        held = self.loaded.lists.get(key_id)
        if held is not None and held.document == document and not held.generation.files.is_doubted:
            return held
        try:
            head = open_head(document, key_id, self._verifier)
            known = self._dropped.get(key_id) if held is None else held.head
            if known is not None and head.sequence < known.sequence:
                self._alarms.raised("head_rolled_back", key_id)
                return held
            folder = generation_directory(self._cache.directory, head)
            generation = self._generation(head, held, folder)
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
            document, head, generation, overlay, digester, confirmed_at=head.issued_at
        )
        if held is not None:  # the new head is at least as fresh as the one before it
            loaded.confirm(held.confirmed_at, held.confirmed_monotonic)
        return loaded

    def _generation(self, head: Head, held: LoadedList | None, folder: Path) -> Generation:
        """Return the generation of a head: that which is held, or loaded anew where it is doubted.

        What is doubted is whole: where nothing better can be loaded, it serves newer overlays, too.
        """
        if held is None or head.generation != held.head.generation:
            return load_generation(folder, head, self._redis)
        if not held.generation.files.is_doubted:
            return held.generation
        try:
            return load_generation(folder, head, self._redis)
        except Untrusted:
            self._alarms.raised("generation_untrusted", head.key_id)
            self._refused.append(head.key_id)
            return held.generation

    def _confirm(self) -> None:
        confirmed = self._cache.read_confirmed()
        heads = confirmed.since(self._boot_id, self._clock(), self._monotonic())
        for key_id, (sequence, at, moment) in heads.items():
            one = self.loaded.lists.get(key_id)
            if one is not None and one.head.sequence == sequence:
                one.confirm(at, moment)

"""The notices that sync holds: the newest that the indexer has signed, laid down for workers."""

from collections.abc import Mapping, Sequence
from typing import Final

import redis

from screening.alarms import Alarms
from screening.api.cache import NO_VERSION
from screening.api.forgeries import Forgeries
from screening.api.held_documents import HeldDocuments, Kind
from screening.api.notices_cache import NoticesCache
from screening.registry.notices import (
    NOTICES_MAX_BYTES,
    NoticesHead,
    open_notices_head,
    parse_notices,
)
from screening.store import keys
from screening.store.bounded_reads import read_strings
from screening.store.notices import read_stored_notices
from screening.store.signed import Verifier
from screening.vocabulary.errors import StoreUnavailable, Untrusted

_HEADS: Final = Kind(keys.NOTICES, "notices_untrusted", "notices_rolled_back", open_notices_head)
_AT_A_BEAT: Final = 50
"""Contents fetched in one beat, 5 MB at most: the next look at the list must not wait for all."""
_MISSED_IN_A_ROW: Final = 2
"""Once is no alarm: a release may have come between the reading of a head and of its content."""


class HeldNotices:
    """Takes up what is signed and newer than what it has, and forgets nobody's.

    A head is held, and told to workers, once its content lies here.
    """

    def __init__(
        self, store: redis.Redis, cache: NoticesCache, verifier: Verifier, alarms: Alarms
    ) -> None:
        self._store = store
        self._cache = cache
        self._alarms = alarms
        self._forgeries = Forgeries(alarms, verifier)
        self._heads: HeldDocuments[NoticesHead] = HeldDocuments(
            _HEADS, verifier, alarms, self._forgeries
        )
        self._is_written = False
        self._written_version = NO_VERSION
        self._missed: dict[str, int] = {}
        try:
            self._heads.adopt(self._heads.newer(cache.read_heads() or {}))
        except (Untrusted, OSError):
            alarms.raised("cache_untrusted", "notices")

    def beat(self, releases: Mapping[str, int]) -> None:
        """Take up what Redis holds, and lay it down; raises `OSError` where it cannot be.

        `releases` has the release of each partner's record, which was read before. A Redis that
        does not give notices is an alarm and no more: answers do not wait for them.
        """
        try:
            stored = read_stored_notices(self._store)
            if stored is None:
                self._alarms.raised("store_untrusted", keys.NOTICES)
            else:
                self._take(stored, releases)
        except StoreUnavailable:
            self._alarms.raised("notices_unread", keys.NOTICES)
        if not self._is_written or self._cache.heads_version() != self._written_version:
            self._write()

    def _take(self, stored: Mapping[str, bytes], releases: Mapping[str, int]) -> None:
        self._forgeries.look_anew({keys.NOTICES: stored})
        newer = self._heads.newer(stored)
        heads = self._heads.held() | {name: head for name, (_, head) in newer.items()}
        self._tell_withheld(stored, heads, releases)
        here = self._cache.contents()
        lacking = {
            name: head
            for name, head in heads.items()
            if not head.is_empty and head.sha256 not in here
        }
        self._missed = {name: self._missed[name] for name in lacking if name in self._missed}
        # What is missing for long comes last, and keeps no other's back.
        first = sorted(lacking, key=lambda name: self._missed.get(name, 0))[:_AT_A_BEAT]
        for name in self._brought({name: lacking[name] for name in first}):
            del lacking[name]
        adopted = {name: one for name, one in newer.items() if name not in lacking}
        self._heads.adopt(adopted)
        self._is_written = self._is_written and not adopted

    def _tell_withheld(
        self,
        stored: Mapping[str, bytes],
        heads: Mapping[str, NoticesHead],
        releases: Mapping[str, int],
    ) -> None:
        """Raise an alarm where there is less than the same release has put in force."""
        if not stored and releases:
            self._alarms.raised("notices_withheld", keys.NOTICES)
            return
        for name in sorted(releases.keys() | heads.keys()):
            head = heads.get(name)
            if name not in stored or head is None or head.sequence < releases.get(name, 0):
                self._alarms.raised("notices_withheld", name)

    def _brought(self, lacking: Mapping[str, NoticesHead]) -> Sequence[str]:
        """Fetch contents into the cache; return whose came, and raise an alarm of others."""
        names = [(keys.notices_of(name), NOTICES_MAX_BYTES) for name in lacking]
        brought = []
        for (name, head), content in zip(
            lacking.items(), read_strings(self._store, names) if names else (), strict=True
        ):
            try:
                parse_notices(content or b"", head)
            except Untrusted:
                self._missed[name] = self._missed.get(name, 0) + 1
                if self._missed[name] >= _MISSED_IN_A_ROW:
                    is_absent = content == b""
                    self._alarms.raised(
                        "notices_withheld" if is_absent else "notices_untrusted", name
                    )
            else:
                self._cache.write_content(head, content or b"")
                brought.append(name)
        return brought

    def _write(self) -> None:
        self._cache.write_heads(self._heads.documents())
        self._written_version = self._cache.heads_version()
        self._is_written = True
        self._cache.keep_contents({head.sha256 for head in self._heads.held().values()})

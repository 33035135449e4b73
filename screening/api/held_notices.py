"""The notices that sync holds: the newest that the indexer has signed, laid down for workers."""

from collections.abc import Mapping

import redis

from screening.alarms import Alarms
from screening.api.cache import Cache
from screening.api.forgeries import FORGED_AT_A_LOOK, Forgeries
from screening.registry.notices import PartnerNotices, open_notices
from screening.store import keys
from screening.store.notices import read_stored_notices
from screening.store.signed import Verifier
from screening.vocabulary.errors import StoreUnavailable, Untrusted


class HeldNotices:
    """Takes up what is signed and newer than what it has, and forgets nobody's."""

    def __init__(
        self, store: redis.Redis, cache: Cache, verifier: Verifier, alarms: Alarms
    ) -> None:
        self._store = store
        self._cache = cache
        self._verifier = verifier
        self._alarms = alarms
        self._forgeries = Forgeries(alarms, verifier)
        self._held: dict[str, tuple[bytes, PartnerNotices]] = {}
        self._written_version: object = None
        try:
            self._take(cache.read_notices() or {})
        except Untrusted:
            alarms.raised("cache_untrusted", "notices")

    def beat(self) -> None:
        """Take up what Redis holds, and lay it down; raises `OSError` where it cannot be.

        A Redis that does not give them, or that lets us read no more than it did, is an alarm and
        no more: answers do not wait for notices.
        """
        try:
            stored = read_stored_notices(self._store)
        except StoreUnavailable:
            self._alarms.raised("notices_unread", keys.NOTICES)
            return
        if stored is None:
            self._alarms.raised("store_untrusted", keys.NOTICES)
            return
        self._forgeries.look_anew({keys.NOTICES: stored})
        if self._take(stored) or self._cache.notices_version() != self._written_version:
            self._cache.write_notices({name: one for name, (one, _) in self._held.items()})
            self._written_version = self._cache.notices_version()

    def _take(self, stored: Mapping[str, bytes]) -> bool:
        """Adopt what is new, first of partners that are known; return whether anything was."""
        judged = len(self._forgeries)
        adopted = False
        for name in sorted(stored, key=lambda one: one not in self._held):
            adopted = self._take_one(name, stored[name]) or adopted
            if len(self._forgeries) - judged == FORGED_AT_A_LOOK:  # the others come next
                break
        return adopted

    def _take_one(self, name: str, document: bytes) -> bool:
        held = self._held.get(name)
        if held is not None and held[0] == document:
            return False
        notices = self._open(name, document)
        if notices is None:
            self._forgeries.raised("notices_untrusted", name, is_ours=held is not None)
            return False
        if held is not None and notices.sequence <= held[1].sequence:
            self._alarms.raised("notices_rolled_back", name)
            return False
        self._held[name] = (document, notices)
        return True

    def _open(self, name: str, document: bytes) -> PartnerNotices | None:
        if self._forgeries.has_judged(keys.NOTICES, name, document):
            return None
        try:
            return open_notices(document, name, self._verifier)
        except Untrusted:
            self._forgeries.add(keys.NOTICES, name, document)
            return None

"""The files of generations in the cache, as sync verifies them and brings them."""

from pathlib import Path

import redis

from screening.api.cache import Cache
from screening.generations.fetch import fetch_generation, fetch_overlay, generation_directory
from screening.generations.manifest import Head
from screening.generations.mapped import touch_mapped
from screening.generations.reader import has_overlay, load_overlay, verify_generation
from screening.vocabulary.errors import Untrusted


class GenerationFiles:
    """Verifies what lies in a cache, and fetches from Redis what does not.

    The records of a generation come along where they need at most `max_records_bytes`.
    """

    def __init__(self, store: redis.Redis, cache: Cache, *, max_records_bytes: int) -> None:
        self._store = store
        self._cache = cache
        self._max_records_bytes = max_records_bytes

    def verify(self, head: Head) -> None:
        """Verify every byte that `head` is served from; raises `Untrusted`."""
        self.verify_generation(head)
        load_overlay(self._folder(head), head)

    def verify_generation(self, head: Head) -> None:
        """Verify the files that workers map for `head`; raises `Untrusted`."""
        verify_generation(self._folder(head), head, max_records_bytes=self._max_records_bytes)

    def touch(self, head: Head) -> None:
        """Have each worker that has mapped these files see whether they are whole."""
        touch_mapped(self._folder(head))

    def lie_here(self, held: Head, head: Head) -> bool:
        """Tell whether what is `held` needs no fetching to serve `head`."""
        # The workers have it in memory all the same, but the next one would not find it.
        folder = self._folder(head)
        return (held.generation, held.overlay) == (head.generation, head.overlay) and (
            folder.exists() and has_overlay(folder, head)
        )

    def bring(self, head: Head, held: Head | None) -> None:
        """Bring what `head` names and does not lie here already, as it may after a rollback.

        `held` was verified when it came. Raises `Untrusted`, `StoreUnavailable` or `OSError`.
        """
        folder = self._folder(head)
        # An overlay on what is held costs no more than itself.
        if held is None or held.generation != head.generation or not folder.exists():
            self._bring_generation(head)
        try:
            load_overlay(folder, head)
        except Untrusted:
            fetch_overlay(self._store, head, folder)

    def _bring_generation(self, head: Head) -> None:
        try:
            self.verify_generation(head)
        except Untrusted:
            fetch_generation(
                self._store,
                head,
                self._cache.directory,
                max_records_bytes=self._max_records_bytes,
            )

    def _folder(self, head: Head) -> Path:
        return generation_directory(self._cache.directory, head)

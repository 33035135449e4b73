"""What a worker seals the matches of its records with: one key agreement a minute, and no more.

An X25519 agreement costs a hundred times what a box does. So a worker makes a random key, seals
that to the disclosure key and, with it, the matches of a minute; it is made between requests, so
that no answer waits for it. The key is never written down, and is known to one process: numbers
that this process counts make nonces that cannot repeat.
"""

import os
import time
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from screening.disclosure.boxes import (
    WORK_KEY_BYTES,
    SealedKey,
    kind_field,
    nonce_start,
    place_start,
    tail_of,
)
from screening.disclosure.keys import DisclosureKey
from screening.vocabulary.selector import IndexDigest, SelectorKind

LIFE_S: Final = 60.0
"""For how long a worker's key is used: it alone, read out of memory, opens so many boxes."""

_KINDS: Final = {kind.value: kind_field(kind.value) for kind in SelectorKind}


class MatchSealer:
    """Seals matches to the newest disclosure key. Belongs to one process: never fork it."""

    def __init__(
        self, newest: Callable[[], DisclosureKey], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._newest = newest
        self._clock = clock
        self._begin()

    def __repr__(self) -> str:
        return "MatchSealer(...)"

    def renew(self) -> None:
        """Take another key where this one has served its time; between requests."""
        if self._clock() >= self._ends_at:
            self._begin()

    def for_record(
        self, receipt: str, key_id: str, generation: str, *, booking_region: str | None = None
    ) -> "RecordSealer":
        """Return what seals the matches of one record; no two are given the same number."""
        number = self._number
        self._number += 1
        return RecordSealer(
            self._cipher,
            SealedKey(self._to, self._sealed, number),
            place_start(receipt),
            tail_of(booking_region, key_id, generation),
        )

    def _begin(self) -> None:
        key = self._newest()
        secret = os.urandom(WORK_KEY_BYTES)
        self._to, self._sealed = key.id, key.seal(secret)
        self._cipher = AESGCM(secret)
        self._number = 0
        self._ends_at = self._clock() + LIFE_S


class RecordSealer:
    """Seals the matches of one record, each row at most once; `key` goes into the record."""

    __slots__ = ("_cipher", "_nonce", "_place", "_tail", "key")

    def __init__(self, cipher: AESGCM, key: SealedKey, place: bytes, tail: bytes) -> None:
        self.key = key
        self._cipher = cipher
        self._nonce = nonce_start(key.number)
        self._place = place
        self._tail = tail

    def box(self, row: int, digest: IndexDigest, kind: str) -> bytes:
        """Return the 96 bytes that tell of the match in `row`."""
        return self._cipher.encrypt(
            self._nonce + row.to_bytes(4, "big"),
            digest + _KINDS[kind] + self._tail,
            self._place + b"%d" % row,
        )

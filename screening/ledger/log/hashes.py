"""The hashes of all complete subtrees in one append-only file, in the order they are completed.

Leaf m completes one subtree for each of its trailing one bits, besides itself; so the hashes before
it number 2m - popcount(m), and a subtree's place is computed (as in Go's sumdb/tlog).
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

from screening.ledger.durable import write_durably
from screening.ledger.log.tree import HASH_BYTES, node_hash
from screening.private_files import regular_descriptor
from screening.vocabulary.errors import LedgerDamaged

HASHES: Final = "hashes"


class Hashes:
    """The file, as readers see it: `Subtrees` of the tree."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def open(cls, directory: Path, *, for_writing: bool = False) -> Self:
        """Open the file in a log's folder; one that is written is made. Raises `OSError`."""
        flags = os.O_RDWR | os.O_CREAT if for_writing else os.O_RDONLY
        return cls(regular_descriptor(directory / HASHES, flags))

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)

    def subtree(self, level: int, index: int) -> bytes:
        """Return one hash; `LedgerDamaged` where the file ends before it."""
        last = ((index + 1) << level) - 1
        at_byte = HASH_BYTES * (hashes_before(last) + level)
        is_offset = at_byte <= sys.maxsize  # a checkpoint that was damaged may say any size
        content = self._read(HASH_BYTES, at_byte=at_byte) if is_offset else b""
        if len(content) != HASH_BYTES:
            raise LedgerDamaged(f"log, hashes: leaf {last} is missing")
        return content

    def completed_by(self, first: int, leaves: Sequence[bytes]) -> bytes:
        """Return what these leaves' hashes, from leaf `first` on, add to the file."""
        added: list[bytes] = []
        start = hashes_before(first)

        def find(level: int, index: int) -> bytes:
            place = hashes_before(((index + 1) << level) - 1) + level - start
            return added[place] if place >= 0 else self.subtree(level, index)

        for index, leaf in enumerate(leaves, first):
            added.append(leaf)
            level, at = 0, index
            while at & 1:
                added.append(node_hash(find(level, at - 1), added[-1]))
                level, at = level + 1, at >> 1
        return b"".join(added)

    def holds(self, first: int, content: bytes) -> bool:
        """Tell whether what `completed_by` returned stands in its place."""
        return self._read(len(content), at_byte=HASH_BYTES * hashes_before(first)) == content

    def _read(self, count: int, *, at_byte: int) -> bytes:
        try:
            return os.pread(self._descriptor, count, at_byte)
        except OSError as error:
            raise LedgerDamaged(
                f"log, hashes: cannot be read from byte {at_byte} on: {error.strerror}"
            ) from None

    def append(self, first: int, content: bytes) -> None:
        """Make what `completed_by` returned durable, behind leaf `first - 1`; raises `OSError`."""
        write_durably(self._descriptor, content, at_byte=HASH_BYTES * hashes_before(first))

    def cut(self, size: int) -> None:
        """Drop what stands behind `size` leaves, durably; raises `OSError`."""
        os.ftruncate(self._descriptor, HASH_BYTES * hashes_before(size))
        os.fdatasync(self._descriptor)


def hashes_before(leaf: int) -> int:
    """Return how many hashes the leaves before this one complete."""
    return 2 * leaf - leaf.bit_count()

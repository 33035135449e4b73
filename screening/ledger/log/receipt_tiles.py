"""Sorted files that lead from a receipt to where its record lies; made from the segments alone.

A tile covers the leaves from `first` up to `end`, and has an entry for each that names a receipt:
8 bytes of the receipt's hash, the leaf, the segment and the first byte of the line there, sorted.
An entry has 32 bytes, and 127 are a block, whose CRC-32 binds them to their place. A tile is
written once, whole or not at all.

Nothing of it is believed: what it leads to is compared with the log, so a wrong one leads nowhere.
"""

import hashlib
import os
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

from screening.private_files import regular_descriptor, replace_private
from screening.vocabulary.errors import LedgerDamaged

ENTRY_BYTES: Final = 32
_KEY_BYTES: Final = 8
_LEAF_BYTES: Final = 6
_AT_BYTES: Final = 5
_TIME_BYTES: Final = 9
_BLOCK_BYTES: Final = 4_096
_COUNT_BYTES: Final = 2
_CRC_BYTES: Final = 4
_ENTRIES_A_BLOCK: Final = (_BLOCK_BYTES - _COUNT_BYTES - _CRC_BYTES) // ENTRY_BYTES
_PADDED: Final = _BLOCK_BYTES - _COUNT_BYTES - _CRC_BYTES
_NAME: Final = re.compile(r"([0-9a-f]{12})-([0-9a-f]{12})-([0-9a-f]{8})")
# As `new_segment_id` makes them: twenty digits of time, and eight of chance.
_SEGMENT: Final = re.compile(r"([0-9]{8})T([0-9]{12})Z-([0-9a-f]{8})")


class Place(msgspec.Struct, frozen=True):
    """Where the record of a leaf lies: the first byte of its line in the file of a segment."""

    leaf: int
    segment: str
    at_byte: int


class TileDamaged(LedgerDamaged):
    """A tile is not as it was written; it is removed, and made anew from the segments."""


class Tile(msgspec.Struct, frozen=True, order=True):
    """One file, by what its name says; `entries` are fewer than leaves where some have none."""

    first: int
    end: int
    entries: int

    @property
    def name(self) -> str:
        """Its name in the folder."""
        return f"{self.first:012x}-{self.end:012x}-{self.entries:08x}"

    @property
    def leaves(self) -> int:
        """How many leaves it covers."""
        return self.end - self.first


def receipt_key(receipt: bytes) -> bytes:
    """Return the bytes that entries are sorted by: spread evenly, whatever a receipt looks like."""
    return hashlib.blake2b(receipt, digest_size=_KEY_BYTES).digest()


def entry_of(receipt: bytes, place: Place) -> bytes | None:
    """Return one entry; None for a segment whose name no writer gives."""
    segment = _segment_field(place.segment)
    if segment is None:
        return None
    return b"".join(
        (
            receipt_key(receipt),
            place.leaf.to_bytes(_LEAF_BYTES, "big"),
            place.at_byte.to_bytes(_AT_BYTES, "big"),
            segment,
        )
    )


@lru_cache(64)  # of so many workers, each of which has millions of records in one segment
def _segment_field(segment: str) -> bytes | None:
    named = _SEGMENT.fullmatch(segment)
    if named is None:
        return None
    return int(named[1] + named[2]).to_bytes(_TIME_BYTES, "big") + bytes.fromhex(named[3])


def _place_of(entry: bytes) -> Place:
    after_leaf = _KEY_BYTES + _LEAF_BYTES
    after_place = after_leaf + _AT_BYTES
    time = f"{int.from_bytes(entry[after_place:-4], 'big'):020d}"
    return Place(
        leaf=int.from_bytes(entry[_KEY_BYTES:after_leaf], "big"),
        segment=f"{time[:8]}T{time[8:]}Z-{entry[-4:].hex()}",
        at_byte=int.from_bytes(entry[after_leaf:after_place], "big"),
    )


def tiles_in(folder: Path) -> list[Tile]:
    """Return the tiles of a folder by what they cover, larger ones first; none where it is missing.

    What else lies there is nobody's.
    """
    try:
        names = [path.name for path in folder.iterdir()]
    except FileNotFoundError:
        return []
    found = [named for name in names if (named := _NAME.fullmatch(name)) is not None]
    tiles = [Tile(*(int(number, 16) for number in named.groups())) for named in found]
    return sorted(tiles, key=lambda tile: (tile.first, -tile.end))


def gaps_between(tiles: Iterable[Tile], end: int) -> Iterator[tuple[int, int]]:
    """Yield what sorted tiles leave uncovered up to leaf `end`, as first leaf and end."""
    covered = 0
    for tile in tiles:
        if tile.first > covered:
            yield covered, min(tile.first, end)
        covered = max(covered, tile.end)
        if covered >= end:
            return
    if covered < end:
        yield covered, end


def write_tile(folder: Path, first: int, end: int, entries: Iterable[bytes]) -> Tile:
    """Write sorted entries of the leaves from `first` up to `end`; raises `OSError`.

    Not durably: after a power cut it may be damaged, which shows, and it is made anew.
    """
    some = sorted(entries)
    tile = Tile(first, end, len(some))
    blocks = []
    for number, at in enumerate(range(0, len(some), _ENTRIES_A_BLOCK)):
        block = some[at : at + _ENTRIES_A_BLOCK]
        content = b"".join(block).ljust(_PADDED, b"\0") + len(block).to_bytes(_COUNT_BYTES, "big")
        blocks.append(content + _crc(tile, number, content))
    replace_private(folder / tile.name, b"".join(blocks), durable=False)
    return tile


def entries_of(folder: Path, tile: Tile) -> list[bytes]:
    """Return all entries; raises `TileDamaged`, `FileNotFoundError` and `OSError`."""
    with closing(_OpenTile(folder, tile)) as file:
        return [entry for number in range(file.blocks) for entry in file.block(number)]


def require_whole(folder: Path, tile: Tile) -> None:
    """Read all of a tile, a hundredth of a second at most; raises as `entries_of`."""
    with closing(_OpenTile(folder, tile)) as file:
        for number in range(file.blocks):
            file.content(number)


def places_of(folder: Path, tile: Tile, receipt: bytes) -> list[Place]:
    """Return where a tile says that the record of a receipt lies: one place or none, as a rule.

    Reads a dozen blocks. Raises as `entries_of`.
    """
    key = receipt_key(receipt)
    with closing(_OpenTile(folder, tile)) as file:
        low, high = 0, file.blocks
        # Where it should be, as keys are spread evenly; then by halves.
        at = int.from_bytes(key, "big") * file.blocks >> 8 * _KEY_BYTES
        while low < high:
            block = file.block(at)
            if key < block[0][:_KEY_BYTES]:
                high = at
            elif key > block[-1][:_KEY_BYTES]:
                low = at + 1
            else:
                return [_place_of(entry) for entry in block if entry.startswith(key)]
            at = (low + high) // 2
    return []


class _OpenTile:
    def __init__(self, folder: Path, tile: Tile) -> None:
        self._tile = tile
        self.blocks = -(-tile.entries // _ENTRIES_A_BLOCK)
        self._descriptor = regular_descriptor(folder / tile.name, os.O_RDONLY)
        if os.fstat(self._descriptor).st_size != self.blocks * _BLOCK_BYTES:
            self.close()
            raise self._damaged()

    def close(self) -> None:
        os.close(self._descriptor)

    def block(self, number: int) -> list[bytes]:
        body = self.content(number)
        count = int.from_bytes(body[_PADDED:], "big")
        return [body[at : at + ENTRY_BYTES] for at in range(0, count * ENTRY_BYTES, ENTRY_BYTES)]

    def content(self, number: int) -> bytes:
        content = os.pread(self._descriptor, _BLOCK_BYTES, number * _BLOCK_BYTES)
        body, crc = content[:-_CRC_BYTES], content[-_CRC_BYTES:]
        if len(content) != _BLOCK_BYTES or crc != _crc(self._tile, number, body):
            raise self._damaged()
        return body

    def _damaged(self) -> TileDamaged:
        return TileDamaged(f"log, receipts: {self._tile.name} is not as it was written")


def _crc(tile: Tile, number: int, content: bytes) -> bytes:
    place = f"{tile.name} {number}".encode()
    return zlib.crc32(content, zlib.crc32(place)).to_bytes(_CRC_BYTES, "big")

"""Keeps the tiles of receipts: they follow the runs of the log, and are made anew where they lack.

For the one process that merges. All of it can be removed at any time. Records are read a second
time for it, so merging knows nothing of it, and what is taken up live and what is made anew are
taken up in the same way.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

import msgspec

from screening.ledger.lines import MAX_LINE_BYTES
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.receipt_ends import (
    ENDS,
    RECEIPTS,
    SEGMENTS_KEPT,
    Ends,
    read_ends,
    write_ends,
)
from screening.ledger.log.receipt_tiles import (
    Place,
    Tile,
    TileDamaged,
    entries_of,
    entry_of,
    gaps_between,
    require_whole,
    tiles_in,
    write_tile,
)
from screening.ledger.log.runs import RUNS, Run
from screening.ledger.verify import open_segment
from screening.private_files import ensure_private_directory, open_private, remove_whatever
from screening.vocabulary.errors import LedgerDamaged
from screening.vocabulary.unreadable import UNREADABLE

LEAVES_AT_A_TIME: Final = 1 << 14
"""A tenth of a second of CPU, for which signing waits; the rest is for the next beat."""
_BEATS_A_LOOK: Final = 16
"""A tile is looked through every twelve seconds, whether or not anybody asks."""
_WHOLE_LEAVES: Final = 1 << 18
"""A tile of so many, 8 MiB, is never written again."""
_NAMES: Final = b'"receipt":"'
_LONGEST_RECEIPT: Final = 64
_RUN_MAX_BYTES: Final = 1 << 10

FoundT = TypeVar("FoundT")

_run_decoder = msgspec.json.Decoder(Run)


class ReceiptIndex:
    """Takes up the records of a log's signed leaves; for one thread of one process at a time."""

    def __init__(self, directory: Path, *, at_a_time: int = LEAVES_AT_A_TIME) -> None:
        """Go on with the index of the log beside the segments in `directory`, or begin it."""
        self._directory = directory
        self._log = directory / LOG
        self._folder = self._log / RECEIPTS
        self._at_a_time = at_a_time
        self._beats = 0
        self._has_begun = False
        self._ends = Ends()
        self._places: dict[str, tuple[int, int]] = {}

    def catch_up(self, size: int) -> bool:
        """Take up leaves before `size`, not all at once; tell whether none is left.

        Raises `OSError`, and `LedgerDamaged` where the log's runs cannot be read.
        """
        tiles = self._tiles()
        if not self._has_begun:
            tiles = self._begin(tiles, size)
        self._look_through_one(tiles)
        reached = self._ends.leaves
        for first, end in gaps_between(tiles, reached):
            self._fill(first, min(end, first + self._at_a_time))
            return False
        end = min(size, reached + self._at_a_time)
        if end <= reached:
            if not (self._folder / ENDS).exists():  # removed, perhaps with all the rest
                write_ends(self._folder, self._ends)
            return True
        entries = self._entries(reached, end, self._places)
        self._add(tiles, reached, end, entries)
        while len(self._places) > SEGMENTS_KEPT:
            del self._places[next(iter(self._places))]
        self._ends = Ends(leaves=end, segments=dict(self._places))
        write_ends(self._folder, self._ends)
        return end == size

    def _tiles(self) -> list[Tile]:
        """Return the tiles that are needed; what another covers was left by a process killed."""
        kept: list[Tile] = []
        for tile in tiles_in(ensure_private_directory(self._folder)):
            if kept and tile.first < kept[-1].end:
                (self._folder / tile.name).unlink(missing_ok=True)
            else:
                kept.append(tile)
        return kept

    def _begin(self, tiles: list[Tile], size: int) -> list[Tile]:
        """Go on where the last process was, or anew where that is not known or not of this log."""
        ends = read_ends(self._folder)
        if ends is None or ends.leaves > size:
            ends = Ends()
            write_ends(self._folder, ends)
        # A tile is written before the ends, and may be ahead where a process was killed.
        for tile in tiles:
            if tile.end > ends.leaves:
                remove_whatever(self._folder / tile.name)
        self._ends, self._places = ends, dict(ends.segments)
        self._has_begun = True
        return [tile for tile in tiles if tile.end <= ends.leaves]

    def _look_through_one(self, tiles: list[Tile]) -> None:
        """Read one tile now and then, and remove it where it is damaged: it is made anew."""
        if not tiles:
            return
        self._beats += 1
        if self._beats % _BEATS_A_LOOK == 1:
            self._unless_damaged(require_whole, tiles[self._beats // _BEATS_A_LOOK % len(tiles)])

    def _unless_damaged(self, read: Callable[[Path, Tile], FoundT], tile: Tile) -> FoundT | None:
        """Return what is read of a tile; None where it was damaged, or somebody removed it."""
        try:
            return read(self._folder, tile)
        except (TileDamaged, OSError):  # perhaps no file at all, or the disk does not give it
            with suppress(FileNotFoundError):
                remove_whatever(self._folder / tile.name)
            return None

    def _fill(self, first: int, end: int) -> None:
        """Make what is missing anew; segments are read from their beginning for it."""
        write_tile(self._folder, first, end, self._entries(first, end, {}))

    def _add(self, tiles: list[Tile], first: int, end: int, entries: list[bytes]) -> None:
        """Write what was taken up, in one tile with those before it that are not much larger.

        So there are few of them, and an entry is written again as often as its tile doubles.
        """
        merged: list[Tile] = []
        while tiles and tiles[-1].end == first and _are_merged(tiles[-1], end - first):
            before = self._unless_damaged(entries_of, tiles[-1])
            if before is None:
                break
            merged.append(tiles.pop())
            first, entries = merged[-1].first, before + entries
        write_tile(self._folder, first, end, entries)
        for tile in merged:  # whoever looks in between finds both
            (self._folder / tile.name).unlink(missing_ok=True)

    def _entries(self, first: int, end: int, places: dict[str, tuple[int, int]]) -> list[bytes]:
        """Return the entries of some leaves; what cannot be read any more has none."""
        entries: list[bytes] = []
        for run in _runs_from(self._log, first):
            if run.leaf >= end:
                break
            record = run.record + max(first - run.leaf, 0)
            count = min(run.end, end) - max(run.leaf, first)
            leaf = max(run.leaf, first)
            for at_byte, line in self._lines(run.segment, record, count, places):
                receipt = find_receipt(line)
                entry = receipt and entry_of(receipt, Place(leaf, run.segment, at_byte))
                if entry:
                    entries.append(entry)
                leaf += 1
        return entries

    def _lines(
        self, segment: str, record: int, count: int, places: dict[str, tuple[int, int]]
    ) -> Iterator[tuple[int, bytes]]:
        """Yield `count` lines of a segment from a record (from 1) on, each with its first byte."""
        reader = open_segment(self._directory, segment)
        if reader is None:
            return
        with closing(reader), os.fdopen(os.dup(reader.fileno()), "rb") as file:
            taken, at_byte = places.pop(segment, (-1, 0))
            if taken >= record:
                taken, at_byte = -1, 0
            file.seek(at_byte)
            while taken < record + count - 1:
                line = file.readline(MAX_LINE_BYTES)
                if not line.endswith(b"\n"):
                    break
                taken += 1  # the header is line 0
                if taken >= record:
                    yield at_byte, line[:-1]
                at_byte += len(line)
            places[segment] = (taken, at_byte)


def find_receipt(line: bytes) -> bytes | None:
    """Return what a record names as its receipt; of others than checks, nothing."""
    start = line.find(_NAMES)
    if start < 0:
        return None
    start += len(_NAMES)
    end = line.find(b'"', start, start + _LONGEST_RECEIPT)
    return line[start:end] if end > start else None


def _are_merged(before: Tile, leaves: int) -> bool:
    return before.leaves < _WHOLE_LEAVES and before.leaves <= 2 * leaves


def _runs_from(log: Path, leaf: int) -> Iterator[Run]:
    """Yield the runs from the one of a leaf on; found by halves, as their lines are in order."""
    with open_private(log / RUNS) as file:
        file.seek(_find_run(file, leaf))
        while (line := file.readline(_RUN_MAX_BYTES)).endswith(b"\n"):
            yield _parsed(line)


def _find_run(file: BinaryIO, leaf: int) -> int:
    """Return the first byte of the last line whose run begins at or before a leaf."""
    low, high = 0, file.seek(0, os.SEEK_END)
    while high - low > _RUN_MAX_BYTES:
        middle = (low + high) // 2
        file.seek(middle)
        file.readline(_RUN_MAX_BYTES)
        start = file.tell()
        line = file.readline(_RUN_MAX_BYTES)
        if start < high and line.endswith(b"\n") and _parsed(line).leaf <= leaf:
            low = start
        else:
            high = middle
    at = low
    file.seek(low)
    while (line := file.readline(_RUN_MAX_BYTES)).endswith(b"\n") and _parsed(line).leaf <= leaf:
        at = file.tell() - len(line)
    return at


def _parsed(line: bytes) -> Run:
    try:
        return _run_decoder.decode(line)
    except UNREADABLE:
        raise LedgerDamaged("log, runs: a line is not a run") from None

"""Which records became which leaves: runs of one segment's records, in the order of the leaves."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from screening.ledger.line_files import numbered_lines
from screening.private_files import open_private
from screening.vocabulary.errors import LedgerDamaged
from screening.vocabulary.unreadable import UNREADABLE

RUNS: Final = "runs"
_MAX_LINE_BYTES: Final = 1 << 10


class Run(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`count` records of a segment, from `record` (from 1) on, are the leaves from `leaf` on."""

    leaf: int
    segment: str
    record: int
    count: int

    @property
    def end(self) -> int:
        """The leaf that follows."""
        return self.leaf + self.count

    @property
    def line(self) -> bytes:
        """How it is written."""
        return msgspec.json.encode(self) + b"\n"


class Sequel:
    """Tells of each run whether it follows from those before it."""

    def __init__(self, runs: Iterable[Run] = ()) -> None:
        self._leaf, self._merged = 0, dict[str, int]()
        for run in runs:
            self.taken(run)

    def taken(self, run: Run) -> Run:
        """Return a run, from which the next is to follow; raises `LedgerDamaged`."""
        place = self._leaf, self._merged.get(run.segment, 0) + 1
        if (run.leaf, run.record) != place or run.count < 1:
            raise LedgerDamaged("does not follow from those before")
        self._leaf, self._merged[run.segment] = run.end, run.record - 1 + run.count
        return run


_decoder = msgspec.json.Decoder(Run)


def read_runs(directory: Path) -> Iterator[Run]:
    """Yield the runs of a log's folder; none where there is no file yet.

    Raises `LedgerDamaged` for a line that is no run, or does not follow; one that is torn, at the
    end, says nothing.
    """
    sequel = Sequel()
    try:
        file = open_private(directory / RUNS)
    except FileNotFoundError:
        return
    for number, line in numbered_lines(file, "log, runs", max_bytes=_MAX_LINE_BYTES):
        try:
            run = sequel.taken(_parse(line))
        except LedgerDamaged as error:
            raise LedgerDamaged(f"log, runs, line {number}: {error}") from None
        yield run


def _parse(line: bytes) -> Run:
    try:
        run = _decoder.decode(line)
    except UNREADABLE:
        raise LedgerDamaged("not a run") from None
    if run.line != line:
        raise LedgerDamaged("not spelled as it was written")
    return run

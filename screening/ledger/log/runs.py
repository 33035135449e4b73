"""Which records became which leaves: runs of one segment's records, in the order of the leaves."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

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


_decoder = msgspec.json.Decoder(Run)


def read_runs(directory: Path) -> Iterator[Run]:
    """Yield the runs of a log's folder; none where there is no file yet.

    Raises `LedgerDamaged` for a line that is no run, or does not follow; one that is torn, at the
    end, says nothing.
    """
    leaf, merged = 0, dict[str, int]()
    try:
        file = open_private(directory / RUNS)
    except FileNotFoundError:
        return
    with file:
        number = 0
        while (line := file.readline(_MAX_LINE_BYTES)).endswith(b"\n"):
            number += 1
            run = _parse(line, number)
            if (run.leaf, run.record) != (leaf, merged.get(run.segment, 0) + 1) or run.count < 1:
                raise LedgerDamaged(f"log, runs, line {number}: does not follow from those before")
            leaf, merged[run.segment] = run.end, run.record - 1 + run.count
            yield run
        if len(line) == _MAX_LINE_BYTES:
            raise LedgerDamaged(f"log, runs, line {number + 1}: longer than any line")


def _parse(line: bytes, number: int) -> Run:
    try:
        run = _decoder.decode(line)
    except UNREADABLE:
        raise LedgerDamaged(f"log, runs, line {number}: not a run") from None
    if run.line != line:
        raise LedgerDamaged(f"log, runs, line {number}: not spelled as it was written")
    return run

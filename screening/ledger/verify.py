"""Checks a whole ledger: every line, every seal, every reference, and that no segment is missing.

What it cannot see is a change by someone who recomputes every chain value after it, or the removal
of the last lines of a segment that is still open. Checkpoints kept elsewhere bind those.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from screening.ledger.line_files import numbered_lines
from screening.ledger.lines import (
    MAX_LINE_BYTES,
    Position,
    SealLine,
    SealPoint,
    find_payload,
    parse_seal_line,
)
from screening.ledger.log.drops import read_drops
from screening.ledger.reader import SegmentReader
from screening.ledger.seals import LOCK, SEALS
from screening.ledger.segment import DAMAGED, OPEN, SEALED
from screening.private_files import open_private
from screening.vocabulary.errors import LedgerDamaged, OperatorError

LOG_FOLDER: Final = "log"
"""Where a log lies, if there is one (`log/checkpoint.py`)."""

Index = Mapping[str, SealLine]
"""Segment id -> the line of its seal, in the order of the seals' numbers."""


class Report(msgspec.Struct, frozen=True):
    """A ledger that is whole: how much of it there is, and how far it is sealed."""

    segments: int
    records: int
    open_segments: int
    last_seal: SealPoint | None


def verify_ledger(directory: Path) -> Report:
    """Check all; raises `LedgerDamaged`, which names segment and line of the first bad record.

    Raises `OperatorError` for a folder in which no ledger was ever opened. May run beside writers.
    Segments that retention has dropped are not missed: who signed that, `verify_log` checks.
    A torn end is no damage in a segment that is open: recovery judges it once its writer is dead.
    """
    readers = []
    for reader in _segments(directory):
        reader.read_through()
        check_end(reader)
        readers.append(reader)
    # Read only now: a seal is announced in the index before it is set in its segment.
    index = read_index(directory / SEALS)
    dropped = read_drops(directory / LOG_FOLDER).keys()
    for error in inconsistencies(directory, readers, index, but=dropped):
        raise error
    sealed = {reader.segment for reader in readers if reader.seal is not None}
    return Report(
        segments=len(readers),
        records=sum(reader.end.records for reader in readers),
        open_segments=len(readers) - len(sealed),
        last_seal=next((line.point for line in reversed(index.values())), None),
    )


def holds(directory: Path, position: Position) -> bool:
    """Tell whether a ledger goes as far as this, with all that came before in the segment."""
    continued = find_segment(directory, position.segment)
    return continued is not None and any(
        (continued.end.records, continued.end.chain.decode()) == (position.records, position.chain)
        for _ in continued.record_lines()
    )


def _segments(directory: Path) -> Iterator[SegmentReader]:
    for segment in segment_ids(directory):
        reader = find_segment(directory, segment)
        if reader is not None:  # else it was empty, and its writer removed it
            yield reader


def segment_ids(directory: Path) -> list[str]:
    """Return the ids of all segments, oldest first; `OperatorError` where there is no ledger."""
    paths = list(directory.iterdir()) if directory.is_dir() else []
    segments = segments_among(paths)
    # Whoever opens a ledger makes a lock first of all: without one this is some other folder, and
    # saying "whole" of it would hide that the journal is not where someone thinks it is.
    if not segments and not {SEALS, LOCK} & {path.name for path in paths}:
        raise OperatorError(
            f"{directory} is no journal or ledger: it has no segment; check the path"
        )
    return segments


def segments_among(paths: Iterable[Path]) -> list[str]:
    """Return the ids of the segments among these files, oldest first."""
    return sorted({path.stem for path in paths if path.suffix in (OPEN, SEALED, DAMAGED)})


def find_segment(directory: Path, segment: str) -> SegmentReader | None:
    """Return a reader of a segment, whatever its name is by now; None where there is none.

    Raises `LedgerDamaged` where it lies there twice.
    """
    _require_one_name(directory, segment)
    return open_segment(directory, segment)


def open_segment(directory: Path, segment: str) -> SegmentReader | None:
    """Return a reader of a segment by the first name that it has; None where there is none."""
    # An open one may be renamed at any moment, and never back: so it is looked for first.
    for suffix in (OPEN, SEALED, DAMAGED):
        try:
            return SegmentReader(directory / f"{segment}{suffix}")
        except FileNotFoundError:
            continue
    return None


def _require_one_name(directory: Path, segment: str) -> None:
    # In this order: one that is renamed in between has its new name, and the old one no more.
    paths = [directory / f"{segment}{suffix}" for suffix in (SEALED, DAMAGED, OPEN)]
    try:
        names = [path for path in paths if path.exists()]
    except OSError as error:
        raise OperatorError(f"{paths[-1]} cannot be used: {error.strerror}") from None
    if len(names) > 1:
        raise LedgerDamaged(
            f"segment {segment}, line 1: it lies here under two names, as no writer leaves it"
        )


def check_end(reader: SegmentReader) -> None:
    """Raise `LedgerDamaged` where a segment, of which all was read, ends not as its name says."""
    if reader.path.suffix == DAMAGED:
        raise reader.damaged("recovery set this segment aside")
    if reader.path.suffix == SEALED and reader.tail:
        raise reader.damaged("incomplete")
    if reader.path.suffix == SEALED and reader.seal is None:
        raise reader.damaged("the seal is missing", line=reader.line + 1)


def read_index(path: Path) -> dict[str, SealLine]:
    """Read the file `seals`; raises `LedgerDamaged`."""
    index: dict[str, SealLine] = {}
    previous: str | None = None
    try:
        file = open_private(path)
    except FileNotFoundError:
        return index
    for number, line in numbered_lines(file, SEALS, max_bytes=MAX_LINE_BYTES):
        try:
            announced = parse_seal_line(line[:-1])
        except LedgerDamaged as error:
            raise LedgerDamaged(f"seals, line {number}: {error}") from None
        seal = announced.seal
        if (seal.number, seal.previous) != (number, previous) or seal.segment in index:
            raise LedgerDamaged(f"seals, line {number}: does not follow from the line before")
        index[seal.segment] = announced
        previous = announced.chain
    return index


def _check_seal(reader: SegmentReader, index: Index) -> None:
    if reader.seal is None:
        return
    announced = index.get(reader.segment)
    if announced is None or announced.seal != reader.seal or not _ends_with(reader, announced):
        raise reader.damaged("the file seals has no such seal")


def _ends_with(reader: SegmentReader, announced: SealLine) -> bool:
    return reader.end.chain == announced.chain.encode()


def _check_previous_seal(reader: SegmentReader, index: Index) -> None:
    point = reader.header.previous_seal if reader.header else None
    if point is None:
        return
    # It cannot be a later one: the chain of each seal covers those before it, and this header.
    announced = index.get(point.segment)
    if announced is None or announced.point != point:
        raise reader.damaged("the seal that the header names is not before it", line=1)


def _check_continues(position: Position, directory: Path) -> None:
    if not holds(directory, position):
        raise LedgerDamaged(
            f"segment {position.segment}, line {position.records + 1}: acknowledged, but missing"
        )


def _check_unset_seal(announced: SealLine, directory: Path) -> None:
    """Check a segment whose seal is announced but was not seen: only a crash leaves it so."""
    reader = find_segment(directory, announced.seal.segment)
    if reader is None:
        raise LedgerDamaged(
            f"segment {announced.seal.segment}, line 1: missing, "
            f"but sealed as number {announced.seal.number}"
        )
    reader.read_through()
    is_set = reader.seal is not None and _ends_with(reader, announced)
    if not is_set and find_payload(reader.end.chain, announced.line) is None:
        raise reader.damaged("records are missing before its seal", line=reader.line + 1)


def inconsistencies(
    directory: Path, readers: Sequence[SegmentReader], index: Index, *, but: Collection[str] = ()
) -> Iterator[LedgerDamaged | OperatorError]:
    """Yield what does not fit between segments and the file `seals`, which was read after them.

    Nothing of the segments in `but`, which are known to be damaged.
    """
    sealed = {reader.segment for reader in readers if reader.seal is not None}
    checks: list[Callable[[], None]] = []
    for reader in readers:
        checks.append(partial(_check_seal, reader, index))
        checks.append(partial(_check_previous_seal, reader, index))
        position = reader.header.continues if reader.header else None
        if position is not None and position.segment not in but:
            checks.append(partial(_check_continues, position, directory))
    for segment, announced in index.items():
        if segment not in sealed and segment not in but:
            checks.append(partial(_check_unset_seal, announced, directory))
    for check in checks:
        try:
            check()
        except (LedgerDamaged, OperatorError) as error:
            yield error

"""Whether the file `seals` here is what a copy may follow: a seal is told by what was sealed.

Each line names the chain value of the one before, so that a change of that alone shows by itself.
What else it says, the segment's own last line says, and of one that was dropped its signed drop.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from screening.ledger.lines import Seal, SealLine, link
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.drops import Drop, find_drop_lines
from screening.ledger.log.notes import VerifierKey
from screening.ledger.reader import SegmentReader
from screening.ledger.seals import SEALS
from screening.ledger.segment import DAMAGED, OPEN, SEALED
from screening.ledger.verify import read_index, segments_among
from screening.vocabulary.errors import LedgerDamaged, OperatorError


def wrong_seals(
    directory: Path, copied: Mapping[str, SealLine], drops: Mapping[str, Drop]
) -> Iterator[str]:
    """Yield a sentence for each seal here that is not the one of its segment; beside writers, too.

    None of those that the copy has alike, nor of a segment that itself is damaged, or is missing:
    that is told of the segment.
    """
    # In this order: a seal is announced before it is set in its segment.
    paths = [*directory.iterdir()]
    index = read_index(directory / SEALS)
    lying = {path.stem: path for path in paths if path.suffix in (OPEN, SEALED)}
    dropped = drops.keys() - {*segments_among(paths)}
    for segment in sorted({*lying, *dropped}):
        line = index.get(segment)
        if line is not None and copied.get(segment) == line:
            continue
        if segment in dropped:
            is_wrong = line is None or not is_of_drop(line.seal, drops[segment])
        elif lying[segment].suffix == SEALED:
            is_wrong = _is_sealed_otherwise(lying[segment], line)
        else:
            is_wrong = line is not None and _is_announced_otherwise(lying[segment], line)
        if is_wrong:
            yield f"seals: not the seal of segment {segment}, by its own last line or its drop"


def missing_sealed(
    directory: Path, index: Mapping[str, SealLine], key: VerifierKey
) -> Iterator[str]:
    """Yield a sentence for each segment of the seals that neither lies here nor was dropped.

    None where a drop was damaged, which may be of any segment: that is told of the drops.
    """
    gone = [segment for segment in index if not _lies(directory, segment)]
    # Read only now: a drop is on record before its segment goes.
    dropped, wrong = find_drop_lines(directory / LOG, key)
    for segment in gone:
        if not wrong and segment not in dropped:
            yield f"segment {segment}: sealed here, and missing; bring back its file from a copy"


def _lies(directory: Path, segment: str) -> bool:
    # In this order: an open one may be renamed at any moment, and never back.
    return any((directory / f"{segment}{suffix}").exists() for suffix in (OPEN, SEALED, DAMAGED))


def _is_sealed_otherwise(path: Path, line: SealLine | None) -> bool:
    """Tell whether a segment that is whole ends with another seal."""
    try:
        with closing(SegmentReader(path)) as reader:
            reader.read_through()
    except (FileNotFoundError, LedgerDamaged, OperatorError):
        return False
    if reader.seal is None or reader.tail:
        return False
    announced = line and (line.seal, line.chain.encode())
    return announced != (reader.seal, reader.end.chain)


def _is_announced_otherwise(path: Path, line: SealLine) -> bool:
    """Tell whether the line of a seal that is not yet set follows from no end of its segment.

    Of one that ends before the seal says, that is told of the segment.
    """
    try:
        with closing(SegmentReader(path)) as reader:
            reader.read_through()
    except (FileNotFoundError, LedgerDamaged, OperatorError):
        return False
    chain, _, payload = line.line.partition(b" ")
    if reader.seal is not None:  # set, and the file not yet renamed
        return (line.seal, chain) != (reader.seal, reader.end.chain)
    if reader.end.records < line.seal.records:
        return False
    return reader.end.records != line.seal.records or chain != link(reader.end.chain, payload)


def is_of_drop(seal: Seal, drop: Drop) -> bool:
    """Tell whether a seal says what the signed drop of its segment says."""
    return (seal.records, seal.sealed_at) == (drop.records, drop.sealed_at)

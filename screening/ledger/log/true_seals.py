"""Whether the file `seals` here is what a copy may follow: a seal is told by what was sealed.

Each line names the chain value of the one before, so that a change of that alone shows by itself.
What else it says, the segment's own last line says, and of one that was dropped its signed drop.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from screening.ledger.lines import SealLine
from screening.ledger.log.drops import Drop
from screening.ledger.reader import SegmentReader
from screening.ledger.seals import SEALS
from screening.ledger.segment import SEALED
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
    sealed, lying = {path.stem for path in paths if path.suffix == SEALED}, segments_among(paths)
    for segment in sorted({*sealed, *(drops.keys() - lying)}):
        line = index.get(segment)
        if line is not None and copied.get(segment) == line:
            continue
        if segment in sealed:
            is_wrong = _is_sealed_otherwise(directory / f"{segment}{SEALED}", line)
        else:
            is_wrong = not _is_of_drop(line, drops[segment])
        if is_wrong:
            yield f"seals: not the seal of segment {segment}, by its own last line or its drop"


def _is_sealed_otherwise(path: Path, line: SealLine | None) -> bool:
    """Tell whether a segment that is whole ends with another seal."""
    try:
        with closing(SegmentReader(path)) as reader:
            reader.read_through()
    except (FileNotFoundError, LedgerDamaged, OperatorError, OSError):
        return False
    if reader.seal is None or reader.tail:
        return False
    announced = line and (line.seal, line.chain.encode())
    return announced != (reader.seal, reader.end.chain)


def _is_of_drop(line: SealLine | None, drop: Drop) -> bool:
    return line is not None and (line.seal.records, line.seal.sealed_at) == (
        drop.records,
        drop.sealed_at,
    )

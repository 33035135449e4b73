"""The drops that belong to a copy: of segments that are not, and were not, in it.

What this host has dropped because the copy has it, the copy itself has not dropped: were that on
record there, nobody would miss it. One that was begun later never had it, and says so by what it
was brought then. What a copy has lost, a person gives up by name, and only for a signed drop.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from screening.ledger.lines import SealLine
from screening.ledger.log.beginnings import Copied
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.copies import ends_with
from screening.ledger.log.drops import DROPS, find_drop_lines
from screening.ledger.log.leaves import Leaves
from screening.ledger.log.notes import VerifierKey
from screening.ledger.reader import SegmentReader
from screening.ledger.segment import SEALED
from screening.ledger.verify import open_segment, segment_ids
from screening.private_files import open_private, read_private
from screening.vocabulary.errors import LedgerDamaged, OperatorError

_ALIKE_BYTES: Final = 8
"""Lines of two drops differ in most of the 88 characters of their signatures."""

_NAME: Final = slice(20, 51)
_SIGNED: Final = slice(-24, -8)
"""Where the line of a drop has the segment's name, and a part of the signature that is its own."""

_FAR_MORE: Final = 4
_SPARE_BYTES: Final = 1 << 20
"""A copy's file is read as a whole: no more of it than so many times the drops that are known."""

_PIECE_BYTES: Final = 1 << 20


class CopiedDrops(msgspec.Struct, frozen=True):
    """What the file `drops` of a copy is to be, and what was wrong with what it is made of."""

    content: bytes
    remade: list[str]
    wrong: list[str]


def require_dropped(
    directory: Path,
    target: Path,
    leaves: Leaves,
    index: Mapping[str, SealLine],
    *,
    key: VerifierKey,
    lost: Collection[str],
) -> None:
    """Raise `OperatorError` unless this host has dropped all of `lost`, and the copy lacks them."""
    ours = find_drop_lines(directory / LOG, key)[0] if lost else {}
    whole = _whole_in(target, index, leaves) if lost else set[str]()
    for segment in lost:
        if segment not in ours or segment in segment_ids(directory):
            raise OperatorError("--lost names no segment that was dropped here; check its name")
        if segment in whole:
            raise OperatorError(
                f"segment {segment} lies in the copy, so it is not given up; where an audit of "
                "the copy names it, move its file elsewhere first"
            )


def drops_of_copy(
    directory: Path,
    copied: Copied,
    leaves: Leaves,
    index: Mapping[str, SealLine],
    *,
    key: VerifierKey,
    lost: Collection[str],
) -> CopiedDrops:
    """Return the drops that belong to a copy, and name what it lacks without one.

    Raises `LedgerDamaged` where damaged drops here may be of segments that it never had: by all
    else that is brought to it, it would have had them.
    """
    ours, wrong = find_drop_lines(directory / LOG, key)
    theirs, remade, lost_lines = _lines_of_copy(copied.folder / LOG, key, ours)
    had = {*copied.index, *leaves.segments_before(copied.size)} - {*lost}
    whole = _whole_in(copied.folder, index, leaves)
    known = had | ours.keys() | theirs.keys() | whole | {*segment_ids(directory)}
    if wrong and index.keys() - known:
        raise LedgerDamaged(*wrong, "the log of the copy stays, which never had what was dropped")
    drops = theirs | {segment: line for segment, line in ours.items() if segment not in had}
    content = b"".join(line for segment, line in drops.items() if segment not in whole)
    missing = ours.keys() - drops.keys() - whole - {*segment_ids(directory)}
    for segment in sorted(missing):
        wrong.append(
            f"segment {segment}: dropped here, and the copy has {_begun(copied, segment, leaves)} "
            f"of its {leaves.count(segment)} records; bring its file from another copy, or give "
            f"up what is missing: --lost {segment}"
        )
    return CopiedDrops(content, remade, [*lost_lines, *wrong])


def _whole_in(target: Path, index: Mapping[str, SealLine], leaves: Leaves) -> set[str]:
    """Return the segments of a copy that lack no record there, as far as the disk gives them."""
    sealed = [path for path in target.glob(f"*{SEALED}") if path.exists() and path.stem in index]
    return {path.stem for path in sealed if _is_whole(path, index[path.stem], leaves)}


def _is_whole(path: Path, announced: SealLine, leaves: Leaves) -> bool:
    """Tell whether a file ends as its segment was sealed; else all of it must have been read.

    What is not read, or that others may read, is there, and an audit of the copy names it.
    """
    try:
        if ends_with(path, announced):
            return True
        with open_private(path) as file:
            while file.read(_PIECE_BYTES):
                pass
        with closing(SegmentReader(path)) as reader:
            return leaves.true_end(reader).records >= announced.seal.records
    except (OSError, OperatorError):
        return True


def _begun(copied: Copied, segment: str, leaves: Leaves) -> int:
    try:
        reader = open_segment(copied.folder, segment)
    except OperatorError:
        return 0
    if reader is None:
        return 0
    with closing(reader):
        return leaves.true_end(reader).records


def _lines_of_copy(
    log: Path, key: VerifierKey, ours: dict[str, bytes]
) -> tuple[dict[str, bytes], list[str], list[str]]:
    """Read the drops of a copy, of which a damaged one is that of this host which it resembles.

    And a sentence where there was one, and for each that resembles none.
    """
    lines, _ = find_drop_lines(log, key)
    if not (log / DROPS).exists():
        return lines, [], []
    at_most = _FAR_MORE * sum(map(len, (ours | lines).values())) + _SPARE_BYTES
    content = read_private(log / DROPS, max_bytes=at_most)
    if content == b"".join(lines.values()):
        return lines, [], []
    wrong: list[str] = []
    known = {line: segment for segment, line in (ours | lines).items()}
    missing = [line for line, segment in known.items() if segment not in lines]
    for piece in _pieces(content, known, missing):
        if piece in known:
            lines[known[piece]] = piece
        else:
            wrong.append(f"log, {DROPS} of the copy: a line was damaged, and is left out")
    return lines, [f"log/{DROPS} of the copy was damaged, and is made anew"], wrong


def _pieces(content: bytes, known: Collection[bytes], missing: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a file, and in place of each damaged one that of `missing` it resembles.

    Which no other resembles then. After as many lines as are known that resemble none, no more is
    looked for: a file of anything at all takes no longer than one of drops.
    """
    damaged, start, misses = _Damaged(missing), 0, 0
    while start < len(content):
        line = content[start : content.find(b"\n", start) + 1 or None]
        if line not in known and misses <= len(known):
            found = damaged.take(content, start)
            misses += found is None
            line = found or line
        yield line
        start += len(line)


class _Damaged:
    """Lines that a file may have damaged: each is looked for by its name and by its signature.

    One of both is whole where the other was damaged, and there may be very many lines.
    """

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = {*lines}
        self._lengths = {len(line) for line in self._lines}
        self._by_part = {line[_NAME]: line for line in self._lines}
        self._by_part |= {line[_SIGNED]: line for line in self._lines}

    def take(self, content: bytes, start: int) -> bytes | None:
        """Return the line that the content from `start` on resembles, and never again."""
        pieces = [content[start : start + length] for length in self._lengths]
        for part in (piece[one] for one in (_NAME, _SIGNED) for piece in pieces):
            line = self._by_part.get(part)
            if line in self._lines and _is_alike(content, start, line):
                self._lines.remove(line)
                return line
        return None


def _is_alike(content: bytes, start: int, line: bytes) -> bool:
    """Tell whether so many bytes differ at most: from the end on, where two drops differ most.

    Or whether the content ends within the line, behind the name of its segment.
    """
    piece = content[start : start + len(line)]
    if len(line) // 2 < len(piece) < len(line):
        return line.startswith(piece)
    differences = (
        1 for one, other in zip(reversed(piece), reversed(line), strict=False) if one != other
    )
    return len(piece) == len(line) and sum(islice(differences, _ALIKE_BYTES + 1)) <= _ALIKE_BYTES

"""Which leaves the records of each segment are, under one checkpoint: what lines are held against.

A line that follows from the one before shows no more than that whoever wrote it knew how to hash.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from screening.ledger.lines import End, SealLine
from screening.ledger.log.runs import Run
from screening.ledger.log.tree import Subtrees, leaf_hash
from screening.ledger.reader import SegmentReader
from screening.vocabulary.errors import LedgerDamaged


class Leaves:
    """The leaves under a checkpoint over `size` of them, whose `hashes` have been checked."""

    def __init__(self, size: int, runs: Iterable[Run], hashes: Subtrees) -> None:
        self._hashes = hashes
        self._leaves: defaultdict[str, list[range]] = defaultdict(list)
        for run in runs:
            if run.leaf >= size:
                break
            self._leaves[run.segment].append(range(run.leaf, min(run.end, size)))

    def count(self, segment: str) -> int:
        """Return how many records of a segment are leaves: the first ones."""
        return sum(len(leaves) for leaves in self._leaves.get(segment, ()))

    def end(self, segment: str) -> int:
        """Return the leaf behind a segment's last one; 0 where it has none."""
        return max((leaves.stop for leaves in self._leaves.get(segment, ())), default=0)

    def segments_before(self, size: int) -> set[str]:
        """Return the segments that have records among the first `size` leaves."""
        return {segment for segment, leaves in self._leaves.items() if leaves[0].start < size}

    def true_lines(self, reader: SegmentReader, *, records: int | None = None) -> Iterator[bytes]:
        """Yield a segment's lines as they stand, header and seal too, each once it was checked.

        Up to so many `records`, where that is set. Raises `LedgerDamaged` at the first line that
        does not follow, is not the leaf that it should be, or is missing.
        """
        lines = reader.whole_lines()
        leaves = (leaf for part in self._leaves.get(reader.segment, ()) for leaf in part)
        while records is None or reader.end.records < records:
            line, payload = next(lines, (None, None))
            if line is None:
                break
            leaf = next(leaves, None) if payload is not None else None
            if leaf is not None and leaf_hash(line) != self._hashes.subtree(0, leaf):
                raise reader.damaged(f"not leaf {leaf} of the log")
            yield line + b"\n"
        expected = self.count(reader.segment) if records is None else records
        if reader.end.records < expected:
            raise reader.damaged("missing, but signed or sealed", line=reader.end.records + 2)

    def require_true(self, reader: SegmentReader, announced: SealLine) -> None:
        """Raise `LedgerDamaged` unless every line is true, and the last is the announced seal."""
        for _ in self.true_lines(reader):
            pass
        require_sealed(reader, announced)

    def true_end(self, reader: SegmentReader) -> End:
        """Return where the last of those lines ends that are records and true."""
        end = End()
        try:
            for _ in self.true_lines(reader):
                if reader.end.records > end.records:
                    end = reader.end
        except LedgerDamaged:
            pass  # what there is up to here is what is asked for
        return end


def require_sealed(reader: SegmentReader, announced: SealLine | None) -> None:
    """Raise `LedgerDamaged` unless a segment, of which all was read, ends with that seal."""
    ends = reader.seal, reader.end.chain
    if announced is None or ends != (announced.seal, announced.chain.encode()):
        raise reader.damaged("not sealed as the file seals says", line=reader.line + 1)

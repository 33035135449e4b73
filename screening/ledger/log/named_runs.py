"""Whether runs name segments that there are: a damaged name leads to a segment that never was."""

from collections.abc import Collection, Sequence
from contextlib import closing
from pathlib import Path

from screening.ledger.log.runs import Run
from screening.ledger.log.tree import Subtrees, leaf_hash
from screening.ledger.verify import find_segment, segment_ids
from screening.vocabulary.errors import LedgerDamaged, OperatorError


def require_named(
    directory: Path, runs: Sequence[Run], hashes: Subtrees, *, known: Collection[str]
) -> None:
    """Raise `LedgerDamaged` where a run is of another segment than its name says.

    Of one that is neither `known` nor lies here: where the first leaf is the first record of one
    that no run names. Where none has it, the segment is missing, which is told as that.
    """
    lying = segment_ids(directory)
    named = {run.segment for run in runs}
    unknown = [run for run in runs if run.segment not in {*known, *lying}]
    for segment in [one for one in lying if one not in named] if unknown else []:
        first = _first_leaf(directory, segment)
        for run in unknown:
            if first == hashes.subtree(0, run.leaf):
                raise LedgerDamaged(
                    f"log, runs: leaf {run.leaf} is of segment {segment}, which they do not name"
                )


def _first_leaf(directory: Path, segment: str) -> bytes | None:
    try:
        reader = find_segment(directory, segment)
        if reader is None:
            return None
        with closing(reader):
            for line in reader.record_lines():
                return leaf_hash(line)
    except (LedgerDamaged, OperatorError):
        return None
    return None

"""What an auditor asks of a log: whether it is true, and a proof that a record is in it."""

from collections import defaultdict
from collections.abc import Generator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from screening.ledger.log.checkpoint import LOG, open_checkpoint, read_checkpoint
from screening.ledger.log.drops import Drop, read_drops
from screening.ledger.log.hashes import Hashes
from screening.ledger.log.notes import Checkpoint, NoteRefused, VerifierKey
from screening.ledger.log.proving import prove_leaf
from screening.ledger.log.runs import Run, read_runs
from screening.ledger.log.tree import leaf_hash, root
from screening.ledger.log.witnessed import WITNESSED, Witnessed, find_witnessed
from screening.ledger.verify import find_segment, segment_ids
from screening.vocabulary.errors import LedgerDamaged, OperatorError
from screening.vocabulary.proof import Proof

_LEAVES_AT_A_TIME: Final = 4_096


class Signed(msgspec.Struct, frozen=True):
    """A log that is true: what was signed of it last, and what a witness countersigned."""

    checkpoint: Checkpoint
    witnessed: Witnessed | None
    dropped: list[Drop]
    """What retention has dropped of it: each with so many records as lie here no more."""
    unsigned: int
    """How many records lie here that are under no signed checkpoint."""


def verify_log(
    directory: Path,
    key: VerifierKey,
    *,
    kept: bytes | None = None,
    witness: VerifierKey | None = None,
) -> Signed:
    """Check the log beside the segments of a ledger; return what it was last signed over.

    `kept` is an older checkpoint from elsewhere, with which the log must be consistent, as with
    the one that a witness countersigned; with `witness` there must be one that it did. Raises
    `LedgerDamaged`, which names the first bad record, and `OperatorError` where `kept` is none of
    this log. May run beside writers.
    """
    log = directory / LOG
    # First: a log that grows meanwhile is ahead of its witness, and never behind it.
    witnessed = find_witnessed(log, key, witness)
    _, checkpoint = read_checkpoint(log, key)
    hashes = open_hashes(log)
    try:
        _check_kept(kept, checkpoint, key, hashes)
        _check_witnessed(witnessed, checkpoint, hashes, is_demanded=witness is not None)
        check_hashes(checkpoint, hashes)
        dropped, unsigned = check_records(directory, checkpoint, hashes, key)
    finally:
        hashes.close()
    return Signed(checkpoint, witnessed, dropped, unsigned)


def prove(directory: Path, key: VerifierKey, receipt: str) -> Proof:
    """Return the proof for the record of a receipt.

    Raises `OperatorError` where there is none, or the log has not taken it yet, and `LedgerDamaged`
    where the log is not true of it.
    """
    segment, record, line = _find_record(directory, receipt)
    log = directory / LOG
    note, checkpoint = read_checkpoint(log, key)
    runs = [run for run in read_runs(log) if run.segment == segment]
    leaves = [leaf for run in runs for leaf in range(run.leaf, min(run.end, checkpoint.size))]
    leaf = leaf_hash(line)
    hashes = open_hashes(log)
    try:
        index = _find_leaf(leaf, leaves, hashes, expected=record - 1)
        if index is None and record > len(leaves):
            raise OperatorError(
                "the record is not in a signed checkpoint yet; ask again in 2 seconds"
            )
        if index is None:
            raise _not_the_leaf(segment, record, leaves[record - 1])
        return prove_leaf(index, line, hashes, signed=(note, checkpoint), key=key)
    finally:
        hashes.close()


def _find_leaf(leaf: bytes, leaves: Sequence[int], hashes: Hashes, *, expected: int) -> int | None:
    """Return which of `leaves` has this hash: the one at place `expected`, where nothing was done.

    Where lines were taken out or put in before it, it may be any of them.
    """
    places = [*leaves[expected : expected + 1], *leaves]
    return next((index for index in places if hashes.subtree(0, index) == leaf), None)


def open_hashes(log: Path) -> Hashes:
    """Open the hashes of a log; raises `LedgerDamaged` where they are missing."""
    try:
        return Hashes.open(log)
    except FileNotFoundError:
        raise LedgerDamaged("log, hashes: missing") from None


def _check_kept(
    kept: bytes | None, checkpoint: Checkpoint, key: VerifierKey, hashes: Hashes
) -> None:
    if kept is None:
        return
    try:
        # Mail and other systems end lines with CRLF, of which nothing that was signed has any.
        _, older = open_checkpoint(kept.replace(b"\r\n", b"\n"), key)
    except NoteRefused as error:
        raise OperatorError(
            f"the file given by --kept is no checkpoint of this log's key: {error}; check the "
            "file, and where it is the right one, the host's key is not the one that it had"
        ) from None
    _require_goes_on(checkpoint, older, hashes, "the checkpoint that was kept")


def _check_witnessed(
    witnessed: Witnessed | None, checkpoint: Checkpoint, hashes: Hashes, *, is_demanded: bool
) -> None:
    if witnessed is not None:
        _require_goes_on(checkpoint, witnessed.checkpoint, hashes, "the witnessed checkpoint")
    elif is_demanded:
        raise LedgerDamaged(f"log, {WITNESSED}: missing, so no witness vouches for any record")


def _require_goes_on(checkpoint: Checkpoint, older: Checkpoint, hashes: Hashes, whose: str) -> None:
    if older.size > checkpoint.size:
        raise LedgerDamaged(
            f"log: it has {checkpoint.size} leaves, and {whose} has "
            f"{older.size}: the log was rolled back"
        )
    if root(older.size, hashes) != older.root:
        raise LedgerDamaged(f"log: it does not begin with the {older.size} leaves of {whose}")


def check_hashes(checkpoint: Checkpoint, hashes: Hashes) -> None:
    """Check that all hashes follow from those of the leaves, and the root from them."""
    for first in range(0, checkpoint.size, _LEAVES_AT_A_TIME):
        end = min(first + _LEAVES_AT_A_TIME, checkpoint.size)
        leaves = [hashes.subtree(0, index) for index in range(first, end)]
        if not hashes.holds(first, hashes.completed_by(first, leaves)):
            raise LedgerDamaged(f"log, hashes: changed between leaf {first} and leaf {end - 1}")
    if root(checkpoint.size, hashes) != checkpoint.root:
        raise LedgerDamaged(
            f"log, hashes: not the {checkpoint.size} leaves that the checkpoint is over"
        )


def check_records(
    directory: Path, checkpoint: Checkpoint, hashes: Hashes, key: VerifierKey | None = None
) -> tuple[list[Drop], int]:
    """Check all records that lie here.

    Returns which segments were dropped, by a signed record, whose signature is not verified without
    a key, and how many records are here that are not signed.
    """
    runs: defaultdict[str, list[Run]] = defaultdict(list)
    size = 0
    for run in read_runs(directory / LOG):
        if run.leaf < checkpoint.size:
            runs[run.segment].append(run)
            size = run.end
    if size != checkpoint.size:
        raise LedgerDamaged(f"log, runs: leaf {size} of {checkpoint.size} is missing")
    wrong: dict[str, str] = {}
    unsigned = 0
    for segment in sorted({*runs, *segment_ids(directory)}):
        try:
            unsigned += _check_segment(directory, runs[segment], hashes, segment=segment)
        except (LedgerDamaged, OperatorError) as error:  # and what is gone elsewhere is told, too
            wrong[segment] = str(error)
    # Read only now: a drop is on record before its segment goes, beside this perhaps.
    drops, present = read_drops(directory / LOG, key), {*segment_ids(directory)}
    dropped: list[Drop] = []
    for segment, drop in drops.items():
        if segment in present and segment not in wrong:
            continue
        try:
            lying = _count_lying(directory, runs[segment], hashes, drop=drop)
        except LedgerDamaged as error:
            wrong[segment] = str(error)
            continue
        wrong.pop(segment, None)
        dropped.append(replace(drop, records=drop.records - lying))
    if wrong:
        raise LedgerDamaged(*(wrong[segment] for segment in sorted(wrong)))
    return dropped, unsigned


def _check_segment(directory: Path, runs: list[Run], hashes: Hashes, *, segment: str) -> int:
    """Check that the records of one segment are its leaves; return how many behind have none."""
    with closing(_lines_of(directory, segment)) as lines:
        for run in runs:
            for record in range(run.record, run.record + run.count):
                index, line = run.leaf + record - run.record, next(lines, None)
                if line is None:
                    raise LedgerDamaged(
                        f"segment {segment}, line {record + 1}: missing, but leaf {index} of the "
                        "log"
                    )
                if leaf_hash(line) != hashes.subtree(0, index):
                    raise _not_the_leaf(segment, record, index)
        unsigned = 0
        with suppress(LedgerDamaged):  # what follows from no line is told by whoever reads it
            for _ in lines:
                unsigned += 1
        return unsigned


def _count_lying(directory: Path, runs: list[Run], hashes: Hashes, *, drop: Drop) -> int:
    """Return how many records lie here of a segment that was dropped: in a copy, its first ones.

    A copy that had the beginning of an open segment may have been given no more of it.
    """
    segment, lying = drop.segment, 0
    if sum(run.count for run in runs) != drop.records:
        raise LedgerDamaged(f"segment {segment}: dropped, but not as many records as are signed")
    with closing(_lines_of(directory, segment)) as lines:
        for leaf in (leaf for run in runs for leaf in range(run.leaf, run.end)):
            line = next(lines, None)
            if line is None:
                break
            lying += 1
            if leaf_hash(line) != hashes.subtree(0, leaf):
                raise _not_the_leaf(segment, lying, leaf)
    return lying


def _not_the_leaf(segment: str, record: int, index: int) -> LedgerDamaged:
    # The header is the first line, and none but records follow up to the seal.
    return LedgerDamaged(f"segment {segment}, line {record + 1}: not leaf {index} of the log")


def _lines_of(directory: Path, segment: str) -> Generator[bytes]:
    reader = find_segment(directory, segment)
    if reader is not None:
        yield from reader.record_lines()


def _find_record(directory: Path, receipt: str) -> tuple[str, int, bytes]:
    """Return segment, number in it (from 1) and line of a record, looked for from the newest.

    Also of a segment that is damaged: the log tells whether the line is what was signed. Where none
    is, raises what is damaged, if anything is: it may be that one.
    """
    named = b'"receipt":"%b"' % receipt.encode()
    wrong: list[LedgerDamaged | OperatorError] = []
    for segment in reversed(segment_ids(directory)):
        damage: list[LedgerDamaged] = []
        try:
            reader = find_segment(directory, segment)
            if reader is None:
                continue
            with closing(reader.all_lines(damage)) as lines:
                for record, (line, _) in enumerate(lines, 1):
                    if named in line:
                        return segment, record, line
        except (OperatorError, LedgerDamaged) as error:
            wrong.append(error)
        wrong += damage
    none_has_it = "no record of this journal has that receipt; check receipt and host"
    if wrong:
        raise LedgerDamaged(none_has_it, *map(str, wrong))
    raise OperatorError(none_has_it)

"""Looks at every file of a ledger and its log, and says of each whether it is whole; needs no key.

So it does not tell who signed: of a checkpoint it says over how many records it is, no more.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec

from screening.ledger.log.audit import check_hashes, check_records, open_hashes
from screening.ledger.log.checkpoint import CHECKPOINT, LOG
from screening.ledger.log.drops import DROPS, read_drops
from screening.ledger.log.hashes import HASHES
from screening.ledger.log.keys import VERIFIER_KEY
from screening.ledger.log.notes import (
    MAX_NOTE_BYTES,
    Checkpoint,
    NoteRefused,
    parse_checkpoint,
    parse_note,
)
from screening.ledger.log.receipt_ends import RECEIPTS
from screening.ledger.log.runs import RUNS, read_runs
from screening.ledger.log.witnessed import WITNESSED
from screening.ledger.reader import SegmentReader
from screening.ledger.seals import LOCK, SEALS
from screening.ledger.segment import DAMAGED, OPEN, SEALED
from screening.ledger.verify import check_end, find_segment, inconsistencies, read_index
from screening.private_files import read_private
from screening.vocabulary.errors import LedgerDamaged, OperatorError

_SEGMENTS: Final = (OPEN, SEALED, DAMAGED)
_OF_A_LEDGER: Final = (SEALS, LOCK, LOG)
_OF_A_LOG: Final = (
    *(CHECKPOINT, WITNESSED, RUNS, HASHES, DROPS, "lock"),
    *(VERIFIER_KEY, RECEIPTS),  # of which nothing depends on being whole: they are made anew
)


class Finding(msgspec.Struct, frozen=True):
    """One sentence of one file: what of it is whole, or what is not."""

    file: str
    sentence: str
    is_whole: bool = True


def inspect(directory: Path) -> Iterator[Finding]:
    """Yield what is found, file after file; segments first. May run beside writers."""
    readers: list[SegmentReader] = []
    for path in sorted(directory.iterdir()):
        if path.suffix in _SEGMENTS:
            yield _judged(path.name, lambda: _look_at_segment(directory, path, readers))  # noqa: B023 - called at once
        elif path.name not in _OF_A_LEDGER:
            yield _foreign(path.name)
    yield _judged(SEALS, lambda: f"whole: {len(read_index(directory / SEALS))} seals")
    yield from _look_across(directory, readers)
    if (directory / LOG).is_dir():
        yield from _look_at_log(directory)


def _foreign(file: str) -> Finding:
    if file.rpartition("/")[2].startswith("."):
        return Finding(
            file,
            "of a process that writes at this moment, or of one that was killed; where it stays, "
            "it may be removed",
        )
    return Finding(file, "no file of a journal; look at it, and move it away", is_whole=False)


def _judged(file: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(file, look())
    except (LedgerDamaged, OperatorError) as error:
        return Finding(file, str(error), is_whole=False)
    except NoteRefused as error:
        return Finding(file, str(error), is_whole=False)
    except OSError as error:
        return Finding(file, f"cannot be read: {error.strerror}", is_whole=False)


def _look_at_segment(directory: Path, path: Path, readers: list[SegmentReader]) -> str:
    reader = find_segment(directory, path.stem)
    if reader is None:
        return "gone: it was empty, and its writer has removed it"
    reader.read_through()
    check_end(reader)
    readers.append(reader)
    records = f"{reader.end.records} records"
    if reader.path.suffix == SEALED:
        return f"whole: {records}, sealed"
    if reader.tail:
        torn = len(reader.tail)
        return f"whole up to its end: {records}, then {torn} bytes of a line that was broken off"
    return f"whole: {records}, still open"


def _look_across(directory: Path, readers: list[SegmentReader]) -> Iterator[Finding]:
    """Yield what does not fit between segments and seals, but of segments that were named."""
    try:
        index = read_index(directory / SEALS)
        dropped = read_drops(directory / LOG)
    except (LedgerDamaged, OperatorError):
        return  # named as the file's own
    seen = {reader.segment for reader in readers}
    named = {path.stem for path in directory.iterdir() if path.suffix in _SEGMENTS} - seen
    for error in inconsistencies(directory, readers, index, but={*dropped, *named}):
        yield Finding("segments", str(error), is_whole=False)


def _look_at_log(directory: Path) -> Iterator[Finding]:
    log = directory / LOG
    for path in sorted(log.iterdir()):
        if path.name not in _OF_A_LOG:
            yield _foreign(f"{LOG}/{path.name}")
    try:
        checkpoint = unverified_checkpoint(log / CHECKPOINT)
    except (LedgerDamaged, OperatorError, NoteRefused) as error:
        yield Finding(f"{LOG}/{CHECKPOINT}", str(error), is_whole=False)
        return
    said = f"over {checkpoint.size} records; its signature is verified by audit verify"
    yield Finding(f"{LOG}/{CHECKPOINT}", said)
    if (log / WITNESSED).exists():
        yield _judged(f"{LOG}/{WITNESSED}", lambda: _say_witnessed(log))
    yield _judged(f"{LOG}/{DROPS}", lambda: f"whole: {len(read_drops(log))} segments were dropped")
    yield _judged(f"{LOG}/{RUNS}", lambda: _say_runs(log, checkpoint))
    yield _judged(f"{LOG}/{HASHES}", lambda: _say_hashes(log, checkpoint))
    yield _judged("records", lambda: _say_records(directory, checkpoint))


def unverified_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint, whoever signed it; raises `LedgerDamaged`, also where there is none."""
    if not path.exists():
        raise LedgerDamaged(f"log, {path.name}: missing")
    try:
        return parse_checkpoint(parse_note(read_private(path, max_bytes=MAX_NOTE_BYTES)).text)
    except NoteRefused as error:
        raise LedgerDamaged(f"log, {path.name}: {error}") from None


def _say_witnessed(log: Path) -> str:
    witnessed = unverified_checkpoint(log / WITNESSED)
    # Read again: it may have grown since, and been countersigned.
    if witnessed.size > unverified_checkpoint(log / CHECKPOINT).size:
        raise LedgerDamaged(f"over {witnessed.size} records: the log was rolled back")
    return f"over {witnessed.size} records; its signature is verified by audit verify --witness"


def _say_runs(log: Path, checkpoint: Checkpoint) -> str:
    size, passing = 0, False
    try:
        for run in read_runs(log):
            passing = passing or run.leaf < checkpoint.size < run.end
            size = run.end
    except LedgerDamaged as error:
        if size < checkpoint.size:
            raise
        return f"whole up to the checkpoint; behind it: {error}"
    if passing:
        raise LedgerDamaged(
            f"log, runs: a run passes leaf {checkpoint.size}, where what was signed ends"
        )
    if size < checkpoint.size:
        raise LedgerDamaged(f"log, runs: leaf {size} of {checkpoint.size} is missing")
    return f"whole: {size} leaves"


def _say_hashes(log: Path, checkpoint: Checkpoint) -> str:
    with closing(open_hashes(log)) as hashes:
        check_hashes(checkpoint, hashes)
    return f"whole: {checkpoint.size} leaves, with the root of the checkpoint"


def _say_records(directory: Path, checkpoint: Checkpoint) -> str:
    with closing(open_hashes(directory / LOG)) as hashes:
        check_records(directory, checkpoint, hashes)
    return "whole: each is the leaf that was merged"

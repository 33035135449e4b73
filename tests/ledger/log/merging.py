"""A ledger with its log, as tests of the log write and read them."""

import json
from collections.abc import Callable
from pathlib import Path

from screening.alarms import Alarms
from screening.ledger.log.checkpoint import CHECKPOINT, LOG, begin_log, open_checkpoint
from screening.ledger.log.hashes import HASHES, Hashes
from screening.ledger.log.merged import MergedLog
from screening.ledger.log.notes import SIGNS, Checkpoint, SignerKey
from screening.ledger.log.runs import read_runs
from screening.ledger.log.tree import leaf_hash
from tests.ledger.looking import read_records

KEY = SignerKey.generate("log.example/journal", SIGNS)


def merged_log(directory: Path, key: SignerKey = KEY, *, alarms: Alarms | None = None) -> MergedLog:
    """Take the log, which begins where there is none yet."""
    log = directory / LOG
    if not any((log / name).exists() for name in (CHECKPOINT, HASHES)):
        begin_log(log, key)
    return MergedLog(directory, key, alarms=alarms)


def settle(log: MergedLog) -> int:
    """Merge what lies in the segments now: a record is taken at the second look."""
    return log.merge() + log.merge()


def signed(log: MergedLog) -> Checkpoint:
    """Merge and sign."""
    settle(log)
    log.sign()
    return log.signed


def kept(directory: Path) -> Checkpoint:
    """The checkpoint that lies in the folder of the log."""
    return open_checkpoint((directory / LOG / "checkpoint").read_bytes(), KEY.verifier)[1]


def leaves(directory: Path, *, size: int | None = None) -> list[int]:
    """The number that each leaf's record tells, by the log's own runs; the hashes must agree."""
    by_segment: dict[str, list[bytes]] = {}
    for segment, line, payload in read_records(directory):
        assert line == len(by_segment.setdefault(segment, [])) + 2
        by_segment[segment].append(payload)
    lines = _lines(directory)
    hashes = Hashes.open(directory / LOG)
    found = []
    for run in read_runs(directory / LOG):
        for place in range(run.count):
            record = run.record - 1 + place
            assert hashes.subtree(0, run.leaf + place) == leaf_hash(lines[run.segment][record])
            found.append(json.loads(by_segment[run.segment][record])["n"])
    hashes.close()
    return found[:size]


def edit(path: Path, change: Callable[[bytearray], object]) -> None:
    content = bytearray(path.read_bytes())
    change(content)
    path.write_bytes(content)


def _lines(directory: Path) -> dict[str, list[bytes]]:
    paths = [path for path in directory.iterdir() if path.suffix in (".open", ".sealed")]
    return {path.stem: path.read_bytes().splitlines()[1:] for path in paths}

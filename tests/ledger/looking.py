"""What tests read of a ledger, with nothing of the ledger's own code but its reader."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from screening.ledger.accesses import Access
from screening.ledger.reader import SegmentReader
from screening.ledger.segment import DAMAGED, OPEN, SEALED

ASKED = Access(
    at=datetime(2026, 11, 26, 12, tzinfo=UTC),
    receipt="a" * 26,
    partner="acme",
    api_key="k",
    key_id="acme-2026a",
    asked=1,
    outcomes={"no_match": 1},
    matches={},
)
"""What is on record of one answer."""


def record(number: int) -> bytes:
    """A payload that tells its number."""
    return b'{"n":%d}' % number


def read_records(directory: Path) -> Iterator[tuple[str, int, bytes]]:
    """Yield (segment id, line number, payload) of all records, segments in order of their ids.

    Its writer may go on meanwhile: an open segment is renamed, and never back.
    """
    assert not files(directory, DAMAGED)
    paths = [path for path in directory.iterdir() if path.suffix in (OPEN, SEALED)]
    for segment in sorted({path.stem for path in paths}):
        for suffix in (OPEN, SEALED):
            with suppress(FileNotFoundError):
                reader = SegmentReader(directory / f"{segment}{suffix}")
                break
        else:
            continue  # it was empty, and its writer removed it
        for line, payload in reader:
            yield segment, line, payload


def numbers(directory: Path) -> list[int]:
    """The numbers of all records, in order."""
    return [json.loads(payload)["n"] for _, _, payload in read_records(directory)]


def files(directory: Path, suffix: str) -> list[Path]:
    """The segments with this suffix, in order."""
    return sorted(directory.glob(f"*{suffix}"))


def lines(path: Path) -> list[Any]:
    """The payloads of a file's lines, parsed."""
    return [json.loads(line.split(b" ", 1)[1]) for line in path.read_bytes().splitlines()]


def switches(thread_id: int) -> int:
    """How often a thread of this process was run (Linux)."""
    status = Path(f"/proc/self/task/{thread_id}/status").read_text()
    return sum(int(line.split()[1]) for line in status.splitlines() if "ctxt" in line)

"""What tests read of a ledger, with nothing of the ledger's own code but its reader."""

import json
from pathlib import Path
from typing import Any

from screening.ledger.verify import read_records


def record(number: int) -> bytes:
    """A payload that tells its number."""
    return b'{"n":%d}' % number


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

"""Segments as dead writers leave them."""

import shutil
from pathlib import Path

from screening.ledger.ledger import Ledger
from screening.private_files import ensure_private_directory

ROOT = Path(__file__).parents[2]


RECORDS = 6


def leave_dead(directory: Path, dead_segment: Path, content: bytes | None = None) -> Path:
    path = ensure_private_directory(directory) / dead_segment.name
    shutil.copy(dead_segment, path)
    if content is not None:
        path.write_bytes(content)
    return path


def sealed_by(ledger: Ledger) -> tuple[str, ...]:
    assert ledger.recovery is not None
    assert len(ledger.recovery.sealed) == 1
    return ledger.recovery.sealed

"""What the journal holds of an answer, read as an auditor would read it."""

from pathlib import Path

import msgspec

from screening.api.journal import CheckRecord
from tests.ledger.looking import read_records


def record_of(journal: Path, receipt: str) -> CheckRecord:
    """Return the one record that a receipt names."""
    found = [payload for _, _, payload in read_records(journal) if receipt.encode() in payload]
    assert len(found) == 1, f"{len(found)} records carry the receipt"
    return msgspec.json.decode(found[0], type=CheckRecord)


def checks_in(journal: Path) -> list[CheckRecord]:
    """Return all records of checks, in their order where one worker wrote them."""
    payloads = [payload for _, _, payload in read_records(journal)]
    checks = [payload for payload in payloads if payload.startswith(b'{"type":"check"')]
    return [msgspec.json.decode(payload, type=CheckRecord) for payload in checks]


def bytes_below(folder: Path) -> bytes:
    """Return all that lies in the files below a folder."""
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())

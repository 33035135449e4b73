"""What the journal holds of an answer, read as an auditor would read it."""

from pathlib import Path

import msgspec

from screening.api.journal import CheckRecord
from screening.disclosure.boxes import Match
from screening.disclosure.opening import Opener, PrivateHalf, read_private_halves
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


def opened(record: CheckRecord, *halves: PrivateHalf) -> dict[str, Match | None]:
    """Return what is in the boxes of a record, by row; None where one does not open."""
    if record.sealed is None:
        assert not record.matches
        return {}
    opener = Opener(halves)
    return {
        row: opener.open(record.sealed, record.receipt, int(row), box)
        for row, box in record.matches.items()
    }


def digests_of(record: CheckRecord, halves: Path) -> dict[str, bytes]:
    """Return the digest of each row that matched, opened with the private halves of a folder."""
    matches = opened(record, *read_private_halves(halves))
    return {row: match.digest for row, match in matches.items() if match is not None}

"""A journal that is copied and from which segments are dropped, as tests of both write and read."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from screening.ledger.ledger import Ledger
from screening.ledger.log.audit import verify_log
from screening.ledger.log.checkpoint import CHECKPOINT, LOG
from screening.ledger.log.copied_witnessed import Believed
from screening.ledger.log.export import export_ledger
from screening.ledger.log.notes import COSIGNS, Note, SignerKey, parse_note
from screening.ledger.log.retention import Retention
from screening.ledger.log.witnessed import WITNESSED, keep_witnessed
from screening.ledger.verify import verify_ledger
from tests.ledger.log.merging import KEY, merged_log, signed
from tests.ledger.looking import record

WITNESS: Final = SignerKey.generate("witness.example/one", COSIGNS)
RECORDS: Final = 5
OLD: Final = datetime(2026, 1, 1, tzinfo=UTC)
NOW: Final = OLD + timedelta(days=400)


def write(directory: Path, first: int, at: datetime = OLD, *, key: SignerKey = KEY) -> None:
    """One sealed segment, merged and signed."""
    with Ledger(directory, host="test", now=lambda: at) as ledger:
        ledger.append([record(number) for number in range(first, first + RECORDS)])
    with merged_log(directory, key) as log:
        signed(log)


def export(journal: Path, copy: Path, key: SignerKey = KEY) -> int:
    """Return how many segments were copied."""
    return export_ledger(journal, copy, Believed(key.verifier, None), lambda *_: None)


def mended_by_export(journal: Path, copy: Path, *lost: str) -> list[str]:
    """Return what is said to be mended."""
    said: list[str] = []
    by = Believed(KEY.verifier, None)
    export_ledger(journal, copy, by, lambda *_: None, lost=lost, mended=said.append)
    return said


def audited(directory: Path, key: SignerKey = KEY) -> int:
    """How many records an audit finds signed, where all is whole."""
    verify_ledger(directory)
    return verify_log(directory, key.verifier).checkpoint.size


def countersign(directory: Path, time_s: int) -> bytes:
    """Have the newest checkpoint countersigned; returns what lies there then."""
    note = parse_note((directory / LOG / CHECKPOINT).read_bytes())
    cosigned = WITNESS.sign(note.text, time_s=time_s)
    keep_witnessed(directory / LOG, Note(note.text, (*note.signatures, cosigned)))
    return (directory / LOG / WITNESSED).read_bytes()


def retain(journal: Path, copy: Path, days: int = 200) -> list[str]:
    drops = Retention(journal, copy, KEY).retain(days=days, actor="ann", now=NOW)
    return [drop.segment for drop in drops]


def contents(copy: Path) -> dict[str, bytes]:
    """All files of a copy, its log's too."""
    paths = [path for path in copy.rglob("*") if path.is_file()]
    return {str(path.relative_to(copy)): path.read_bytes() for path in paths}


def fail(path: Path) -> Callable[[], object]:
    """Have each read of a file end with EIO; returns what undoes it."""
    kept = path.rename(path.with_name(f".{path.name}.kept"))
    path.symlink_to("/proc/self/mem")
    return lambda: kept.replace(path)

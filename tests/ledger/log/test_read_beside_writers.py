"""Who checks a journal beside its server and its retention finds no damage where there is none."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from screening.ledger.ledger import Ledger
from screening.ledger.log.audit import verify_log
from screening.ledger.log.checkpoint import CHECKPOINT, LOG
from screening.ledger.log.copied_witnessed import Believed
from screening.ledger.log.export import export_ledger
from screening.ledger.log.inspection import inspect
from screening.ledger.log.notes import COSIGNS, Note, SignerKey, parse_note
from screening.ledger.log.retention import Retention
from screening.ledger.log.witnessed import WITNESSED, keep_witnessed
from tests.harness.when_opened import WhenOpened
from tests.ledger.log.merging import KEY, merged_log, signed
from tests.ledger.looking import files, record

OLD = datetime(2026, 1, 1, tzinfo=UTC)
WITNESS = SignerKey.generate("witness.example/one", COSIGNS)


def grow(directory: Path, number: int, at: datetime = OLD) -> None:
    """Record one answer in a segment of its own, sign it, and have it countersigned."""
    with Ledger(directory, host="test", now=lambda: at) as ledger:
        ledger.append([record(number)])
    with merged_log(directory) as log:
        signed(log)
    note = parse_note((directory / LOG / CHECKPOINT).read_bytes())
    keep_witnessed(
        directory / LOG, Note(note.text, (*note.signatures, WITNESS.sign(note.text, time_s=1)))
    )


@pytest.mark.parametrize("second", [CHECKPOINT, WITNESSED])
def test_a_log_that_grows_between_its_two_checkpoints_was_not_rolled_back(
    directory: Path, when_opened: WhenOpened, second: str
) -> None:
    grow(directory, 0)
    when_opened(f"/{second}", lambda: grow(directory, 1))
    assert verify_log(directory, KEY.verifier, witness=WITNESS.verifier).checkpoint.size in (1, 2)
    when_opened(f"/{second}", lambda: grow(directory, 2))
    found = [finding for finding in inspect(directory) if finding.file.startswith(LOG)]
    assert [finding for finding in found if not finding.is_whole] == []


def test_a_segment_that_is_dropped_while_it_is_read_is_no_damage(
    directory: Path, when_opened: WhenOpened, tmp_path: Path
) -> None:
    grow(directory, 0)
    grow(directory, 1)
    copy = tmp_path / "copy"
    export_ledger(directory, copy, Believed(KEY.verifier, None), lambda *_: None)
    first, _ = files(directory, ".sealed")
    now = OLD + timedelta(days=400)
    retention = Retention(directory, copy, KEY)
    when_opened(f"/{first.name}", lambda: retention.retain(days=200, actor="ann", now=now))
    told = verify_log(directory, KEY.verifier)
    assert (told.checkpoint.size, len(told.dropped)) == (2, 2)

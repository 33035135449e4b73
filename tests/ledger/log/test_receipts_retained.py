"""What retention has dropped a copy alone proves; the index of receipts goes on without it."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from screening.cli import cli
from screening.ledger.ledger import Ledger
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.copied_witnessed import Believed
from screening.ledger.log.export import export_ledger
from screening.ledger.log.keys import show_verifier_key
from screening.ledger.log.receipt_ends import RECEIPTS
from screening.ledger.log.receipt_index import ReceiptIndex
from screening.ledger.log.retention import Retention
from screening.private_files import ensure_private_directory
from screening.vocabulary.errors import ReceiptNotFound
from tests.ledger.log.merging import KEY, merged_log, signed
from tests.ledger.log.receipts import catch_up, checked, find, is_true

OLD = datetime(2026, 1, 1, tzinfo=UTC)
NOW = OLD + timedelta(days=400)


def index(directory: Path) -> None:
    with merged_log(directory) as log:
        catch_up(ReceiptIndex(directory), signed(log).size)


def write(directory: Path, first: int, at: datetime) -> None:
    with Ledger(directory, host="test", now=lambda: at) as ledger:
        ledger.append([checked(number) for number in range(first, first + 5)])


@pytest.fixture
def retained(tmp_path: Path) -> Path:
    """A segment that was dropped, with records 0 to 4, and one with 5 to 9."""
    directory = ensure_private_directory(tmp_path / "journal")
    for first, at in ((0, OLD), (5, NOW)):
        write(directory, first, at)
        index(directory)
    export_ledger(directory, tmp_path / "copy", Believed(KEY.verifier, None), lambda *_: None)
    (dropped,) = Retention(directory, tmp_path / "copy", KEY).retain(days=200, actor="ann", now=NOW)
    assert dropped.records == 5
    return directory


@pytest.mark.parametrize("anew", [False, True])
def test_the_receipt_of_a_dropped_record_is_not_found_and_all_others_are(
    retained: Path, *, anew: bool
) -> None:
    if anew:
        shutil.rmtree(retained / LOG / RECEIPTS)
        index(retained)
    for number in range(5):
        with pytest.raises(ReceiptNotFound):
            find(retained, number)
    assert all(is_true(find(retained, number), number) for number in range(5, 10))


def test_what_leads_to_receipts_is_no_foreign_file_in_a_journal(
    retained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    show_verifier_key(retained / LOG, KEY.verifier)
    cli(["audit", "fsck", "--journal", str(retained)], "screening", standalone_mode=False)
    assert "NOT WHOLE" not in capsys.readouterr().out

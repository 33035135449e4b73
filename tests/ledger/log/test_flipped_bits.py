"""One flipped bit in a small file of a journal or of its copy: an export names it or mends it.

No whole file of a copy gives way to a damaged one, and once the file here is whole, so is the copy.
"""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from screening.ledger.ledger import Ledger
from screening.ledger.log.audit import verify_log
from screening.ledger.log.checkpoint import CHECKPOINT
from screening.ledger.log.drops import DROPS
from screening.ledger.log.hashes import HASHES
from screening.ledger.log.runs import RUNS
from screening.ledger.log.witnessed import WITNESSED
from screening.ledger.verify import verify_ledger
from screening.private_files import ensure_private_directory
from screening.vocabulary.errors import LedgerDamaged, OperatorError
from tests.harness.slow import slow_but_first
from tests.ledger.log.keeping import NOW, OLD, WITNESS, countersign, export, retain, write
from tests.ledger.log.merging import KEY, edit, merged_log, signed
from tests.ledger.looking import record

FILES: Final = ("seals", *(f"log/{name}" for name in (CHECKPOINT, WITNESSED, RUNS, DROPS, HASHES)))
STEP: Final = 19
"""Every so many bytes, of some 5,000 in all: each of them takes five minutes."""


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of which some was dropped, and a copy that lags a little behind."""
    folder = tmp_path_factory.mktemp("grown")
    journal, copy = ensure_private_directory(folder / "journal"), folder / "copy"
    write(journal, 0)
    write(journal, 10, OLD + timedelta(days=1))
    export(journal, folder / "earlier")
    retain(journal, folder / "earlier")
    shutil.rmtree(folder / "earlier")
    write(journal, 20, NOW)
    with Ledger(journal, host="test", now=lambda: NOW) as ledger:
        ledger.append([record(90), record(91)])
        with merged_log(journal) as log:
            signed(log)
        countersign(journal, 1)
        export(journal, copy)
        ledger.append([record(92)])
    write(journal, 40, NOW)
    countersign(journal, 2)
    return folder


def is_whole(copy: Path) -> bool:
    try:
        verify_ledger(copy)
        verify_log(copy, KEY.verifier)
    except (LedgerDamaged, OperatorError):
        return False
    return True


def is_exported(journal: Path, copy: Path) -> bool:
    try:
        export(journal, copy)
    except (LedgerDamaged, OperatorError):
        return False
    return True


def flipped(grown: Path, folder: str, name: str, at: int) -> tuple[Path, Path]:
    """Return journal and copy, in one of which, `folder`, a bit of a file is another."""
    world = grown / "world"
    shutil.rmtree(world, ignore_errors=True)
    for one in ("journal", "copy"):
        shutil.copytree(grown / one, world / one)
    bit = 1 << at % 8
    edit(world / folder / name, lambda content: content.__setitem__(at, content[at] ^ bit))
    return world / "journal", world / "copy"


@slow_but_first(2, "name", FILES)
def test_a_bit_that_was_flipped_in_a_copy_is_mended_by_the_next_export(
    grown: Path, name: str
) -> None:
    size = (grown / "copy" / name).stat().st_size
    for at in range(size % STEP, size, STEP):
        journal, copy = flipped(grown, "copy", name, at)
        assert (at, is_exported(journal, copy), is_whole(copy)) == (at, True, True)


@slow_but_first(2, "name", FILES)
def test_a_bit_that_was_flipped_here_is_named_or_changes_nothing_and_the_copy_stays_whole(
    grown: Path, name: str
) -> None:
    content = (grown / "journal" / name).read_bytes()
    for at in range(len(content) % STEP, len(content), STEP):
        journal, copy = flipped(grown, "journal", name, at)
        is_exported(journal, copy)
        assert (at, is_whole(copy)) == (at, True)
        (journal / name).write_bytes(content)
        assert (at, is_exported(journal, copy), is_whole(copy)) == (at, True, True)


def test_a_countersignature_of_a_copy_is_believed_after_any_flip_that_shows_without_its_key(
    grown: Path,
) -> None:
    name = "log/witnessed"
    for at in range(0, 180, STEP):
        journal, copy = flipped(grown, "journal", name, at)
        assert not is_exported(journal, copy)
        found = verify_log(copy, KEY.verifier, witness=WITNESS.verifier).witnessed
        assert found is not None

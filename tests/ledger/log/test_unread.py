"""A file that the disk does not give is named, with its line, and ends no look at the others."""

from datetime import timedelta
from pathlib import Path

import pytest

from screening.ledger.log.audit import verify_log
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.hashes import HASHES
from screening.ledger.log.inspection import inspect
from screening.ledger.log.mending import mend
from screening.ledger.seals import SEALS
from screening.ledger.verify import verify_ledger
from screening.vocabulary.errors import LedgerDamaged
from tests.ledger.log.keeping import NOW, audited, export, fail, retain, write
from tests.ledger.log.merging import KEY
from tests.ledger.looking import files

UNREAD = "cannot be read: Input/output error|cannot be read from byte 0 on: Input/output error"


@pytest.fixture
def failing(journal: Path, copy: Path, request: pytest.FixtureRequest) -> Path:
    """A file of a journal with drops, of which a copy has what was dropped."""
    export(journal, copy)
    retain(journal, copy)
    name: str = request.param
    return files(journal, ".sealed")[0] if name == "segment" else journal / name


every_file = pytest.mark.parametrize(
    "failing", ["segment", SEALS, "log/drops", "log/hashes", "log/runs"], indirect=True
)


@every_file
def test_an_audit_a_look_and_a_mending_name_the_file(journal: Path, failing: Path) -> None:
    name = f"{failing.stem}.*({UNREAD})"
    undo = fail(failing)
    with pytest.raises(LedgerDamaged, match=name):
        verify_ledger(journal)
        verify_log(journal, KEY.verifier)
    found = [finding for finding in inspect(journal) if not finding.is_whole]
    assert any(failing.stem in f"{one.file}: {one.sentence}" for one in found)
    assert all("Input/output error" in one.sentence for one in found if failing.name in one.file)
    assert any("not mended: " in said for said in mend(journal)) == (failing.name != SEALS)
    undo()
    assert audited(journal) == 15


@every_file
def test_an_export_names_what_it_could_not_read_here_and_goes_on_once_it_can(
    journal: Path, copy: Path, failing: Path
) -> None:
    write(journal, 50, NOW + timedelta(days=1))
    (copy / files(journal, ".sealed")[0].name).unlink()
    undo = fail(failing)
    with pytest.raises(LedgerDamaged, match=f"{failing.stem}.*({UNREAD})"):
        export(journal, copy)
    is_log = failing.name in {SEALS, "hashes", "runs"}
    assert len(files(copy, ".sealed")) == (2 if is_log else 4) - (failing.suffix == ".sealed")
    undo()
    export(journal, copy)
    assert (audited(copy), audited(journal)) == (20, 20)


@pytest.mark.parametrize("name", ["segment", SEALS])
def test_what_a_copy_does_not_give_is_written_anew(journal: Path, copy: Path, name: str) -> None:
    export(journal, copy)
    fail(files(copy, ".sealed")[0] if name == "segment" else copy / name)
    export(journal, copy)
    assert audited(copy) == 15


def test_hashes_that_the_disk_does_not_give_are_computed_anew_from_the_records(
    journal: Path,
) -> None:
    fail(journal / LOG / HASHES)
    (said,) = mend(journal)
    assert said == "log/hashes: computed anew from 15 records, with the root of the checkpoint"
    assert audited(journal) == 15

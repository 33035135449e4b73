"""What comes to a copy first is as it was signed here: all else is named as this host's."""

import shutil
from pathlib import Path

import pytest

from screening.ledger.ledger import Ledger
from screening.ledger.log.checkpoint import CHECKPOINT, LOG
from screening.ledger.log.drops import DROPS
from screening.vocabulary.errors import LedgerDamaged, OperatorError
from tests.ledger.log.keeping import NOW, audited, contents, export, mended_by_export, retain, write
from tests.ledger.log.merging import edit, merged_log, signed
from tests.ledger.looking import files, record


@pytest.mark.parametrize("is_sealed", [True, False])
def test_a_segment_that_was_damaged_before_its_first_copy_is_named_as_this_hosts(
    journal: Path, copy: Path, *, is_sealed: bool
) -> None:
    with Ledger(journal, host="test", now=lambda: NOW) as ledger:
        ledger.append([record(90)])
        with merged_log(journal) as log:
            signed(log)
        path = files(journal, ".sealed" if is_sealed else ".open")[0]
        content = path.read_bytes()
        edit(path, lambda content: content.__setitem__(-20, content[-20] ^ 1))
        for _ in range(2):
            with pytest.raises(LedgerDamaged, match=f"^segment {path.stem}, .* is brought nothing"):
                export(journal, copy)
            assert path.stem not in {one.stem for one in copy.iterdir()}
            assert len(files(copy, ".sealed")) + len(files(copy, ".open")) == 3
        path.write_bytes(content)
        export(journal, copy)
        assert audited(copy) == 16


@pytest.mark.parametrize("is_begun", [True, False])
def test_a_copy_that_never_had_what_was_dropped_waits_until_the_drops_here_are_whole(
    journal: Path, copy: Path, *, is_begun: bool
) -> None:
    later = copy.parent / "later"
    if is_begun:
        export(journal, later)
        write(journal, 30)
    export(journal, copy)
    assert len(retain(journal, copy)) == (3 if is_begun else 2)
    drops = (journal / LOG / DROPS).read_bytes()
    edit(journal / LOG / DROPS, lambda content: content.__setitem__(-30, content[-30] ^ 1))
    log = contents(later / LOG)
    with pytest.raises(LedgerDamaged, match=r"log, drops, line \d: .*; the log of the copy stays"):
        export(journal, later)
    assert contents(later / LOG) == log
    assert files(later, ".sealed")
    (journal / LOG / DROPS).write_bytes(drops)
    export(journal, later)
    assert audited(later) == audited(journal)


def test_a_checkpoint_that_a_copy_has_lost_is_copied_anew_and_what_it_protects_stays(
    journal: Path, copy: Path, tmp_path: Path
) -> None:
    earlier = Path(shutil.copytree(journal, tmp_path / "earlier"))
    write(journal, 30, NOW)
    export(journal, copy)
    (copy / LOG / CHECKPOINT).unlink()
    before = contents(copy)
    with pytest.raises(OperatorError, match="log, checkpoint: missing"):
        export(earlier, copy)
    assert contents(copy) == before
    (said,) = mended_by_export(journal, copy)
    assert said == "log/checkpoint of the copy was missing, and is copied anew"
    assert (audited(copy), mended_by_export(journal, copy)) == (20, [])

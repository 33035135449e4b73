"""The seals that a copy has stay: where this host has lost one, or changed it, it is named."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from screening.cli import cli
from screening.ledger.ledger import Ledger
from screening.ledger.log.checkpoint import CHECKPOINT, LOG
from screening.ledger.log.drops import DROPS
from screening.ledger.log.mending import mend
from screening.ledger.log.runs import RUNS
from screening.ledger.log.witnessed import WITNESSED
from screening.ledger.recovery import recover_ledger
from screening.ledger.seals import SEALS
from screening.vocabulary.errors import LedgerDamaged, OperatorError
from tests.ledger.log.keeping import NOW, OLD, audited, contents, countersign, export, retain, write
from tests.ledger.log.merging import KEY, edit, merged_log, signed
from tests.ledger.looking import files, record


def cut_the_newest_line(journal: Path) -> None:
    lines = (journal / SEALS).read_bytes().splitlines(keepends=True)
    (journal / SEALS).write_bytes(b"".join(lines[:-1]))


def lose_the_newest(journal: Path) -> None:
    files(journal, ".sealed")[-1].unlink()
    cut_the_newest_line(journal)


def lose_the_newest_and_use_its_number_again(journal: Path) -> None:
    lose_the_newest(journal)
    write(journal, 70, NOW)


def lose_all(journal: Path) -> None:
    for path in [*journal.iterdir()]:
        if path.is_file():
            path.unlink()
    write(journal, 70, NOW)


@pytest.mark.parametrize(
    "lose", [lose_the_newest, lose_the_newest_and_use_its_number_again, lose_all]
)
def test_a_seal_that_this_host_has_lost_with_its_segment_stays_in_the_copy_and_is_named(
    journal: Path, copy: Path, lose: Callable[[Path], None]
) -> None:
    export(journal, copy)
    before, last = contents(copy), files(copy, ".sealed")[-1].stem
    lose(journal)
    for _ in range(2):
        with pytest.raises(LedgerDamaged, match=f"not the seal of segment {last} that the copy"):
            export(journal, copy)
        assert contents(copy) == before


def test_all_seals_are_judged_before_one_that_recovery_has_set_in_the_copy_gives_way(
    journal: Path, copy: Path
) -> None:
    with Ledger(journal, host="test", now=lambda: OLD) as ledger:
        ledger.append([record(90)])
        with merged_log(journal) as log:
            signed(log)
        export(journal, copy)
        assert recover_ledger(copy).sealed
        before = contents(copy)
        lost = files(journal, ".sealed")[-1]
        kept, seals = lost.read_bytes(), (journal / SEALS).read_bytes()
        lose_the_newest(journal)
        with pytest.raises(LedgerDamaged, match=f"not the seal of segment {lost.stem} that"):
            export(journal, copy)
        assert contents(copy) == before
        for path, content in ((lost, kept), (journal / SEALS, seals)):
            path.write_bytes(content)
            path.chmod(0o600)
        export(journal, copy)
        assert (audited(copy), len(files(copy, ".open"))) == (16, 1)


def test_a_sealed_segment_with_records_that_are_no_leaves_here_is_not_opened_again(
    journal: Path, copy: Path, tmp_path: Path
) -> None:
    with Ledger(journal, host="test", now=lambda: NOW) as ledger:
        ledger.append([record(60)])
        with merged_log(journal) as log:
            signed(log)
        earlier = Path(shutil.copytree(journal, tmp_path / "earlier"))
        ledger.append([record(61)])
    export(journal, copy)
    before = contents(copy)
    with pytest.raises(LedgerDamaged, match="not the seal of segment"):
        export(earlier, copy)
    assert contents(copy) == before


@pytest.mark.parametrize("changed", ["chain", "sealed_at"])
@pytest.mark.parametrize("is_copied", [True, False])
def test_an_announced_seal_that_does_not_follow_from_its_open_segment_changes_no_copy(
    journal: Path, copy: Path, changed: str, *, is_copied: bool
) -> None:
    last = files(journal, ".sealed")[-1]
    lines = last.read_bytes().splitlines(keepends=True)
    last.write_bytes(b"".join(lines[:-1]))
    last.rename(last.with_suffix(".open"))  # as between the two steps of a seal
    if is_copied:
        export(journal, copy)
    before = contents(copy) if is_copied else {}
    seals = (journal / SEALS).read_bytes()
    *others, line = seals.splitlines(keepends=True)
    other = (b"1" if line[:1] == b"0" else b"0") + line[1:]
    if changed == "sealed_at":
        other = line.replace(b"T00:00:00Z", b"T00:00:01Z")
    assert other != line
    (journal / SEALS).write_bytes(b"".join([*others, other]))
    with pytest.raises(LedgerDamaged, match=f"not the seal of segment {last.stem}"):
        export(journal, copy)
    if is_copied:
        assert contents(copy) == before
    (journal / SEALS).write_bytes(seals)
    export(journal, copy)
    assert (audited(copy), (copy / SEALS).read_bytes()) == (15, seals)


@pytest.mark.parametrize("name", [CHECKPOINT, RUNS, DROPS, WITNESSED])
def test_a_file_of_the_copys_log_that_others_may_read_is_not_taken_for_a_damaged_one(
    journal: Path, copy: Path, name: str
) -> None:
    export(journal, copy)
    retain(journal, copy)
    countersign(journal, 1)
    later = copy.parent / "later"
    export(journal, later)
    write(journal, 50, NOW)
    before = contents(later)
    (later / LOG / name).chmod(0o644)
    for _ in range(2):
        with pytest.raises(OperatorError, match=f"{name} can be read by others; run: chmod 600"):
            export(journal, later)
        assert contents(later) == before
    (later / LOG / name).chmod(0o600)
    export(journal, later)
    assert audited(later) == 20


def test_a_checkpoint_over_more_leaves_than_a_file_has_bytes_ends_no_mending(
    journal: Path,
) -> None:
    checkpoint = journal / LOG / CHECKPOINT
    checkpoint.write_bytes(checkpoint.read_bytes().replace(b"\n15\n", b"\n1500000000000000000\n"))
    said = [*mend(journal)]
    assert said[0] == "not mended: log, hashes: leaf 1152921504606846975 is missing"


def test_a_sealed_segment_that_has_gone_here_is_named_each_time_and_all_else_is_copied(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    lost = files(journal, ".sealed")[1]
    content = lost.read_bytes()
    lost.unlink()
    write(journal, 50, NOW)
    for _ in range(2):
        with pytest.raises(LedgerDamaged, match=f"{lost.stem}: sealed here, and missing; bring"):
            export(journal, copy)
        assert audited(copy) == 20
    lost.write_bytes(content)
    lost.chmod(0o600)
    assert export(journal, copy) == 0
    retain(journal, copy)
    assert export(journal, copy) == 0
    assert audited(copy) == 20


def test_a_segment_that_others_may_read_ends_no_mending_and_is_named_by_it(journal: Path) -> None:
    runs = journal / LOG / RUNS
    runs.write_bytes(runs.read_bytes()[:-3])
    before, segment = runs.read_bytes(), files(journal, ".sealed")[0]
    segment.chmod(0o644)
    said = [*mend(journal)]
    assert said[0].startswith("not mended: ")
    assert f"{segment.name} can be read by others; run: chmod 600" in said[0]
    assert runs.read_bytes() == before
    segment.chmod(0o600)
    assert any("runs are derived" in one for one in mend(journal))
    assert audited(journal) == 15


def test_rot_in_a_copy_is_told_as_the_copys(journal: Path, copy: Path) -> None:
    export(journal, copy)
    rotten = files(copy, ".sealed")[0]
    edit(rotten, lambda content: content.__setitem__(300, content[300] ^ 1))
    arguments = ["audit", "export", str(copy), "--journal", str(journal)]
    with pytest.raises(LedgerDamaged, match=f"^the copy: segment {rotten.stem}, line"):
        cli([*arguments, "--key", KEY.verifier.text], "screening", standalone_mode=False)


def test_a_damaged_line_of_the_copys_seals_is_told_by_its_segment_that_was_dropped_here(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    assert retain(journal, copy)
    lines = (copy / SEALS).read_bytes().splitlines(keepends=True)
    assert b"T00:00:00Z" in lines[0]
    lines[0] = lines[0].replace(b"T00:00:00Z", b"T00:00:01Z")
    (copy / SEALS).write_bytes(b"".join(lines))
    export(journal, copy)
    assert (audited(copy), (copy / SEALS).read_bytes()) == (15, (journal / SEALS).read_bytes())

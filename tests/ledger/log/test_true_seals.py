"""Of two lines of a seal, the one that no record refutes stays in the copy, and is named."""

import shutil
from pathlib import Path

import pytest

from screening.ledger.ledger import Ledger
from screening.ledger.recovery import recover_ledger
from screening.ledger.seals import SEALS
from screening.vocabulary.errors import LedgerDamaged
from tests.ledger.log.keeping import NOW, audited, contents, export, retain
from tests.ledger.log.merging import edit, merged_log, signed
from tests.ledger.looking import files, record


def seal_lines(directory: Path) -> list[bytes]:
    return (directory / SEALS).read_bytes().splitlines(keepends=True)


def change_seal(directory: Path, at: int, old: bytes, new: bytes) -> None:
    lines = seal_lines(directory)
    assert old in lines[at]
    lines[at] = lines[at].replace(old, new)
    (directory / SEALS).write_bytes(b"".join(lines))


def other_chain(content: bytearray) -> None:
    """Change the chain value of the last line, which no later one names."""
    start = content.rindex(b"\n", 0, -1) + 1
    content[start] = ord("1") if content[start] == ord("0") else ord("0")


@pytest.fixture
def later(journal: Path, copy: Path) -> Path:
    """A copy that was begun when all segments had been dropped."""
    export(journal, copy)
    retain(journal, copy, days=-1)
    later = copy.parent / "later"
    export(journal, later)
    assert not files(later, ".sealed")
    return later


@pytest.fixture
def announced(journal: Path) -> str:
    """The newest segment, as between the two steps of a seal."""
    last = files(journal, ".sealed")[-1]
    last.write_bytes(b"".join(last.read_bytes().splitlines(keepends=True)[:-1]))
    return last.rename(last.with_suffix(".open")).stem


@pytest.mark.parametrize("changed", ["cut_bytes", "chain"])
def test_a_seal_of_a_dropped_segment_that_was_changed_here_takes_the_place_of_no_other(
    journal: Path, later: Path, changed: str
) -> None:
    before, seals = contents(later), (journal / SEALS).read_bytes()
    if changed == "chain":
        edit(journal / SEALS, other_chain)
    else:
        change_seal(journal, 0, b'"cut_bytes":0', b'"cut_bytes":4')
    with pytest.raises(LedgerDamaged, match=r"not the seal of segment .* that the copy has"):
        export(journal, later)
    assert contents(later) == before
    (journal / SEALS).write_bytes(seals)
    assert export(journal, later) == 0


def test_a_seal_that_was_changed_here_takes_the_place_of_none_that_the_copys_segment_proves(
    journal: Path, copy: Path, later: Path
) -> None:
    before, seals = contents(copy), (journal / SEALS).read_bytes()
    edit(journal / SEALS, other_chain)
    last = files(copy, ".sealed")[-1].stem
    with pytest.raises(LedgerDamaged, match=f"not the seal of segment {last} that the copy has"):
        export(journal, copy)
    assert contents(copy) == before
    (copy / SEALS).unlink()
    with pytest.raises(LedgerDamaged, match=f"not the seal of segment {last} that the copy has"):
        export(journal, copy)
    (journal / SEALS).write_bytes(seals)
    export(journal, copy)
    assert contents(copy) == before


@pytest.mark.parametrize("said", [b'"records":5', b"T00:00:00Z"])
def test_a_seal_that_was_damaged_in_a_copy_gives_way_where_the_drop_of_its_segment_refutes_it(
    journal: Path, later: Path, said: bytes
) -> None:
    other = said.replace(b"5", b"4").replace(b":00Z", b":01Z")
    change_seal(later, 1, said, other)
    export(journal, later)
    assert (later / SEALS).read_bytes() == (journal / SEALS).read_bytes()


def test_a_seal_of_a_segment_that_never_was_gives_way_in_a_copy(journal: Path, copy: Path) -> None:
    export(journal, copy)
    name = files(copy, ".sealed")[1].stem.encode()
    change_seal(copy, 1, name, name[:-1] + b"x")
    export(journal, copy)
    assert (audited(copy), seal_lines(copy)) == (15, seal_lines(journal))


def test_an_announced_seal_whose_line_this_host_has_lost_stays_in_the_copy_and_is_named(
    journal: Path, copy: Path, announced: str
) -> None:
    export(journal, copy)
    before, seals = contents(copy), seal_lines(journal)
    (journal / SEALS).write_bytes(b"".join(seals[:-1]))
    with pytest.raises(LedgerDamaged, match=f"not the seal of segment {announced} that the copy"):
        export(journal, copy)
    assert contents(copy) == before
    (journal / SEALS).write_bytes(b"".join(seals))
    assert recover_ledger(journal).sealed == (announced,)
    export(journal, copy)
    assert (audited(copy), seal_lines(copy)) == (15, seals)


def test_an_announced_seal_that_was_damaged_in_a_copy_gives_way_to_the_one_that_follows_here(
    journal: Path, copy: Path, announced: str
) -> None:
    export(journal, copy)
    change_seal(copy, -1, b'"cut_bytes":0', b'"cut_bytes":4')
    export(journal, copy)
    assert (audited(copy), seal_lines(copy)) == (15, seal_lines(journal))
    assert [path.stem for path in files(copy, ".open")] == [announced]


def test_a_seal_that_was_set_before_the_file_was_renamed_tells_of_a_changed_line(
    journal: Path, copy: Path
) -> None:
    last, seals = files(journal, ".sealed")[-1], (journal / SEALS).read_bytes()
    last.rename(last.with_suffix(".open"))
    change_seal(journal, -1, b"T00:00:00Z", b"T00:00:01Z")
    with pytest.raises(
        LedgerDamaged, match=f"not the seal of segment {last.stem}, by its own last"
    ):
        export(journal, copy)
    assert not (copy / SEALS).exists()
    (journal / SEALS).write_bytes(seals)
    export(journal, copy)
    assert audited(copy) == 15


def test_a_segment_that_was_set_aside_is_told_as_that_and_not_as_missing(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    path = files(journal, ".sealed")[-1]
    path.rename(path.with_suffix(".damaged"))
    with pytest.raises(LedgerDamaged, match="set aside as damaged") as raised:
        export(journal, copy)
    assert len(raised.value.sentences) == 1


def test_a_seal_that_was_changed_here_is_told_by_the_records_of_a_segment_that_was_set_aside(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    before, last = contents(copy), files(journal, ".sealed")[-1]
    change_seal(journal, -1, b'"cut_bytes":0', b'"cut_bytes":4')
    last.rename(last.with_suffix(".damaged"))
    with pytest.raises(LedgerDamaged, match=f"not the seal of segment {last.stem} that the copy"):
        export(journal, copy)
    assert contents(copy) == before


def test_a_seal_that_recovery_has_set_in_a_copy_goes_also_after_an_export_that_was_killed(
    journal: Path, copy: Path
) -> None:
    with Ledger(journal, host="test", now=lambda: NOW) as ledger:
        ledger.append([record(90)])
        with merged_log(journal) as log:
            signed(log)
        export(journal, copy)
        opened = shutil.copy2(files(copy, ".open")[0], copy.parent / "opened")
        (segment,) = recover_ledger(copy).sealed
        (copy / f"{segment}.sealed").unlink()
        shutil.move(opened, copy / f"{segment}.open")  # and `seals` is as recovery left it
        export(journal, copy)
        assert (audited(copy), seal_lines(copy)) == (16, seal_lines(journal))

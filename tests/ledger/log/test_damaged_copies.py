"""What was damaged in a copy is made anew from what is whole here, and copying goes on."""

from pathlib import Path

import pytest

from screening.ledger.log.checkpoint import CHECKPOINT, LOG
from screening.ledger.log.copied_witnessed import Believed
from screening.ledger.log.drops import DROPS
from screening.ledger.log.export import export_ledger
from screening.ledger.log.hashes import HASHES
from screening.ledger.log.runs import RUNS
from screening.vocabulary.errors import LedgerDamaged, OperatorError
from tests.ledger.log.keeping import NOW, audited, export, mended_by_export, retain, write
from tests.ledger.log.merging import KEY, edit
from tests.ledger.looking import files


def changed(path: Path, old: bytes, new: bytes, *, line: int) -> None:
    """Put `new` in the place of `old` in one line, from 0, of a file."""
    lines = path.read_bytes().splitlines(keepends=True)
    assert old in lines[line]
    lines[line] = lines[line].replace(old, new)
    path.write_bytes(b"".join(lines))


@pytest.mark.parametrize("count", [7, 4, 1, "x"])
@pytest.mark.parametrize("line", [0, 1, 2])
def test_runs_that_were_damaged_in_a_copy_are_copied_anew_and_copying_goes_on(
    journal: Path, copy: Path, line: int, count: int | str
) -> None:
    export(journal, copy)
    changed(copy / LOG / RUNS, b":5}\n", f":{count}}}\n".encode(), line=line)
    write(journal, 50, NOW)
    said: list[str] = []
    by = Believed(KEY.verifier, None)
    assert export_ledger(journal, copy, by, lambda *_: None, mended=said.append) == 1
    (sentence,) = said
    assert sentence.startswith("log/runs of the copy was damaged, and is copied anew")
    assert (audited(copy), audited(journal)) == (20, 20)
    assert mended_by_export(journal, copy) == []


def test_a_run_of_another_segment_in_a_copy_gives_way_to_the_one_that_records_prove(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    name = files(journal, ".sealed")[1].stem.encode()
    changed(copy / LOG / RUNS, name, name[:-1] + b"x", line=1)
    assert mended_by_export(journal, copy)
    assert audited(copy) == 15


def test_runs_of_dropped_segments_are_proven_by_the_copys_own_records(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    names = retain(journal, copy)
    changed(copy / LOG / RUNS, names[0].encode(), names[0].encode()[:-1] + b"x", line=0)
    assert mended_by_export(journal, copy)
    assert audited(copy) == 15


@pytest.mark.parametrize("is_grown", [True, False])
def test_a_checkpoint_that_was_damaged_in_a_copy_is_copied_anew_where_its_hashes_are_the_logs(
    journal: Path, copy: Path, tmp_path: Path, *, is_grown: bool
) -> None:
    export(journal, copy)
    other = tmp_path / "other"
    write(other, 0)
    if is_grown:
        write(journal, 50, NOW)
    checkpoint = copy / LOG / CHECKPOINT
    edit(checkpoint, lambda content: content.__setitem__(-10, content[-10] ^ 1))
    with pytest.raises(OperatorError, match="the copy is not one of this log"):
        export(other, copy)
    (said,) = mended_by_export(journal, copy)
    assert said == "log/checkpoint of the copy was damaged, and is copied anew"
    assert audited(copy) == (20 if is_grown else 15)


def test_a_damaged_checkpoint_of_another_log_is_told_as_that_by_one_that_is_longer(
    journal: Path, copy: Path, tmp_path: Path
) -> None:
    export(journal, copy)
    other = tmp_path / "other"
    for first in range(0, 20, 5):
        write(other, first)
    checkpoint = copy / LOG / CHECKPOINT
    edit(checkpoint, lambda content: content.__setitem__(-10, content[-10] ^ 1))
    with pytest.raises(OperatorError, match="the copy is not one of this log"):
        export(other, copy)


def test_what_was_mended_in_a_copy_is_told_also_where_something_else_is_wrong(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    changed(copy / LOG / RUNS, b":5}\n", b":7}\n", line=1)
    files(journal, ".sealed")[0].chmod(0o644)
    said: list[str] = []
    by = Believed(KEY.verifier, None)
    with pytest.raises(LedgerDamaged, match="chmod 600"):
        export_ledger(journal, copy, by, lambda *_: None, mended=said.append)
    files(journal, ".sealed")[0].chmod(0o600)
    assert [one.partition(" was damaged")[0] for one in said] == ["log/runs of the copy"]
    export_ledger(journal, copy, by, lambda *_: None, mended=said.append)
    assert len(said) == 1


def test_what_is_mended_in_a_copy_is_told_also_where_the_export_breaks_off(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    retain(journal, copy)
    later = copy.parent / "later"
    export(journal, later)
    changed(later / LOG / DROPS, b'"ann"', b'"bnn"', line=0)
    (later / LOG / HASHES).unlink()
    (later / LOG / HASHES).mkdir()
    said: list[str] = []
    by = Believed(KEY.verifier, None)
    with pytest.raises(OSError, match=HASHES):
        export_ledger(journal, later, by, lambda *_: None, mended=said.append)
    assert said == ["log/drops of the copy was damaged, and is made anew"]


@pytest.mark.parametrize("name", [HASHES, RUNS])
def test_no_file_elsewhere_is_written_through_a_link_in_a_copys_log(
    journal: Path, copy: Path, tmp_path: Path, name: str
) -> None:
    export(journal, copy)
    elsewhere = (copy / LOG / name).rename(tmp_path / "elsewhere")
    (copy / LOG / name).symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    write(journal, 50, NOW)
    with pytest.raises(OSError, match="no regular file"):
        export(journal, copy)
    assert elsewhere.read_bytes() == before
    (copy / LOG / name).unlink()
    export(journal, copy)
    assert audited(copy) == 20


def test_a_run_of_a_segment_that_lies_nowhere_is_told_by_the_seals(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    names = retain(journal, copy)
    later = copy.parent / "later"
    export(journal, later)
    changed(later / LOG / RUNS, names[0].encode(), names[0].encode()[:-1] + b"x", line=0)
    assert mended_by_export(journal, later)
    assert audited(later) == 15

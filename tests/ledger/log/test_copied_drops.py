"""Drops that a copy is brought: damaged ones end no export, what was lost is given up by name."""

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from screening.cli import cli
from screening.ledger.ledger import Ledger
from screening.ledger.lines import link
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.copied_drops import _is_alike
from screening.ledger.log.drops import DROPS, read_drops
from screening.ledger.log.inspection import inspect
from screening.ledger.log.mending import mend
from screening.vocabulary.errors import LedgerDamaged, OperatorError
from tests.ledger.log.keeping import (
    NOW,
    OLD,
    audited,
    export,
    fail,
    mended_by_export,
    retain,
    write,
)
from tests.ledger.log.merging import KEY, edit, merged_log, signed
from tests.ledger.looking import files, record


def flip(content: bytearray) -> None:
    content[content.index(b'"ann"') + 1] ^= 1


def forge(path: Path) -> None:
    """Alter the first record of a segment, and compute its chain anew."""
    chain, lines = b"", []
    for line in path.read_bytes().splitlines():
        payload = line.partition(b" ")[2].replace(b'{"n":100}', b'{"n":999}')
        chain = link(chain, payload)
        lines.append(b"%b %b\n" % (chain, payload))
    path.write_bytes(b"".join(lines))


@pytest.fixture
def dropped(journal: Path, copy: Path) -> str:
    """A segment that was dropped when another copy had it all, and `copy` its first record."""
    with Ledger(journal, host="test", now=lambda: OLD + timedelta(days=2)) as ledger:
        ledger.append([record(100)])
        with merged_log(journal) as log:
            signed(log)
        export(journal, copy)
        ledger.append([record(101)])
    with merged_log(journal) as log:
        signed(log)
    export(journal, copy.parent / "another")
    return retain(journal, copy.parent / "another")[-1]


def test_drops_that_were_damaged_here_are_named_and_all_else_is_copied(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    retain(journal, copy)
    edit(journal / LOG / DROPS, flip)
    write(journal, 60, NOW)
    for _ in range(2):
        with pytest.raises(LedgerDamaged, match="log, drops, line 1: ") as raised:
            export(journal, copy)
        assert raised.value.sentences[:1] == raised.value.sentences
        assert audited(copy) == 20


@pytest.mark.parametrize("at", [3, -30, -1])
def test_a_drop_that_was_damaged_in_a_copy_is_made_anew_from_the_one_here(
    journal: Path, copy: Path, at: int
) -> None:
    export(journal, copy)
    retain(journal, copy)
    later = copy.parent / "later"
    export(journal, later)
    whole = (later / LOG / DROPS).read_bytes()
    for place in (at % (whole.index(b"\n") + 1), at):
        edit(later / LOG / DROPS, lambda content: content.__setitem__(place, content[place] ^ 1))  # noqa: B023 - called at once
        (said,) = mended_by_export(journal, later)
        assert said == "log/drops of the copy was damaged, and is made anew"
        assert {*(later / LOG / DROPS).read_bytes().splitlines()} == {*whole.splitlines()}
        assert (audited(later), mended_by_export(journal, later)) == (15, [])


def test_a_copy_that_lags_behind_a_drop_names_what_it_lacks_and_goes_on_once_it_is_given_up(
    journal: Path, copy: Path, dropped: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(journal, 60, NOW)
    for _ in range(2):
        with pytest.raises(LedgerDamaged, match=f"{dropped}: dropped here, and the copy has 1 of"):
            export(journal, copy)
    with pytest.raises(LedgerDamaged):
        audited(copy)
    key = ["--key", KEY.verifier.text]
    arguments = ["audit", "export", str(copy), "--journal", str(journal), *key]
    cli([*arguments, "--lost", dropped], "screening", standalone_mode=False)
    assert audited(copy) == audited(journal) == 22
    assert [path.stem for path in files(copy, ".open")] == [dropped]
    cli(arguments, "screening", standalone_mode=False)
    capsys.readouterr()
    verify = ["audit", "verify", "--journal", str(copy), *key]
    cli(verify, "screening", standalone_mode=False)
    assert "dropped: 1 records in 1 segments, by ann at" in capsys.readouterr().out
    assert [*mend(copy)] == []  # which seals no beginning
    assert all(finding.is_whole for finding in inspect(copy))
    forge(copy / f"{dropped}.open")
    with pytest.raises(LedgerDamaged, match=f"segment {dropped}, line 2: not leaf 15 of the log"):
        audited(copy)


def test_a_segment_that_a_copy_has_lost_since_its_drop_is_given_up_by_name_alone(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    first, second = retain(journal, copy)
    (copy / f"{first}.sealed").unlink()
    with pytest.raises(LedgerDamaged, match=f"{first}: dropped here, and the copy has 0 of its 5"):
        export(journal, copy)
    mended_by_export(journal, copy, first)
    assert (audited(copy), export(journal, copy)) == (15, 0)
    (copy / f"{second}.sealed").unlink()
    with pytest.raises(LedgerDamaged, match=f"{second}: dropped here, and the copy has 0 of its 5"):
        export(journal, copy)


def test_a_segment_that_the_disk_does_not_give_is_not_given_up_and_is_named_by_an_audit(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    first, _ = retain(journal, copy)
    undo = fail(copy / f"{first}.sealed")
    arguments = ["audit", "export", str(copy), "--journal", str(journal)]
    with pytest.raises(LedgerDamaged, match=rf"{first}, line 1: cannot be read") as raised:
        cli([*arguments, "--key", KEY.verifier.text], "screening", standalone_mode=False)
    assert "--lost" not in str(raised.value)
    with pytest.raises(OperatorError, match=f"{first} lies in the copy, so it is not given up; "):
        mended_by_export(journal, copy, first)
    assert read_drops(copy / LOG) == {}
    undo()
    assert (export(journal, copy), audited(copy)) == (0, 15)


def test_a_last_line_that_was_altered_in_a_copy_since_the_drop_is_set_again(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    first, _ = retain(journal, copy)
    path = copy / f"{first}.sealed"
    whole = path.read_bytes()
    edit(path, lambda content: content.__setitem__(-10, content[-10] ^ 1))
    with pytest.raises(OperatorError, match=f"segment {first} lies in the copy"):
        mended_by_export(journal, copy, first)
    export(journal, copy)
    assert (path.read_bytes(), audited(copy)) == (whole, 15)


def test_a_segment_of_another_copy_fills_what_a_copy_lacks(
    journal: Path, copy: Path, dropped: str
) -> None:
    name = f"{dropped}.sealed"
    (copy / name).write_bytes((copy.parent / "another" / name).read_bytes())
    (copy / name).chmod(0o600)
    (copy / f"{dropped}.open").unlink()
    export(journal, copy)
    assert audited(copy) == 17


def test_nothing_is_given_up_but_what_this_host_has_dropped_and_signed_for(
    journal: Path, copy: Path, dropped: str
) -> None:
    drops = journal / LOG / DROPS
    kept, here = drops.read_bytes(), files(journal, ".sealed")[0].stem
    for name in (here, "20260101T000000000000Z-00000000", "../x", ""):
        with pytest.raises(OperatorError, match="names no segment that was dropped here"):
            mended_by_export(journal, copy, name)
    lines = kept.splitlines(keepends=True)
    forged = lines[-1].replace(b'"ann"', b'"bob"')
    drops.write_bytes(b"".join([*lines[:-1], forged]))
    with pytest.raises(OperatorError, match="names no segment that was dropped here"):
        mended_by_export(journal, copy, dropped)
    drops.write_bytes(kept)
    shutil.copy2(copy.parent / "another" / f"{dropped}.sealed", journal)  # as before it had gone
    with pytest.raises(OperatorError, match="names no segment that was dropped here"):
        mended_by_export(journal, copy, dropped)
    (journal / f"{dropped}.sealed").unlink()
    whole = files(copy, ".sealed")[0].stem
    with pytest.raises(OperatorError, match=f"segment {whole} lies in the copy"):
        mended_by_export(journal, copy, whole)


def test_drops_that_were_all_damaged_in_a_copy_are_made_anew_each_from_its_own(
    journal: Path, copy: Path
) -> None:
    for first in range(100, 150, 5):
        write(journal, first)
    export(journal, copy)
    retain(journal, copy)
    later = copy.parent / "later"
    export(journal, later)
    whole = (later / LOG / DROPS).read_bytes()
    lines = whole.splitlines(keepends=True)
    damaged = [bytes([line[0] ^ 1]) + line[1:-20] + b"\n" + line[-19:] for line in lines]
    (later / LOG / DROPS).write_bytes(b"".join(reversed(damaged)) + b"\n" * 9 + b"{")
    with pytest.raises(LedgerDamaged) as raised:
        export(journal, later)
    assert {*(later / LOG / DROPS).read_bytes().splitlines()} == {*whole.splitlines()}
    left_out = [
        said for said in raised.value.sentences if "a line was damaged, and is left" in said
    ]
    assert len(left_out) == 10


def test_behind_more_strange_lines_than_there_are_drops_no_damaged_one_is_looked_for(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    first, second = retain(journal, copy)
    later = copy.parent / "later"
    export(journal, later)
    whole = (later / LOG / DROPS).read_bytes()
    edit(later / LOG / DROPS, flip)
    damaged = (later / LOG / DROPS).read_bytes()
    (later / LOG / DROPS).write_bytes(b"\n" * 2 + damaged)
    with pytest.raises(LedgerDamaged, match="a line was damaged, and is left out"):
        export(journal, later)
    assert {*(later / LOG / DROPS).read_bytes().splitlines()} == {*whole.splitlines()}
    (later / LOG / DROPS).write_bytes(b"\n" * 9 + damaged)
    with pytest.raises(LedgerDamaged, match=f"{first}: dropped here, and the copy has 0 of its 5"):
        export(journal, later)
    mended_by_export(journal, later, first)
    assert read_drops(later / LOG).keys() == {first, second}


def test_a_damaged_line_is_compared_with_none_but_its_own_however_many_there_are(
    journal: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for first in range(100, 150, 5):
        write(journal, first)
    export(journal, copy)
    retain(journal, copy)
    later = copy.parent / "later"
    export(journal, later)
    lines = (later / LOG / DROPS).read_bytes().splitlines(keepends=True)
    strange = [os.urandom(len(lines[0])).replace(b"\n", b"x") + b"\n" for _ in lines]
    flipped = [line[:50] + b"#" + line[51:] for line in reversed(lines)]
    (later / LOG / DROPS).write_bytes(b"".join([*strange, *flipped]))
    compared: list[bytes] = []

    def is_alike(content: bytes, start: int, line: bytes) -> bool:
        compared.append(line)
        return _is_alike(content, start, line)

    monkeypatch.setattr("screening.ledger.log.copied_drops._is_alike", is_alike)
    with pytest.raises(LedgerDamaged, match="a line was damaged, and is left out"):
        export(journal, later)
    assert sorted(compared) == sorted(lines)
    assert {*(later / LOG / DROPS).read_bytes().splitlines(keepends=True)} == {*lines}


def test_a_file_that_is_larger_than_drops_can_be_is_named_and_not_read(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    retain(journal, copy)
    later = copy.parent / "later"
    export(journal, later)
    os.truncate(later / LOG / DROPS, 1 << 40)  # a hole, which takes no space
    with pytest.raises(OperatorError, match="log/drops is larger than any file of its kind"):
        export(journal, later)


@pytest.mark.parametrize("missing_bytes", [1, 20, 100])
def test_a_drop_that_was_torn_at_the_end_of_a_copys_is_made_anew_by_its_beginning(
    journal: Path, copy: Path, missing_bytes: int
) -> None:
    export(journal, copy)
    retain(journal, copy)
    later = copy.parent / "later"
    export(journal, later)
    whole = (later / LOG / DROPS).read_bytes()
    (later / LOG / DROPS).write_bytes(whole[:-missing_bytes])
    (said,) = mended_by_export(journal, later)
    assert said == "log/drops of the copy was damaged, and is made anew"
    assert (later / LOG / DROPS).read_bytes() == whole

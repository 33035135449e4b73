"""What a copy has stays: nothing that is less takes its place, and its loss is not excused."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from screening.ledger.ledger import Ledger
from screening.ledger.log.audit import verify_log
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.copied_witnessed import Believed
from screening.ledger.log.drops import DROPS, read_drops
from screening.ledger.log.export import export_ledger
from screening.ledger.log.inspection import inspect
from screening.ledger.recovery import recover_ledger
from screening.ledger.verify import verify_ledger
from screening.vocabulary.errors import LedgerDamaged, OperatorError
from tests.ledger.log.keeping import NOW, audited, export, retain, write
from tests.ledger.log.merging import KEY, edit, merged_log, signed
from tests.ledger.looking import files, numbers, record

ALL = [*range(5), *range(10, 15), *range(20, 25), 90, 91]


@pytest.fixture
def writer(journal: Path) -> Iterator[Ledger]:
    """A segment that is still open: two records of it are signed, and a third is not."""
    with Ledger(journal, host="test") as ledger:
        ledger.append([record(90), record(91)])
        with merged_log(journal) as log:
            signed(log)
        ledger.append([record(92)])
        yield ledger


def contents(copy: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in copy.iterdir() if path.is_file()}


def flip(content: bytearray) -> None:
    """One bit of a record: `{"n":90}` begins the second line."""
    content[content.index(b'{"n":90}') + 5] ^= 1


def forget_the_end(content: bytearray) -> None:
    del content[content.index(b'{"n":91}') :]


def change_the_header(content: bytearray) -> None:
    content[content.index(b'"host":"test"') + 8] ^= 1


@pytest.mark.parametrize("damage", [flip, forget_the_end, change_the_header])
def test_an_open_segment_that_was_damaged_here_takes_the_place_of_no_whole_one(
    journal: Path, copy: Path, writer: Ledger, damage: Callable[[bytearray], None]
) -> None:
    export(journal, copy)
    before = contents(copy)
    (segment,) = files(journal, ".open")
    edit(segment, damage)
    with pytest.raises(LedgerDamaged, match=f"segment {segment.stem}, line .* the copy keeps"):
        export(journal, copy)
    assert contents(copy) == before
    assert (audited(copy), sorted(numbers(copy))) == (17, ALL)


def test_a_segment_set_aside_here_removes_no_whole_one_and_all_else_is_copied(
    journal: Path, copy: Path, writer: Ledger
) -> None:
    export(journal, copy)
    (segment,) = files(journal, ".open")
    kept = (copy / segment.name).read_bytes()
    edit(segment, flip)
    assert writer._segment is not None
    writer._segment.release()  # as the end of its process does
    assert recover_ledger(journal).damaged == (segment.stem,)
    write(journal, 50, NOW)
    with pytest.raises(LedgerDamaged, match="set aside as damaged; the copy keeps"):
        export(journal, copy)
    assert (copy / segment.name).read_bytes() == kept
    assert not files(copy, ".damaged")
    assert (audited(copy), {*numbers(copy)}) == (22, {*ALL, *range(50, 55)})


def test_a_copy_keeps_records_that_this_journal_does_not_have(
    journal: Path, copy: Path, tmp_path: Path
) -> None:
    with Ledger(journal, host="test") as ledger:
        ledger.append([record(60)])
        earlier = Path(shutil.copytree(journal, tmp_path / "earlier"))
        ledger.append([record(61)])
    export(journal, copy)  # sealed, so it comes whole, and not signed
    before = contents(copy)
    recover_ledger(earlier)  # as of a host that was put back
    with pytest.raises(LedgerDamaged, match="than the copy has"):
        export(earlier, copy)
    assert contents(copy) == before


def test_a_copy_that_was_damaged_is_healed_by_what_is_whole_here(
    journal: Path, copy: Path, writer: Ledger
) -> None:
    export(journal, copy)
    edit(files(copy, ".open")[0], flip)
    assert export(journal, copy) == 1
    assert (audited(copy), sorted(numbers(copy))) == (17, ALL)
    assert recover_ledger(copy).sealed
    assert export(journal, copy) == 1  # recovery has sealed there what is written here
    assert (audited(copy), sorted(numbers(copy))) == (17, ALL)


def test_a_sealed_segment_that_rotted_in_a_copy_comes_again_once_it_was_removed(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    path = files(copy, ".sealed")[0]
    edit(path, lambda content: content.__setitem__(300, content[300] ^ 1))
    export(journal, copy)
    with pytest.raises(LedgerDamaged, match=path.stem):
        audited(copy)
    path.unlink()
    assert export(journal, copy) == 1
    assert audited(copy) == 15


@pytest.mark.parametrize("damaged", ["hashes", "runs", "seals"])
def test_a_log_that_was_damaged_here_changes_nothing_of_the_copys(
    journal: Path, copy: Path, damaged: str
) -> None:
    export(journal, copy)
    path = journal / damaged if damaged == "seals" else journal / LOG / damaged
    lines = path.read_bytes().splitlines(keepends=True)
    if damaged == "hashes":
        edit(path, lambda content: content.__setitem__(0, content[0] ^ 1))
    elif damaged == "seals":
        path.write_bytes(b"".join(lines[:-1]))
    else:
        names = [file.stem.encode() for file in files(journal, ".sealed")[:2]]
        swapped = b"".join(lines).replace(names[0], b"-").replace(names[1], names[0])
        path.write_bytes(
            swapped.replace(b"-,", names[1] + b",").replace(b'"-"', b'"%b"' % names[1])
        )
    with pytest.raises(LedgerDamaged):
        export(journal, copy)
    assert (audited(copy), verify_ledger(copy).records) == (15, 15)


@pytest.mark.parametrize("lies_as", [".open", ".damaged"])
def test_a_segment_that_lies_twice_in_a_copy_lies_once_after_the_next_export(
    journal: Path, copy: Path, lies_as: str
) -> None:
    export(journal, copy)
    sealed = files(copy, ".sealed")[1]
    shutil.copy2(sealed, sealed.with_suffix(lies_as))
    with pytest.raises(LedgerDamaged, match="under two names"):
        verify_ledger(copy)
    assert export(journal, copy) == 0
    assert audited(copy) == 15
    shutil.copy2(sealed, sealed.with_suffix(lies_as))
    edit(sealed, lambda content: content.__setitem__(300, content[300] ^ 1))  # and not its end
    assert export(journal, copy) == 1
    assert audited(copy) == 15


def test_a_segment_that_was_sealed_in_a_copy_alone_ends_no_export_when_it_is_damaged_here(
    journal: Path, copy: Path, writer: Ledger
) -> None:
    export(journal, copy)
    assert recover_ledger(copy).sealed
    (segment,) = files(journal, ".open")
    edit(segment, flip)
    assert writer._segment is not None
    writer._segment.release()
    recover_ledger(journal)
    write(journal, 50, NOW)
    for _ in range(2):
        with pytest.raises(LedgerDamaged, match="set aside as damaged; the copy keeps") as raised:
            export(journal, copy)
        assert len(raised.value.sentences) == 1
        assert (audited(copy), {*numbers(copy)}) == (22, {*ALL, *range(50, 55)})
        recover_ledger(copy)


def test_a_segment_that_others_may_read_is_named_and_all_others_are_copied(
    journal: Path, copy: Path
) -> None:
    files(journal, ".sealed")[0].chmod(0o644)
    with pytest.raises(LedgerDamaged, match="run: chmod 600"):
        export(journal, copy)
    assert len(files(copy, ".sealed")) == 2
    files(journal, ".sealed")[0].chmod(0o600)
    assert export(journal, copy) == 1
    assert audited(copy) == 15


def test_hidden_files_of_an_export_that_was_killed_are_gone_after_the_next(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    segment = files(copy, ".sealed")[0].name
    left = [copy / f".{segment}.0123456789ab", copy / LOG / ".checkpoint.0123456789ab"]
    others = [copy / ".nfs0123456789ab", copy / LOG / ".notes.0123456789ab"]
    for path in (*left, *others):
        path.write_bytes(b"half")
    export(journal, copy)
    assert [path.exists() for path in (*left, *others)] == [False, False, True, True]


def test_two_exports_do_not_write_one_copy_at_a_time(journal: Path, copy: Path) -> None:
    export(journal, copy)
    said: list[str] = []

    def meanwhile(*_: object) -> None:
        with pytest.raises(OperatorError, match="another command uses") as raised:
            export(journal, copy)
        said.append(str(raised.value))

    export_ledger(journal, copy, Believed(KEY.verifier, None), meanwhile)
    assert len(said) == 3


def test_what_was_dropped_because_a_copy_has_it_is_missed_in_the_copy(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    dropped = retain(journal, copy)
    export(journal, copy)
    assert read_drops(copy / LOG) == {}
    for segment in dropped:
        (copy / f"{segment}.sealed").unlink()
    with pytest.raises(LedgerDamaged, match=f"{dropped[0]}: dropped here, and the copy has 0 of"):
        export(journal, copy)  # which must not excuse it
    with pytest.raises(LedgerDamaged, match=f"{dropped[0]}, line 1: missing"):
        verify_ledger(copy)
    with pytest.raises(LedgerDamaged, match=f"{dropped[1]}, line 2: missing"):
        verify_log(copy, KEY.verifier)
    assert any(not finding.is_whole for finding in inspect(copy))
    (copy / LOG / "checkpoint").unlink()  # nor where one of the two that tell is gone as well
    with pytest.raises(LedgerDamaged, match=f"{dropped[0]}: dropped here"):
        export(journal, copy)
    with pytest.raises(LedgerDamaged, match="missing"):
        verify_ledger(copy)


def test_a_copy_that_was_begun_after_a_drop_says_so_and_is_whole(
    journal: Path, copy: Path, tmp_path: Path
) -> None:
    export(journal, copy)
    dropped = retain(journal, copy)
    later = tmp_path / "later"
    for _ in range(2):
        export(journal, later)
        assert (audited(later), [*read_drops(later / LOG)]) == (15, dropped)
    write(journal, 50, NOW)
    export(journal, later)
    assert (audited(later), verify_ledger(later).records) == (20, 10)


def test_a_copy_of_an_earlier_version_lets_go_of_drops_of_what_it_has(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    retain(journal, copy)
    shutil.copy2(journal / LOG / DROPS, copy / LOG / DROPS)
    export(journal, copy)
    assert read_drops(copy / LOG) == {}
    assert verify_ledger(copy).records == 15


def test_links_into_the_journal_become_files_and_no_log_is_written_through_one(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    for path in files(copy, ".sealed"):
        path.unlink()
        path.symlink_to(journal / path.name)
    assert export(journal, copy) == 3
    assert not any(path.is_symlink() for path in copy.iterdir())
    assert audited(copy) == 15
    (copy / LOG / "hashes").unlink()
    os.link(journal / LOG / "hashes", copy / LOG / "hashes")
    with pytest.raises(OperatorError, match="the journal's own"):
        export(journal, copy)

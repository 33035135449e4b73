"""A copy has the beginning of a segment that was dropped here: each command leads on from there."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from screening.cli import cli
from screening.ledger.ledger import Ledger
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.drops import DROPS
from screening.ledger.log.inspection import inspect
from screening.ledger.log.mending import mend
from screening.ledger.recovery import Recovery, recover_ledger
from screening.ledger.seals import SEALS
from screening.vocabulary.errors import LedgerDamaged, OperatorError
from tests.ledger.log.keeping import OLD, audited, contents, export, mended_by_export, retain, write
from tests.ledger.log.merging import KEY, edit, merged_log, signed
from tests.ledger.looking import files, record

Drop = Callable[..., str]


@pytest.fixture
def drop(journal: Path, copy: Path) -> Drop:
    """Has a segment dropped when another copy had it all, and `copy` its first record."""

    def drop(*later: bytes) -> str:
        with Ledger(journal, host="test", now=lambda: OLD + timedelta(days=2)) as ledger:
            ledger.append([record(100)])
            with merged_log(journal) as log:
                signed(log)
            export(journal, copy)
            ledger.append([*later])
        with merged_log(journal) as log:
            signed(log)
        export(journal, copy.parent / "another")
        return retain(journal, copy.parent / "another")[-1]

    return drop


def test_mending_seals_nothing_in_a_copy_and_sets_nothing_aside(copy: Path, drop: Drop) -> None:
    drop(record(101))
    before = contents(copy)
    assert [*mend(copy)] == []
    assert all(finding.is_whole for finding in inspect(copy))
    edit(files(copy, ".open")[0], lambda content: content.__setitem__(-9, content[-9] ^ 1))
    assert not any("set aside" in said for said in mend(copy))
    assert contents(copy).keys() == before.keys()


def test_a_host_that_is_restored_from_a_copy_with_a_beginning_starts_and_stays_whole(
    journal: Path, copy: Path, drop: Drop
) -> None:
    dropped = drop(record(101))
    mended_by_export(journal, copy, dropped)
    with Ledger(copy, host="test") as restored:
        restored.append([record(200)])
        assert restored.recovery == Recovery((), (), ())
    with merged_log(copy) as log:
        signed(log)
    assert audited(copy) == 18
    assert [path.stem for path in files(copy, ".open")] == [dropped]
    (copy / LOG / DROPS).write_bytes(b"x\n")  # of damaged drops none is believed
    assert recover_ledger(copy).damaged == (dropped,)


@pytest.mark.parametrize("is_told_before", [True, False])
@pytest.mark.parametrize("are_seals_damaged", [True, False])
def test_a_beginning_that_recovery_has_sealed_in_a_copy_is_opened_again_and_may_be_given_up(
    journal: Path, copy: Path, drop: Drop, *, is_told_before: bool, are_seals_damaged: bool
) -> None:
    recovered = drop(record(101))
    if is_told_before:
        with pytest.raises(LedgerDamaged, match=f"{recovered}: dropped here"):
            export(journal, copy)
        *lines, _ = (journal / SEALS).read_bytes().splitlines(keepends=True)
        (copy / SEALS).write_bytes(b"".join(lines))
    assert recover_ledger(copy).sealed == (recovered,)
    if are_seals_damaged:
        (copy / SEALS).unlink()
    with pytest.raises(LedgerDamaged, match=f"{recovered}: dropped here, and the copy has 1 of"):
        export(journal, copy)
    mended_by_export(journal, copy, recovered)
    assert (audited(copy), export(journal, copy)) == (17, 0)
    assert [path.stem for path in files(copy, ".open")] == [recovered]


def test_a_copy_that_has_all_records_of_a_dropped_segment_is_given_its_seal(
    journal: Path, copy: Path, drop: Drop
) -> None:
    dropped = drop()
    assert [path.stem for path in files(copy, ".open")] == [dropped]
    export(journal, copy)
    another = copy.parent / "another" / f"{dropped}.sealed"
    assert (copy / another.name).read_bytes() == another.read_bytes()
    assert (audited(copy), files(copy, ".open")) == (16, [])


@pytest.mark.parametrize("suffix", [".sealed", ".open"])
def test_a_file_of_a_copy_that_others_may_read_is_named_and_not_given_up(
    journal: Path, copy: Path, drop: Drop, suffix: str
) -> None:
    dropped = drop()
    if suffix == ".sealed":
        export(journal, copy)
    (copy / f"{dropped}{suffix}").chmod(0o644)
    write(journal, 60)
    arguments = ["audit", "export", str(copy), "--journal", str(journal)]
    with pytest.raises((LedgerDamaged, OperatorError), match=f"{dropped}{suffix} can be read by"):
        cli([*arguments, "--key", KEY.verifier.text], "screening", standalone_mode=False)
    assert (copy / SEALS).read_bytes() == (journal / SEALS).read_bytes()
    (copy / f"{dropped}{suffix}").chmod(0o600)
    export(journal, copy)
    assert audited(copy) == 21


@pytest.mark.parametrize("suffix", [".sealed", ".damaged"])
def test_a_file_that_does_not_end_as_the_segment_was_sealed_is_no_whole_one(
    journal: Path, copy: Path, drop: Drop, suffix: str
) -> None:
    dropped = drop(record(101))
    (copy / f"{dropped}.open").rename(copy / f"{dropped}{suffix}")
    with pytest.raises(LedgerDamaged, match=f"{dropped}: dropped here, and the copy has 1 of its"):
        export(journal, copy)
    whole = copy.parent / "another" / f"{dropped}.sealed"
    (copy / f"{dropped}{suffix}").unlink()
    shutil.copy2(whole, copy)
    export(journal, copy)
    assert audited(copy) == 17
    with pytest.raises(OperatorError, match=f"segment {dropped} lies in the copy"):
        mended_by_export(journal, copy, dropped)

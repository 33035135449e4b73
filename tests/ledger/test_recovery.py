"""What the next opener makes of segments whose writers are dead."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.file_lock import try_flock
from screening.ledger.ledger import Ledger
from screening.ledger.recovery import Recovery, recover_ledger
from screening.ledger.segment import OpenSegment
from screening.ledger.verify import verify_ledger
from screening.vocabulary.errors import LedgerDamaged
from tests.ledger.conftest import OpenLedger
from tests.ledger.dead_writers import RECORDS, ROOT, leave_dead, sealed_by
from tests.ledger.looking import files, lines, numbers, record


def test_a_segment_that_another_has_sealed_meanwhile_is_not_claimed(
    directory: Path, dead_segment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = leave_dead(directory, dead_segment)

    def seal_first(descriptor: int) -> bool:
        path.rename(path.with_suffix(".sealed"))
        return try_flock(descriptor)

    monkeypatch.setattr("screening.ledger.segment.try_flock", seal_first)
    assert OpenSegment.claim(path) is None


def told_before_a_kill(directory: Path, *, max_segment_bytes: int) -> list[int]:
    """The numbers that a writer told as durable until it was killed."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.ledger.writer", str(directory), str(max_segment_bytes)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        told = [int(process.stdout.readline()) for _ in range(500)]
        process.kill()
        return told + [int(line) for line in process.stdout.read().split(b"\n")[:-1]]


def require_found(directory: Path, told: list[int]) -> None:
    """All that was told is there, and no more than the record that was being written."""
    found = numbers(directory)
    assert found[: len(told)] == told
    assert len(found) - len(told) in (0, 1)
    assert verify_ledger(directory).open_segments == 0


def test_a_killed_writers_answers_are_all_found_and_its_segment_is_sealed(
    directory: Path, open_ledger: OpenLedger
) -> None:
    told = told_before_a_kill(directory, max_segment_bytes=1 << 30)  # which it never fills
    assert len(files(directory, ".open")) == 1
    with open_ledger() as ledger:
        ledger.open()
        assert not [path for path in files(directory, ".open") if path.stem in sealed_by(ledger)]
    require_found(directory, told)


def test_of_a_writer_that_changes_its_segment_again_and_again_no_answer_is_lost(
    directory: Path, open_ledger: OpenLedger
) -> None:
    told = told_before_a_kill(directory, max_segment_bytes=1_000)
    assert len(files(directory, ".open")) <= 1  # it may be killed between two
    with open_ledger() as ledger:
        ledger.open()
    require_found(directory, told)


@pytest.mark.parametrize("torn_bytes", [1, 64, 65, 70])
def test_a_torn_end_is_cut_off_and_the_seal_says_how_much(
    tmp_path: Path, dead_segment: Path, torn_bytes: int
) -> None:
    whole = dead_segment.read_bytes()
    path = leave_dead(tmp_path / "l", dead_segment, whole + whole.splitlines()[-1][:torn_bytes])
    assert recover_ledger(path.parent) == Recovery((path.stem,), (), ())
    assert numbers(path.parent) == list(range(RECORDS))
    seal = lines(path.with_suffix(".sealed"))[-1]["seal"]
    assert (seal["recovered"], seal["cut_bytes"]) == (True, torn_bytes)
    verify_ledger(path.parent)


def test_zeros_at_the_end_are_a_torn_end(tmp_path: Path, dead_segment: Path) -> None:
    path = leave_dead(tmp_path / "l", dead_segment, dead_segment.read_bytes() + bytes(4096))
    assert recover_ledger(path.parent).sealed == (path.stem,)
    assert numbers(path.parent) == list(range(RECORDS))


@pytest.mark.parametrize("ending", [b"", b"J"])
def test_a_whole_record_without_its_line_feed_is_kept(
    tmp_path: Path, dead_segment: Path, ending: bytes
) -> None:
    path = leave_dead(tmp_path / "l", dead_segment, dead_segment.read_bytes()[:-1] + ending)
    assert recover_ledger(path.parent).sealed == (path.stem,)
    assert numbers(path.parent) == list(range(RECORDS))
    verify_ledger(path.parent)


@pytest.mark.parametrize("header_bytes", [0, 1, 100])
def test_a_segment_whose_writer_died_before_its_header_was_whole_is_removed(
    tmp_path: Path, dead_segment: Path, header_bytes: int
) -> None:
    path = leave_dead(tmp_path / "l", dead_segment, dead_segment.read_bytes()[:header_bytes])
    assert recover_ledger(path.parent) == Recovery((), (), ())
    assert not files(path.parent, ".open")
    assert not files(path.parent, ".sealed")


@pytest.mark.parametrize("line", [1, 4, RECORDS + 1])
def test_a_changed_line_sets_the_segment_aside_untouched_and_a_writer_starts_all_the_same(
    tmp_path: Path, dead_segment: Path, line: int, caplog: pytest.LogCaptureFixture
) -> None:
    content = dead_segment.read_bytes().splitlines(keepends=True)
    content[line - 1] = content[line - 1].replace(b'"', b"'", 1)
    path = leave_dead(tmp_path / "l", dead_segment, b"".join(content))
    with Ledger(path.parent, host="next") as ledger:
        ledger.append([record(1000)])
        assert ledger.recovery is not None
        assert ledger.recovery.damaged == (path.stem,)
        assert f"segment {path.stem}, line {line}:" in caplog.text
    assert path.with_suffix(".damaged").read_bytes() == b"".join(content)
    with pytest.raises(LedgerDamaged, match=f"segment {path.stem}, line {line}:"):
        verify_ledger(path.parent)


class Raised:
    """Remembers alarms."""

    def __init__(self) -> None:
        self.alarms: list[tuple[str, str]] = []

    def raised(self, what: str, name: str, *, since: int = 0) -> None:
        self.alarms.append((what, name))


def test_an_alarm_is_raised_for_every_segment_that_is_set_aside(
    tmp_path: Path, dead_segment: Path
) -> None:
    path = leave_dead(tmp_path / "l", dead_segment, dead_segment.read_bytes().replace(b"n", b"m"))
    told = Raised()
    for _ in range(2):  # set aside once, it is not found again
        with Ledger(path.parent, host="next", alarms=told) as ledger:
            ledger.append([record(1000)])
        assert told.alarms == [("journal_damaged", path.stem)]


@settings(max_examples=150)
@given(data=st.data())
def test_whatever_bit_flips_every_acknowledged_record_stays_or_the_file_is_kept_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, dead_segment: Path, data: st.DataObject
) -> None:
    content = bytearray(dead_segment.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    directory = tmp_path_factory.mktemp("bit") / "ledger"
    path = leave_dead(directory, dead_segment, bytes(content))
    recovery = recover_ledger(directory)
    if recovery.damaged:
        assert path.with_suffix(".damaged").read_bytes() == content
    else:
        assert numbers(directory) == list(range(RECORDS))
    assert not files(directory, ".open")


def test_an_announced_seal_that_the_segment_no_longer_reaches_is_damage(
    directory: Path, open_ledger: OpenLedger
) -> None:
    ledger = open_ledger()
    ledger.append([record(1), record(2)])
    ledger.close()
    (sealed,) = files(directory, ".sealed")
    content = sealed.read_bytes().splitlines(keepends=True)
    sealed.write_bytes(b"".join(content[:-2]))  # the seal and the record before it
    sealed.rename(sealed.with_suffix(".open"))
    with pytest.raises(LedgerDamaged, match=f"segment {sealed.stem}, line 3:"):
        verify_ledger(directory)
    assert len(recover_ledger(directory).damaged) == 1
    assert files(directory, ".damaged")[0].read_bytes() == b"".join(content[:-2])
    with pytest.raises(LedgerDamaged, match="set this segment aside"):
        verify_ledger(directory)


def test_with_an_unreadable_index_records_are_made_but_nothing_is_sealed(
    directory: Path, open_ledger: OpenLedger
) -> None:
    with open_ledger() as ledger:
        ledger.append([record(1)])
    index = directory / "seals"
    whole = index.read_bytes()
    index.write_bytes(b"x" + whole[1:-20] + b"\n")
    with open_ledger(max_segment_bytes=300) as ledger:
        for number in range(2, 9):
            ledger.append([record(number)])
    assert numbers(directory) == list(range(1, 9))
    assert len(files(directory, ".sealed")) == 1
    with pytest.raises(LedgerDamaged, match="seals, line 1:"):
        verify_ledger(directory)
    index.write_bytes(whole)
    with open_ledger() as ledger:
        ledger.append([record(9)])
    assert not files(directory, ".open")
    assert numbers(directory) == list(range(1, 10))
    verify_ledger(directory)


@pytest.mark.parametrize("torn", [b"0", b"0" * 900])
def test_a_torn_end_of_the_index_is_written_over(
    directory: Path, open_ledger: OpenLedger, torn: bytes
) -> None:
    for number in range(3):
        with open_ledger() as ledger:
            ledger.append([record(number)])
        with (directory / "seals").open("ab") as index:
            index.write(torn)
        assert verify_ledger(directory).records == number + 1
    with open_ledger() as ledger:
        ledger.append([record(3)])
    assert [line["seal"]["number"] for line in lines(directory / "seals")] == [1, 2, 3, 4]
    verify_ledger(directory)


def test_two_recoverers_at_once_seal_each_segment_once(directory: Path, tmp_path: Path) -> None:
    expected = []
    for number in range(12):
        ledger = Ledger(directory, host="dead")
        with ledger._seals.lock():  # opened without recovering the ones before
            ledger._create_segment()
        ledger.append([record(number)])
        assert ledger._segment is not None
        expected.append(ledger._segment.id)
        ledger._segment.release()
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.ledger.recoverer", str(directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    outputs = [process.communicate(timeout=60)[0] for process in release_together(processes)]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sorted(segment for output in outputs for segment in output.split()) == expected
    assert numbers(directory) == list(range(12))
    report = verify_ledger(directory)
    assert (report.segments, report.open_segments) == (12, 0)
    assert [line["seal"]["number"] for line in lines(directory / "seals")] == list(range(1, 13))


def release_together(processes: list["subprocess.Popen[str]"]) -> list["subprocess.Popen[str]"]:
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None  # else `communicate` would flush it
    return processes


def test_recovery_reports_what_it_may_not_read_and_a_writer_starts_all_the_same(
    tmp_path: Path, dead_segment: Path
) -> None:
    path = leave_dead(tmp_path / "l", dead_segment)
    path.chmod(0o640)
    with Ledger(path.parent, host="next") as ledger:
        ledger.append([record(1000)])
        assert ledger.recovery is not None
        assert "chmod 600" in ledger.recovery.left[0]
    assert path.exists()
    path.chmod(0o600)
    assert recover_ledger(path.parent).sealed == (path.stem,)


def test_a_segment_that_a_disk_cannot_give_keeps_no_writer_from_starting(
    tmp_path: Path, dead_segment: Path
) -> None:
    left = leave_dead(tmp_path / "l", dead_segment)
    unreadable = left.with_name(f"20250101T000000000000Z-00000000{left.suffix}")
    unreadable.symlink_to("/proc/self/mem")  # gives EIO
    with Ledger(left.parent, host="next") as ledger:
        ledger.append([record(1000)])
        assert ledger.recovery == Recovery(
            (left.stem,), (), (f"segment {unreadable.stem} could not be read: Input/output error",)
        )

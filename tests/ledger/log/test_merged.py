"""The records of all writers become one log: each once, in order, and never moved once signed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening.ledger.ledger import Ledger
from screening.ledger.log.checkpoint import LOG, begin_log
from screening.ledger.log.hashes import Hashes
from screening.ledger.log.merged import MergedLog
from screening.ledger.log.tree import root
from screening.ledger.segment import OpenSegment
from screening.private_files import ensure_private_directory
from screening.vocabulary.errors import LedgerDamaged, OperatorError
from tests.harness.slow import slow_but_first
from tests.ledger.conftest import OpenLedger
from tests.ledger.log import log_life
from tests.ledger.log.merging import KEY, edit, kept, leaves, merged_log, settle, signed
from tests.ledger.looking import files, numbers, record


def test_records_of_all_segments_are_merged_once_and_in_the_order_of_their_segment(
    directory: Path, open_ledger: OpenLedger
) -> None:
    with merged_log(directory) as log:
        one, two = open_ledger(), open_ledger()
        for number in range(0, 40, 2):
            one.append([record(number)])
            two.append([record(number + 1)])
            if number % 8 == 0:
                settle(log)
            if number == 20:
                one.close()
        two.close()
        assert signed(log).size == 40
    found = leaves(directory)
    assert sorted(found) == list(range(40))
    assert [one for one in found if one % 2] == sorted(one for one in found if one % 2)
    assert [one for one in found if not one % 2] == sorted(one for one in found if not one % 2)


def test_what_was_merged_is_not_merged_again_after_a_new_start(
    directory: Path, open_ledger: OpenLedger
) -> None:
    one = open_ledger()
    for size in (3, 6, 9):
        one.append([record(number) for number in range(size - 3, size)])
        with merged_log(directory) as log:
            assert signed(log).size == size
            checkpoint = (directory / LOG / "checkpoint").stat()
            log.sign()
            assert (directory / LOG / "checkpoint").stat() == checkpoint
    assert leaves(directory) == list(range(9))
    one.close()
    with merged_log(directory) as log:
        assert (settle(log), log.size) == (0, 9)


def test_a_record_is_merged_at_the_second_look_and_one_that_was_cut_off_again_never(
    directory: Path, open_ledger: OpenLedger
) -> None:
    ledger = open_ledger()
    ledger.append([record(0)])
    with merged_log(directory) as log:
        assert [log.merge(), log.merge(), log.merge()] == [0, 1, 0]
        (path,) = files(directory, ".open")
        acknowledged = path.stat().st_size
        ledger.append([record(1)])
        assert log.merge() == 0  # seen, and so far no more than written
        os.truncate(path, acknowledged)  # as its writer does where the disk fails
        assert [log.merge(), log.merge()] == [0, 0]
        assert leaves(directory) == [0]


def test_records_of_more_segments_than_are_held_at_once_are_merged_once_each(
    directory: Path, open_ledger: OpenLedger, durable_steps: list[str]
) -> None:
    for first in (0, 3, 6):
        with open_ledger() as ledger:
            ledger.append([record(number) for number in range(first, first + 3)])
    begin_log(directory / LOG, KEY)
    with MergedLog(directory, KEY, many_leaves=2) as log:
        assert signed(log).size == 9
    assert durable_steps.count("pwrite runs") == 3
    assert leaves(directory) == list(range(9))


def test_a_segment_is_found_that_came_in_the_same_tick_of_the_clock_as_the_look_before(
    directory: Path, open_ledger: OpenLedger
) -> None:
    with merged_log(directory) as log:
        log.merge()
        looked_at = directory.stat()
        with open_ledger() as ledger:
            ledger.append([record(0)])
        os.utime(directory, ns=(looked_at.st_atime_ns, looked_at.st_mtime_ns))
        assert log.merge() == 1


def test_a_torn_line_is_no_leaf_and_is_one_once_it_is_whole(
    directory: Path, open_ledger: OpenLedger
) -> None:
    ledger = open_ledger()
    ledger.append([record(0), record(1)])
    (path,) = files(directory, ".open")
    whole = path.read_bytes()
    with merged_log(directory) as log:
        path.write_bytes(whole[:-3])
        assert settle(log) == 1
        path.write_bytes(whole)
        assert settle(log) == 1
    assert leaves(directory) == [0, 1]


def test_a_log_whose_folder_was_taken_away_merges_no_more_and_makes_no_ledger(
    directory: Path, open_ledger: OpenLedger
) -> None:
    open_ledger().append([record(0)])
    with merged_log(directory) as log:
        directory.rename(directory.with_name("away"))
        with pytest.raises(FileNotFoundError):
            log.merge()
        with pytest.raises(LedgerDamaged, match=r"^log: missing$"):
            MergedLog(directory, KEY)
        (directory / LOG).mkdir(parents=True, mode=0o700)
        (directory / LOG / "lock").touch()
        with pytest.raises(FileNotFoundError):
            log.merge()


def test_a_second_merger_is_refused_and_may_begin_once_the_first_has_ended(
    directory: Path, open_ledger: OpenLedger
) -> None:
    open_ledger().append([record(0)])
    with (
        merged_log(directory),
        pytest.raises(OperatorError, match="another process merges"),
    ):
        merged_log(directory)
    with merged_log(directory) as log:
        assert signed(log).size == 1


def test_a_log_may_be_there_before_its_first_segment(
    directory: Path, open_ledger: OpenLedger
) -> None:
    with merged_log(directory) as log:
        assert (signed(log).size, log.merge()) == (0, 0)
        open_ledger().append([record(0)])
        assert signed(log).size == 1


def test_an_empty_segment_that_its_writer_removed_is_forgotten(directory: Path) -> None:
    ledger = Ledger(directory, host="test")
    ledger.open()
    segment = ledger._segment
    assert isinstance(segment, OpenSegment)
    with merged_log(directory) as log:
        settle(log)
        segment.discard()
        assert settle(log) == 0
        assert log._sources == {}


@pytest.fixture
def unsigned_end(directory: Path, open_ledger: OpenLedger) -> Path:
    """Seven leaves that were signed, and six behind them that were not."""
    ledger = open_ledger()
    ledger.append([record(number) for number in range(7)])
    with merged_log(directory) as log:
        assert signed(log).size == 7
        for first in (7, 10):
            ledger.append([record(number) for number in range(first, first + 3)])
            assert settle(log) == 3
    return directory


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_a_power_cut_leaves_behind_the_signed_end_the_log_goes_on(
    unsigned_end: Path, data: st.DataObject
) -> None:
    log = unsigned_end / LOG
    before = {name: (log / name).read_bytes() for name in ("runs", "hashes", "checkpoint")}
    firm = {"runs": before["runs"].index(b"\n") + 1, "hashes": 32 * 11}  # of seven leaves
    for name, start in firm.items():
        content = bytearray(before[name])
        end = data.draw(st.integers(start, len(content)))
        hole = data.draw(st.integers(start, end))
        content[hole:end] = bytes(end - hole)
        (log / name).write_bytes(content[: data.draw(st.integers(end, len(content)))])
    try:
        with merged_log(unsigned_end) as again:
            old = kept(unsigned_end)
            assert signed(again).size == 13
            assert root(old.size, again._hashes) == old.root
        assert leaves(unsigned_end) == list(range(13))
    finally:
        for name, whole in before.items():
            (log / name).write_bytes(whole)


@pytest.mark.parametrize(
    ("name", "size_bytes"), [("runs", 10), ("runs", 0), ("hashes", 32 * 10), ("hashes", 0)]
)
def test_where_what_was_signed_is_gone_nothing_more_is_signed(
    unsigned_end: Path, name: str, size_bytes: int
) -> None:
    os.truncate(unsigned_end / LOG / name, size_bytes)
    with pytest.raises(LedgerDamaged, match=r"^log, "):
        merged_log(unsigned_end)


def test_a_run_that_passes_the_signed_end_is_no_reason_to_sign_what_no_record_is(
    unsigned_end: Path,
) -> None:
    runs = unsigned_end / LOG / "runs"
    runs.write_bytes(runs.read_bytes().replace(b'"count":7', b'"count":9', 1))
    with pytest.raises(LedgerDamaged, match="passes leaf 7"):
        merged_log(unsigned_end)


def test_where_what_was_signed_is_another_thing_nothing_more_is_signed(
    unsigned_end: Path,
) -> None:
    with merged_log(unsigned_end) as log:
        place = 6 * 32  # the subtree of the first four leaves
        edit(
            unsigned_end / LOG / "hashes",
            lambda content: content.__setitem__(place, content[place] ^ 1),
        )
        with pytest.raises(LedgerDamaged, match="not the 7 leaves"):
            log.sign()


def test_a_log_that_was_cut_off_meanwhile_takes_up_nothing_more(
    directory: Path, open_ledger: OpenLedger
) -> None:
    ledger, runs = open_ledger(), directory / LOG / "runs"
    ledger.append([record(number) for number in range(7)])
    with merged_log(directory) as log:
        signed(log)
        before = runs.read_bytes()
        ledger.append([record(7)])
        os.truncate(directory / LOG / "hashes", 0)
        with pytest.raises(LedgerDamaged, match=r"^log, hashes: leaf 6 is missing$"):
            settle(log)
        assert (runs.read_bytes(), log.size) == (before, 7)


def test_a_log_whose_checkpoint_was_removed_signs_nothing_more(unsigned_end: Path) -> None:
    """It would sign whatever lies there: that a record was dropped could be told no more."""
    (unsigned_end / LOG / "checkpoint").unlink()
    with pytest.raises(LedgerDamaged, match=r"^log, checkpoint: missing$"):
        MergedLog(unsigned_end, KEY)
    shutil.rmtree(unsigned_end / LOG)
    with pytest.raises(LedgerDamaged, match=r"^log: missing$"):
        MergedLog(unsigned_end, KEY)


@pytest.fixture
def lives(tmp_path: Path, request: pytest.FixtureRequest) -> list[Path]:
    root_of_project = Path(__file__).parents[3]
    subprocess.run(
        [sys.executable, "-m", "tests.ledger.log.log_life", str(tmp_path), request.param],
        check=True,
        timeout=120,
        cwd=root_of_project,
    )
    folders = sorted(path for path in tmp_path.iterdir() if path.is_dir())
    assert len(folders) > 40
    return folders


@slow_but_first(1, "lives", ["kill", "half"], indirect=True)
def test_killed_at_any_step_the_log_goes_on_and_begins_with_all_that_was_signed(
    lives: list[Path],
) -> None:
    for folder in lives:
        was_signed = [line.split() for line in Path(f"{folder}.signed").read_text().splitlines()]
        ensure_private_directory(folder)
        with Ledger(folder, host="next") as ledger:  # which recovers what the killed one left
            ledger.append([record(1000)])
        with merged_log(folder, log_life.KEY) as log:
            settle(log)
            log.sign()
        hashes = Hashes.open(folder / LOG)
        for size, digest in was_signed:
            assert root(int(size), hashes).hex() == digest, folder
        hashes.close()
        found = leaves(folder)
        assert sorted(found) == sorted(numbers(folder)), folder
        assert len(set(found)) == len(found), folder

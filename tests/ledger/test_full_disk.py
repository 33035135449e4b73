"""A disk that is full, or refuses to write: nothing is acknowledged that is not there."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from screening.ledger.verify import verify_ledger
from screening.private_files import ensure_private_directory
from screening.vocabulary.errors import LedgerDamaged, LedgerUnavailable
from tests.ledger.conftest import HandClock, OpenLedger
from tests.ledger.looking import files, lines, numbers, record

PADDING = "x" * 2_000
PAGE_BYTES = 4096


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    where = tmp_path / "small"
    where.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=128k,mode=0700", "tmpfs", str(where)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small tmpfs needs root; RLIMIT_FSIZE stands in for it below")
    yield where
    subprocess.run(["umount", "--lazy", str(where)], check=True)


def padded(number: int) -> bytes:
    return b'{"n":%d,"padding":"%b"}' % (number, PADDING.encode())


def fill(path: Path) -> None:
    """Fill the disk with something else, but for four pages."""
    with path.open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        while True:
            filler.write(bytes(PAGE_BYTES))
    os.truncate(path, path.stat().st_size - 4 * PAGE_BYTES)


def test_a_full_disk_refuses_and_once_there_is_space_records_are_durable_again(
    small_disk: Path, open_ledger: OpenLedger, clock: HandClock
) -> None:
    directory = ensure_private_directory(small_disk / "ledger")
    ledger = open_ledger(directory)
    ledger.append([padded(0)])
    fill(small_disk / "filler")
    acknowledged = 1
    with pytest.raises(LedgerUnavailable):
        for number in range(1, 100):
            ledger.append([padded(number)])
            acknowledged += 1
    assert acknowledged < 99
    # Now a new segment can be opened each time, but not written to.
    os.truncate(small_disk / "filler", (small_disk / "filler").stat().st_size - 2 * PAGE_BYTES)
    for _ in range(20):
        clock.move(0.2)
        with pytest.raises(LedgerUnavailable):
            ledger.append([padded(acknowledged)] * 40)
    assert len(files(directory, ".open")) == 1  # no heap of empty segments

    (small_disk / "filler").unlink()
    clock.move(0.2)
    ledger.append([padded(acknowledged)])
    old, new = files(directory, ".open")
    assert numbers(directory) == list(range(acknowledged + 1))
    assert lines(new)[0]["continues"] == {
        "segment": old.stem,
        "records": acknowledged,
        "chain": old.read_bytes().splitlines()[-1][:64].decode(),
    }
    verify_ledger(directory)
    ledger.close()
    with open_ledger(directory) as after:
        after.append([record(acknowledged + 1)])
    assert numbers(directory) == list(range(acknowledged + 2))
    assert verify_ledger(directory).open_segments == 0


def test_a_full_disk_is_not_tried_more_often_than_every_100_ms(
    small_disk: Path, open_ledger: OpenLedger, clock: HandClock
) -> None:
    directory = ensure_private_directory(small_disk / "ledger")
    ledger = open_ledger(directory)
    ledger.append([record(0)])
    with pytest.raises(LedgerUnavailable, match="written"):
        ledger.append([padded(1)] * 100)
    for _ in range(3):
        clock.move(0.03)
        with pytest.raises(LedgerUnavailable, match="not tried again yet"):
            ledger.append([record(1)])
    clock.move(0.03)
    ledger.append([record(1)])
    assert numbers(directory) == [0, 1]
    ledger.close()


@pytest.fixture
def told(directory: Path) -> list[int]:
    """What a process was told to be durable before a file of its might not grow any more."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.ledger.full_disk", str(directory)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
    )
    *numbered, refused, last = done.stdout.split()
    assert (refused, last) == ("refused", "1000000")
    return [int(number) for number in numbered]


def test_a_file_that_may_not_grow_refuses_and_the_next_segment_continues_it(
    directory: Path, told: list[int]
) -> None:
    old = files(directory, ".open")[0]
    assert old.stat().st_size <= 10_000
    assert numbers(directory) == [*told, 1_000_000]
    header = lines(files(directory, ".sealed")[0])[0]
    assert header["continues"]["segment"] == old.stem
    assert header["continues"]["records"] == len(told)
    verify_ledger(directory)


def test_a_record_that_was_acknowledged_and_is_missing_is_found_by_what_continues_it(
    directory: Path, told: list[int]
) -> None:
    old = files(directory, ".open")[0]
    content = old.read_bytes().splitlines(keepends=True)
    old.write_bytes(b"".join(content[:-1]))
    with pytest.raises(LedgerDamaged, match=f"segment {old.stem}, line {len(told) + 1}:"):
        verify_ledger(directory)

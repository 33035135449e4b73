"""A disk that fails at one call: nothing is left behind, and nothing is tried more often for it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from screening.ledger.ledger import RECOVER_AFTER_S, REOPEN_AFTER_S, SEGMENT_MAX_AGE_S
from screening.ledger.verify import verify_ledger
from screening.vocabulary.errors import LedgerUnavailable
from tests.ledger.conftest import HandClock, OpenLedger
from tests.ledger.looking import files, numbers, record

FailOnce = Callable[[str], None]


@pytest.fixture
def fail_once(monkeypatch: pytest.MonkeyPatch) -> FailOnce:
    """Has the next file of a suffix not become durable."""

    def fail(suffix: str) -> None:
        fdatasync = os.fdatasync

        def failing(descriptor: int) -> None:
            if Path(f"/proc/self/fd/{descriptor}").readlink().suffix != suffix:
                fdatasync(descriptor)
                return
            monkeypatch.undo()
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(os, "fdatasync", failing)

    return fail


def test_a_segment_that_cannot_be_begun_is_not_left_and_not_tried_again_at_once(
    open_ledger: OpenLedger, directory: Path, clock: HandClock, fail_once: FailOnce
) -> None:
    ledger = open_ledger()
    fail_once(".open")
    with pytest.raises(LedgerUnavailable, match="Input/output"):
        ledger.open()
    assert not files(directory, ".open")
    with pytest.raises(LedgerUnavailable, match="not tried again yet"):
        ledger.append([record(0)])
    clock.move(REOPEN_AFTER_S)
    ledger.append([record(0)])
    assert numbers(directory) == [0]
    ledger.close()


def test_a_rotation_that_cannot_begin_the_next_segment_is_not_tried_again_at_once(
    open_ledger: OpenLedger, directory: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = open_ledger(max_segment_bytes=1)
    ledger.append([record(0)])
    open_ = os.open

    def refusing(path: Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_EXCL:
            raise OSError(28, "No space left on device")
        return open_(path, flags, mode)

    monkeypatch.setattr(os, "open", refusing)
    with pytest.raises(LedgerUnavailable, match="No space"):
        ledger.append([record(1)])
    monkeypatch.undo()
    with pytest.raises(LedgerUnavailable, match="not tried again yet"):
        ledger.append([record(1)])
    clock.move(REOPEN_AFTER_S)
    ledger.append([record(1)])
    ledger.close()
    assert numbers(directory) == [0, 1]
    assert verify_ledger(directory).open_segments == 0


@pytest.mark.parametrize("moved", [True, False])
def test_what_is_written_to_a_file_that_is_gone_is_refused_and_the_next_segment_takes_it(
    open_ledger: OpenLedger, directory: Path, clock: HandClock, *, moved: bool
) -> None:
    ledger = open_ledger()
    ledger.append([record(0)])
    (path,) = files(directory, ".open")
    if moved:
        path.rename(path.with_suffix(".elsewhere"))
    else:
        path.unlink()
    with pytest.raises(LedgerUnavailable):
        ledger.append([record(1)])
    clock.move(REOPEN_AFTER_S)
    ledger.append([record(1)])
    assert numbers(directory) == [1]
    ledger.close()


def test_a_segment_that_was_given_up_is_sealed_in_a_moment(
    open_ledger: OpenLedger, directory: Path, clock: HandClock, fail_once: FailOnce
) -> None:
    ledger = open_ledger()
    ledger.append([record(0)])
    fail_once(".open")
    with pytest.raises(LedgerUnavailable, match="Input/output"):
        ledger.append([record(1)])
    clock.move(REOPEN_AFTER_S)
    ledger.append([record(1)])
    assert ledger.due_in_s() == pytest.approx(RECOVER_AFTER_S - REOPEN_AFTER_S)
    clock.move(RECOVER_AFTER_S)
    ledger.append([])
    assert [len(files(directory, suffix)) for suffix in (".sealed", ".open")] == [1, 1]
    assert ledger.due_in_s() == SEGMENT_MAX_AGE_S - RECOVER_AFTER_S
    ledger.close()
    assert numbers(directory) == [0, 1]
    assert verify_ledger(directory).open_segments == 0


def test_a_second_failure_puts_the_sealing_of_the_first_segment_off_no_further(
    open_ledger: OpenLedger, clock: HandClock, fail_once: FailOnce
) -> None:
    ledger = open_ledger()
    for number in range(2):
        ledger.append([record(number)])
        fail_once(".open")
        with pytest.raises(LedgerUnavailable, match="Input/output"):
            ledger.append([record(9)])
        clock.move(REOPEN_AFTER_S)
    ledger.append([record(2)])
    assert ledger.due_in_s() == pytest.approx(RECOVER_AFTER_S - 2 * REOPEN_AFTER_S)
    ledger.close()


def test_a_recovery_that_cannot_begin_is_not_tried_with_each_append(
    open_ledger: OpenLedger, clock: HandClock, fail_once: FailOnce, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = open_ledger()
    ledger.append([record(0)])
    fail_once(".open")
    with pytest.raises(LedgerUnavailable, match="Input/output"):
        ledger.append([record(1)])
    tries = []

    def locked(_directory: Path, **_: object) -> None:
        tries.append(clock.at_s)
        raise LedgerUnavailable("another process holds the lock beside the segments")

    monkeypatch.setattr("screening.ledger.ledger.recover_ledger", locked)
    clock.move(RECOVER_AFTER_S)
    for number in range(1, 4):
        ledger.append([record(number)])
    assert (tries, ledger.due_in_s()) == ([RECOVER_AFTER_S], RECOVER_AFTER_S)
    ledger.close()

"""What happened an hour ago is sealed, whether or not anything happens now."""

import asyncio
import threading
from pathlib import Path

import pytest

from screening.ledger.group_commit import GroupCommit
from screening.ledger.ledger import RECOVER_AFTER_S, SEGMENT_MAX_AGE_S, Ledger
from screening.ledger.verify import verify_ledger
from screening.vocabulary.errors import LedgerUnavailable
from tests.harness.processes import eventually
from tests.ledger.conftest import HandClock, OpenLedger
from tests.ledger.dead_writers import leave_dead
from tests.ledger.looking import files, numbers, record, switches


def test_a_segment_is_sealed_when_its_first_record_is_an_hour_old_though_nothing_follows(
    open_ledger: OpenLedger, directory: Path, clock: HandClock
) -> None:
    ledger = open_ledger()
    ledger.open()
    clock.move(2 * SEGMENT_MAX_AGE_S)
    ledger.append([record(1)])  # before it there was nothing that could have grown old
    assert ledger.due_in_s() == SEGMENT_MAX_AGE_S
    clock.move(SEGMENT_MAX_AGE_S - 1)
    ledger.append([record(2)])
    assert (ledger.due_in_s(), files(directory, ".sealed")) == (1, [])

    clock.move(1)
    ledger.append([])
    assert len(files(directory, ".sealed")) == 1
    assert ledger.due_in_s() is None
    clock.move(2 * SEGMENT_MAX_AGE_S)
    ledger.append([])  # an empty one has nothing to show, and is left as it is
    assert len(files(directory, ".sealed")) == 1
    ledger.append([record(3)])
    ledger.close()
    assert numbers(directory) == [1, 2, 3]
    assert verify_ledger(directory).open_segments == 0


def test_what_a_failing_disk_left_open_is_sealed_with_the_next_segment_that_is_due(
    open_ledger: OpenLedger, directory: Path, clock: HandClock
) -> None:
    ledger = open_ledger()
    ledger.append([record(1)])
    assert ledger._segment is not None
    ledger._segment.release()  # as after a write that failed
    with pytest.raises(LedgerUnavailable):
        ledger.append([record(2)])
    clock.move(1)
    ledger.append([record(3)])
    assert len(files(directory, ".open")) == 2
    clock.move(SEGMENT_MAX_AGE_S)
    ledger.append([])
    assert len(files(directory, ".sealed")) == 2
    ledger.close()
    assert numbers(directory) == [1, 3]
    verify_ledger(directory)


def test_a_segment_that_is_due_is_sealed_though_no_request_comes(directory: Path) -> None:
    commit = GroupCommit(Ledger(directory, host="test", max_segment_age_s=0.1))

    async def one_request() -> None:
        commit.start(asyncio.get_running_loop())
        await commit.append(record(1))
        await asyncio.to_thread(eventually, lambda: files(directory, ".sealed"))
        await commit.append(record(2))
        await asyncio.to_thread(commit.close)

    asyncio.run(one_request())
    assert numbers(directory) == [1, 2]


def test_while_another_process_seals_a_segment_that_is_due_is_left_alone_for_a_while(
    directory: Path,
) -> None:
    ledger = Ledger(directory, host="test", max_segment_age_s=0.1)
    commit = GroupCommit(ledger)

    async def one_request() -> None:
        commit.start(asyncio.get_running_loop())
        await commit.append(record(1))
        with ledger._seals.lock():
            await asyncio.to_thread(eventually, lambda: ledger.due_in_s() == 0)
            thread = next(t for t in threading.enumerate() if t.name == "group-commit")
            assert thread.native_id is not None
            before = switches(thread.native_id)
            await asyncio.sleep(0.6)  # the measured span itself: it must not spin in it
            assert switches(thread.native_id) - before <= 20
        await asyncio.to_thread(eventually, lambda: files(directory, ".sealed"))
        await asyncio.to_thread(commit.close)

    if not Path("/proc/self/task").exists():
        pytest.skip("counts context switches in /proc, which only Linux has")
    asyncio.run(one_request())


def test_what_could_not_be_recovered_is_tried_again_ever_more_rarely(
    open_ledger: OpenLedger, directory: Path, clock: HandClock, dead_segment: Path
) -> None:
    left = leave_dead(directory, dead_segment)
    left.chmod(0o640)  # which a slow disk does as well, for a moment
    ledger = open_ledger()
    ledger.open()
    assert ledger.due_in_s() == RECOVER_AFTER_S
    clock.move(RECOVER_AFTER_S)
    ledger.append([])
    assert ledger.due_in_s() == 2 * RECOVER_AFTER_S
    left.chmod(0o600)
    clock.move(RECOVER_AFTER_S)
    ledger.append([record(1000)])
    assert left.exists()
    clock.move(RECOVER_AFTER_S)
    ledger.append([record(1001)])
    assert left.with_suffix(".sealed").exists()
    ledger.close()
    assert ledger.due_in_s() is None


def test_it_is_tried_once_an_hour_at_least_and_often_again_once_all_was_sealed(
    open_ledger: OpenLedger, directory: Path, clock: HandClock, dead_segment: Path
) -> None:
    left = leave_dead(directory, dead_segment)
    left.chmod(0o640)
    ledger = open_ledger()
    ledger.open()
    pauses = []
    for _ in range(12):
        pauses.append(ledger.due_in_s())
        clock.move(pauses[-1] or 0)
        ledger.append([])
    assert pauses[-1] == SEGMENT_MAX_AGE_S
    left.chmod(0o600)
    clock.move(SEGMENT_MAX_AGE_S)
    ledger.append([])
    assert left.with_suffix(".sealed").exists()

    again = leave_dead(directory, dead_segment)
    again.chmod(0o640)
    ledger.append([record(1000)])
    clock.move(SEGMENT_MAX_AGE_S)
    ledger.append([record(1001)])  # sealed by its age, after which others are looked at
    assert ledger.due_in_s() == RECOVER_AFTER_S
    ledger.close()

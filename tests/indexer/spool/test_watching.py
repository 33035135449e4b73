"""A watch goes on after what another day may not bring again: nothing but an interrupt ends it."""

import errno
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.settings import IndexerSettings
from indexer.spool.watching import WatchedSteps, watch_spool
from screening.vocabulary.errors import StoreUnavailable

SELECTOR = "+1 202 555 0142"


class Clock:
    """Time that passes while the watch waits: `per_look_s` from each look to the next."""

    def __init__(self, per_look_s: float) -> None:
        self.now = 1.0
        self.per_look_s = per_look_s

    def monotonic(self) -> float:
        return self.now

    def sleep(self, _: float) -> None:
        self.now += self.per_look_s


def watched(steps: WatchedSteps, clock: Clock) -> list[str]:
    """Watch until a step interrupts; return what was told."""
    told = list[str]()
    with pytest.raises(KeyboardInterrupt):
        watch_spool(
            *(IndexerSettings(), steps, told.append),
            monotonic=clock.monotonic,
            sleep=clock.sleep,
        )
    return told


def failing(*errors: Exception) -> Callable[[], None]:
    """Return a step that raises these in turn, and interrupts behind them."""
    left = iter(errors)

    def step() -> None:
        raise next(left, KeyboardInterrupt)

    return step


@pytest.fixture(autouse=True)
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INDEXER_SPOOL", str(tmp_path / "spool"))
    return tmp_path / "spool"


def test_a_disk_that_is_full_is_told_and_outlived() -> None:
    full = OSError(errno.ENOSPC, "no space left", "up/0000000001.up")
    told = watched(WatchedSteps(failing(full), (), lambda: None), Clock(2))
    assert told == ["up/0000000001.up cannot be used: no space left; check path and disk"]


def test_a_list_file_that_cannot_be_used_and_a_defect_are_told_and_outlived() -> None:
    locked = sqlite3.OperationalError("database is locked")
    told = watched(WatchedSteps(failing(locked, KeyError(SELECTOR)), (), lambda: None), Clock(40))
    assert told[0] == "the list file cannot be used: database is locked; check the disk"
    assert re.fullmatch(r"a defect \(KeyError, spool/test_watching\.py:\d+\); report it", told[1])


def test_trouble_that_goes_on_is_told_again_by_the_hour() -> None:
    away = [StoreUnavailable("Redis is away") for _ in range(7)]
    told = watched(WatchedSteps(failing(*away), (), lambda: None), Clock(1_200))
    assert told == ["Redis is away"] * 3, "at once, after one hour and after two"


def test_a_folder_that_is_gone_for_a_moment_is_told_once_and_outlived(spool: Path) -> None:
    down, away, applied, looks = spool / "down", spool / "away", list[int](), 0

    def apply_all() -> None:
        applied.append(looks)
        if looks > 3:
            raise KeyboardInterrupt

    class Moving(Clock):
        def sleep(self, seconds: float) -> None:
            nonlocal looks
            super().sleep(seconds)
            looks += 1
            if looks == 1:
                down.rename(away)
            elif looks == 3:
                away.rename(down)
            elif looks == 4:
                (down / "0000000001.down").write_bytes(b"come")

    told = watched(WatchedSteps(apply_all, (), lambda: None), Moving(0.5))
    assert told == [f"{down} cannot be used: No such file or directory; check path and disk"]
    assert applied == [0, 4]


def test_usage_is_told_at_once_and_then_by_the_hour_and_again_soon_where_it_failed() -> None:
    clock, counted = Clock(300), list[float]()

    def tell_usage() -> None:
        counted.append(clock.now)
        if len(counted) == 1:
            raise StoreUnavailable("Redis is away")
        if len(counted) == 4:
            raise KeyboardInterrupt

    told = watched(WatchedSteps(lambda: None, (), tell_usage), clock)
    assert told == ["Redis is away"]
    assert counted == [1, 301, 4_201, 8_101]


def test_what_cannot_be_told_is_said_and_keeps_nothing_else_back() -> None:
    away = StoreUnavailable("Redis is away")
    full = OSError(errno.ENOSPC, "no space left", "up/0000000001.up")
    beside = (failing(away), failing(full), failing())
    told = watched(WatchedSteps(lambda: None, beside, lambda: None), Clock(0.5))
    assert told == [
        "Redis is away",
        "up/0000000001.up cannot be used: no space left; check path and disk",
    ]

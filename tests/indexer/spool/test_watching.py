"""A watch goes on after what another day may not bring again."""

import errno
from pathlib import Path

import pytest

from indexer.settings import IndexerSettings
from indexer.spool.watching import WatchedSteps, watch_spool
from screening.vocabulary.errors import StoreUnavailable


class Ended(Exception):
    """What ends the watch of a test."""


def test_a_disk_that_is_full_is_told_and_outlived(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INDEXER_SPOOL", str(tmp_path / "spool"))
    tries, told = 0, list[str]()

    def apply_all() -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise OSError(errno.ENOSPC, "no space left", "up/0000000001.up")
        raise Ended

    with pytest.raises(Ended):
        steps = WatchedSteps(apply_all, (), lambda: None)
        watch_spool(IndexerSettings(), steps, told.append)
    assert told == ["up/0000000001.up cannot be used: no space left; check path and disk"]


def test_usage_is_told_at_once_and_then_by_the_hour_and_again_soon_where_it_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INDEXER_SPOOL", str(tmp_path / "spool"))
    now, counted, told = 1.0, list[float](), list[str]()

    def passed(seconds: float) -> None:
        nonlocal now
        now += 600 * seconds  # a look each half second stands for five minutes

    def tell_usage() -> None:
        counted.append(now)
        if len(counted) == 1:
            raise StoreUnavailable("Redis is away")
        if len(counted) == 4:
            raise Ended

    monkeypatch.setattr("time.sleep", passed)
    monkeypatch.setattr("time.monotonic", lambda: now)
    with pytest.raises(Ended):
        steps = WatchedSteps(lambda: None, (), tell_usage)
        watch_spool(IndexerSettings(), steps, told.append)
    assert told == ["Redis is away"]
    assert counted == [1, 301, 4_201, 8_101]


def test_what_cannot_be_told_is_said_and_keeps_nothing_else_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INDEXER_SPOOL", str(tmp_path / "spool"))
    told = list[str]()

    def tell_partners() -> None:
        raise StoreUnavailable("Redis is away")

    def tell_exclusions() -> None:
        raise OSError(errno.ENOSPC, "no space left", "up/0000000001.up")

    def tell_map() -> None:
        raise Ended

    with pytest.raises(Ended):
        beside = (tell_partners, tell_exclusions, tell_map)
        steps = WatchedSteps(lambda: None, beside, lambda: None)
        watch_spool(IndexerSettings(), steps, told.append)
    assert told == [
        "Redis is away",
        "up/0000000001.up cannot be used: no space left; check path and disk",
    ]

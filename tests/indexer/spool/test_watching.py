"""A watch goes on after what another day may not bring again."""

import errno
from pathlib import Path

import pytest

from indexer.settings import IndexerSettings
from indexer.spool.watching import watch_spool


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
        watch_spool(IndexerSettings(), apply_all, lambda: None, told.append)
    assert told == ["up/0000000001.up cannot be used: no space left; check path and disk"]

"""A ledger directory, and a clock that tests move by hand."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from screening.ledger.ledger import Ledger
from screening.private_files import ensure_private_directory
from tests.ledger.dead_writers import RECORDS
from tests.ledger.looking import files, record


class HandClock:
    """A monotonic clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at_s = 0.0

    def __call__(self) -> float:
        return self.at_s

    def move(self, seconds: float) -> None:
        self.at_s += seconds


def spoil_next_fdatasync(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Have the disk fail once, whoever asks it next."""

    def spoiled(_: int) -> None:
        monkeypatch.undo()
        raise error

    monkeypatch.setattr(os, "fdatasync", spoiled)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return ensure_private_directory(tmp_path / "ledger")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


OpenLedger = Callable[..., Ledger]


@pytest.fixture
def open_ledger(directory: Path, clock: HandClock) -> OpenLedger:
    """Opens writers of the one directory; each is a process of its own to the others."""

    def open_one(where: Path = directory, *, max_segment_bytes: int = 1 << 20) -> Ledger:
        return Ledger(where, host="test", monotonic=clock, max_segment_bytes=max_segment_bytes)

    return open_one


@pytest.fixture(scope="module")
def dead_segment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One open segment of six records, its writer dead."""
    directory = ensure_private_directory(tmp_path_factory.mktemp("dead") / "ledger")
    ledger = Ledger(directory, host="dead")
    ledger.append([record(number) for number in range(RECORDS)])
    assert ledger._segment is not None
    ledger._segment.release()  # as the end of its process does
    return files(directory, ".open")[0]

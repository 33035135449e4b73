"""The staff's services on both kinds of databases."""

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.intelligence.staff.services import Person, Services


@pytest.fixture
def services(tmp_path: Path, current_url: str) -> Iterator[Services]:
    made = Services(tmp_path, current_url)
    yield made
    made.close()


@pytest.fixture
def ada(services: Services) -> Person:
    """The first administrator."""
    return services.administrator()


@pytest.fixture
def unwritable(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """What has the disk fail from then on."""

    def fail(_: int) -> None:
        raise OSError(errno.EIO, "spoiled")

    return lambda: monkeypatch.setattr(os, "fdatasync", fail)

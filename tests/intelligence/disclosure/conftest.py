"""Disclosure on both kinds of databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.intelligence.disclosure.room import Room
from tests.intelligence.staff.services import Services


@pytest.fixture
def room(tmp_path: Path, current_url: str) -> Iterator[Room]:
    services = Services(tmp_path, current_url)
    yield Room(services, tmp_path)
    services.close()

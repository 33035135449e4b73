"""Disclosure on both kinds of databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.intelligence.disclosure.room import Room, enrol_room
from tests.intelligence.homes import Homes, Kind


@pytest.fixture
def room(tmp_path: Path, kind: Kind, homes: Homes) -> Iterator[Room]:
    with homes.copied(tmp_path, kind, enrol_room) as services:
        yield Room(services, tmp_path)

"""A desk of each test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.intelligence.curation.desk import Desk, enrol_curators
from tests.intelligence.homes import Homes


@pytest.fixture
def desk(tmp_path: Path, homes: Homes) -> Iterator[Desk]:
    with homes.copied(tmp_path, "sqlite", enrol_curators) as services:
        yield Desk(services, tmp_path)

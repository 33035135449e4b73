"""A desk of each test's own, on both kinds of databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.intelligence.curation.desk import Desk, enrol_curators
from tests.intelligence.homes import Homes, Kind


@pytest.fixture
def desk(tmp_path: Path, kind: Kind, homes: Homes) -> Iterator[Desk]:
    with homes.copied(tmp_path, kind, enrol_curators) as services:
        yield Desk(services, tmp_path)

"""A desk of each test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.intelligence.curation.desk import Desk, desk_on_sqlite


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_on_sqlite(tmp_path) as made:
        yield made

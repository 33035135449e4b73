"""Curation on both kinds of databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import Services


@pytest.fixture
def desk(tmp_path: Path, current_url: str) -> Iterator[Desk]:
    services = Services(tmp_path, current_url)
    yield Desk(services, tmp_path)
    services.close()

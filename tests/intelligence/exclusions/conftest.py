"""Safety lists on SQLite: nothing here is said in SQL that both kinds of databases read apart."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import Services


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    services = Services(tmp_path, f"sqlite:///{tmp_path / 'intelligence.sqlite'}")
    yield Desk(services, tmp_path)
    services.close()

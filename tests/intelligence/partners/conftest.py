"""Partners on SQLite: nothing here is said in SQL that both kinds of databases read apart."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.intelligence.partners.office import PartnerOffice
from tests.intelligence.staff.services import Services


@pytest.fixture
def office(tmp_path: Path, sqlite_url: str) -> Iterator[PartnerOffice]:
    services = Services(tmp_path, sqlite_url)
    yield PartnerOffice(services, tmp_path)
    services.close()

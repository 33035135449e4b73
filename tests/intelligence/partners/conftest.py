"""Partners on SQLite: nothing here is said in SQL that both kinds of databases read apart."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.intelligence.homes import Homes
from tests.intelligence.partners.office import PartnerOffice, enrol_office


@pytest.fixture
def office(tmp_path: Path, homes: Homes) -> Iterator[PartnerOffice]:
    with homes.copied(tmp_path, "sqlite", enrol_office) as services:
        yield PartnerOffice(services, tmp_path)

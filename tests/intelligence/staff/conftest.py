"""The staff's services on both kinds of databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.intelligence.staff.services import Person, Services


@pytest.fixture
def services(tmp_path: Path, database_url: str) -> Iterator[Services]:
    made = Services(tmp_path, database_url)
    yield made
    made.close()


@pytest.fixture
def ada(services: Services) -> Person:
    """The first administrator."""
    return services.administrator()

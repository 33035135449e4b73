"""A desk of each test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from intelligence.staff.roles import Role
from tests.intelligence.curation.desk import Desk, desk_on_sqlite
from tests.intelligence.staff.services import Person


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_on_sqlite(tmp_path) as made:
        yield made


@pytest.fixture
def pam(desk: Desk) -> Person:
    """Somebody who takes letters, and sees nothing of the list."""
    return desk.services.colleague(desk.ada, "pam", Role.PARTNER_MANAGER)

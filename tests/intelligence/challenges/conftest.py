"""A desk of each test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from intelligence.staff.roles import Role
from tests.intelligence.curation.desk import Desk, enrol_curators
from tests.intelligence.homes import Homes
from tests.intelligence.staff.services import Person


@pytest.fixture
def desk(tmp_path: Path, homes: Homes) -> Iterator[Desk]:
    with homes.copied(tmp_path, "sqlite", enrol_curators) as services:
        yield Desk(services, tmp_path)


@pytest.fixture
def pam(desk: Desk) -> Person:
    """Somebody who takes letters, and sees nothing of the list."""
    return desk.services.colleague(desk.ada, "pam", Role.PARTNER_MANAGER)

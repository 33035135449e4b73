"""A desk of each test's own."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from intelligence.curation.guard import Limits
from intelligence.staff.roles import Role
from tests.intelligence.challenges.letters import LISTED
from tests.intelligence.curation.desk import Desk, enrol_curators
from tests.intelligence.homes import Homes
from tests.intelligence.staff.services import Person, Services


def enrol_desk(services: Services) -> None:
    """Have those enrol who sit at a desk, and who takes letters to it."""
    enrol_curators(services)
    services.colleague(services.person("ada"), "pam", Role.PARTNER_MANAGER)


@pytest.fixture
def desk(tmp_path: Path, homes: Homes) -> Iterator[Desk]:
    with homes.copied(tmp_path, "sqlite", enrol_desk) as services:
        yield Desk(services, tmp_path)


@pytest.fixture
def pam(desk: Desk) -> Person:
    """Somebody who takes letters, and sees nothing of the list."""
    return desk.services.person("pam")


@pytest.fixture
def guarded(desk: Desk) -> Desk:
    """A desk where nobody takes anything off alone."""
    desk.in_force(LISTED)
    limits = Limits(share_percent=0, fewest=0, per_day=0)
    desk.changes = replace(desk.changes, limits=limits)
    desk.reviewing = replace(desk.reviewing, changes=desk.changes)
    return desk

"""Who searches the list, and who hears of it."""

from collections.abc import Iterator

import pytest

from tests.harness.deployment import Deployed, Partner
from tests.harness.receiver import Receiver, receiving
from tests.journeys.searching import LISTED, hide


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def acme(deployed: Deployed) -> Partner:
    """A partner in whose index all ten canaries are hidden."""
    deployed.publish([(kind, value, "trafficker") for kind, value in LISTED])
    partner = deployed.add_partner("acme", "--stretch", "none", "--allow-unstretched")
    hide(deployed)
    return partner

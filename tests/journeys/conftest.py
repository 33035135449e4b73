"""Fixtures of the journeys through a whole deployment."""

from collections.abc import Iterator

import pytest

from tests.harness.deployment import Deployed
from tests.harness.killing_proxy import KillingProxy
from tests.harness.template import Template
from tests.harness.valkey import Valkey


@pytest.fixture
def template(deployed: Deployed) -> Iterator[Template]:
    """Runs `indexer` commands of the deployment, and kills them where told."""
    running = Template(deployed.folder, deployed.environment)
    yield running
    running.close()


@pytest.fixture
def proxy(valkey: Valkey) -> Iterator[KillingProxy]:
    """A way to the Valkey on which commands are killed."""
    running = KillingProxy(valkey.folder, valkey.socket)
    yield running
    running.close()

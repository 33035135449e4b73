"""An indexer's home beside a Valkey of its own, whose commands start within milliseconds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.template import Template
from tests.harness.valkey import Valkey
from tests.indexer.running import Running
from tests.indexer.vault import Vault


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """As that of all tests, but it seals backups quickly."""
    running = Template(
        tmp_path_factory.mktemp("commands"), with_module="tests.indexer.quick_sealing"
    )
    yield running
    running.close()


@pytest.fixture
def fresh(tmp_path: Path, template: Template, valkey: Valkey) -> Iterator[Running]:
    """A home before `indexer init`."""
    deployment = Running(tmp_path, template, valkey.url)
    yield deployment
    deployment.redis.close()


@pytest.fixture
def running(fresh: Running) -> Running:
    """A home with its keyring, and nothing published yet."""
    fresh.run("init")
    return fresh


@pytest.fixture
def vault(running: Running) -> Vault:
    """A home with a list and a partner, and a place for its backup."""
    return Vault(running)

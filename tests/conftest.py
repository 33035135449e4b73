"""Fixtures that every room may use: real servers, one of their own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from screening.vocabulary.normaliser_versions import LATER_VERSIONS
from tests.harness.deployment import Deployed
from tests.harness.durable_steps import watch_durable_steps
from tests.harness.second_normaliser import without_dots
from tests.harness.template import Template
from tests.harness.valkey import Valkey


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """The process that commands are forked from: one for each pytest process."""
    running = Template(tmp_path_factory.mktemp("commands"))
    yield running
    running.close()


@pytest.fixture
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """A Valkey of the test's own."""
    # A short name: a socket's path has 108 bytes at the most.
    server = Valkey(tmp_path_factory.mktemp("vk"))
    yield server
    server.kill()


@pytest.fixture
def deployed(tmp_path: Path, valkey: Valkey, template: Template) -> Iterator[Deployed]:
    """A deployment with a keyring and nothing published yet."""
    deployment = Deployed(tmp_path, redis_url=valkey.url, template=template)
    deployment.indexer("init")
    yield deployment
    deployment.close()


@pytest.fixture
def deployed_embedded(tmp_path: Path) -> Iterator[Deployed]:
    """The same with the embedded store, which a command that is its last user ends as it exits."""
    deployment = Deployed(tmp_path, redis_url=None)
    deployment.indexer("init")
    yield deployment
    deployment.close()


@pytest.fixture
def durable_steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls of this process that change files, as `watch_durable_steps` notes them."""
    return watch_durable_steps(monkeypatch)


@pytest.fixture
def second_normaliser(monkeypatch: pytest.MonkeyPatch) -> None:
    """A normaliser version 2 in this process: see `tests/harness/second_normaliser.py`."""
    monkeypatch.setitem(LATER_VERSIONS, 2, without_dots)

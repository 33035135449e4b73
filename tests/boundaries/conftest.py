"""Valkey as it is shipped."""

from collections.abc import Iterator

import pytest

from tests.boundaries.shipped_valkey import ShippedValkey


@pytest.fixture
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShippedValkey]:
    # A short name: a socket's path has 108 bytes at the most.
    server = ShippedValkey(tmp_path_factory.mktemp("acl"))
    yield server
    server.process.kill()


@pytest.fixture(scope="module")
def shipped_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShippedValkey]:
    """One server for all that leaves nothing behind in it."""
    server = ShippedValkey(tmp_path_factory.mktemp("acl1"))
    yield server
    server.process.kill()

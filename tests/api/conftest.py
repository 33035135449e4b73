"""The deployment that all tests of the HTTP contract ask."""

from collections.abc import Iterator

import pytest

from tests.api.standing import Standing
from tests.harness.template import Template
from tests.harness.valkey import Valkey


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Standing]:
    """The shared deployment; started once, since starting takes seconds."""
    # A short name: a socket's path has 108 bytes at the most.
    valkey = Valkey(tmp_path_factory.mktemp("vk"))
    try:
        shared = Standing(tmp_path_factory.mktemp("api"), valkey, template)
        try:
            yield shared
        finally:
            shared.close()
    finally:
        valkey.kill()

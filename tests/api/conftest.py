"""The deployment that all tests of the HTTP contract ask."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.keyring import Keyring
from screening.api.notices import LoadedNotices
from screening.api.notices_cache import NoticesCache
from tests.api.standing import Standing
from tests.api.sync_host import FIRST, SIGNER, Host
from tests.api.worker_lists import KEY_ID, WorkerLists
from tests.harness.deployment import Deployed
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


@pytest.fixture
def host(tmp_path: Path, valkey: Valkey) -> Iterator[Host]:
    with valkey.client() as store:
        yield Host(tmp_path / "home", store)


@pytest.fixture(scope="session")
def filled(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Deployed]:
    """A deployment whose API has run once, and ended."""
    deployed = Deployed(tmp_path_factory.mktemp("filled"), redis_url=None)
    deployed.indexer("init")
    deployed.publish([("phone", "+1 202 555 0142", "trafficker")])
    deployed.add_partner(KEY_ID, "--stretch", "light")
    api = deployed.serve()
    deployed.wait_ready(api)
    api.stop()
    yield deployed
    deployed.close()


@pytest.fixture
def cached(filled: Deployed, tmp_path: Path) -> WorkerLists:
    """A copy of its cache, for the test to harm."""
    deployed = Deployed(tmp_path, redis_url=None)
    shutil.copytree(filled.home / "cache", deployed.home / "cache")
    deployed.home.chmod(0o700)
    shutil.copytree(filled.secrets, deployed.secrets)
    return WorkerLists(deployed, Keyring(filled.indexer_home).signer)


@pytest.fixture
def loaded(host: Host) -> LoadedNotices:
    """The notices of a host with a list, as a worker reads them."""
    host.release(FIRST, 7)
    return LoadedNotices(NoticesCache(host.cache.directory), SIGNER.verifier(), host.told)

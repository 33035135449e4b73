"""Fixtures that every room may use: real servers, one of their own for each test."""

import gc
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

from screening.vocabulary.normaliser_versions import LATER_VERSIONS
from tests.harness.deployment import Deployed
from tests.harness.durable_steps import watch_durable_steps
from tests.harness.second_normaliser import without_dots
from tests.harness.template import OF_THE_CHANNEL, Template
from tests.harness.valkey import Valkey
from tests.harness.when_opened import WhenOpened, opening_of

_MEMORY: Final = Path("/dev/shm")
_ROOM_BYTES: Final = 2 << 30
"""A whole run was seen to hold 230 MB at a time; what a test that failed had made stays."""


# Of a law it is asked whether it holds, and never how fast: the machine may have others to serve.
settings.register_profile(
    "laws", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("laws")

_YOUNG_OBJECTS: Final = 50_000


def pytest_configure() -> None:
    """Have the garbage collector look less often, keep temporary files in memory, hear Ctrl-C.

    The tests themselves are a million objects that live to the end and are looked at again and
    again: a fifth of the time of those that need no server.

    Files are kept in memory unless TMPDIR says otherwise. Commands and servers of these tests wait
    for the disk some hundred thousand times, several tests at a time: on a disk that is slow to say
    that it has written, that is most of their time. What must lie on it, and in which order, is
    asked of the system calls, not of the disk.

    A shell without job control has what it starts in the background ignore SIGINT, and so would all
    that these tests start: what is asked of Ctrl-C is asked of a terminal.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.set_threshold(_YOUNG_OBJECTS, 20, 50)
    if "TMPDIR" not in os.environ and _has_room(_MEMORY):
        os.environ["TMPDIR"] = str(_MEMORY)
        tempfile.tempdir = None  # whoever has asked before is told anew


_SLOW_FIRST: Final = (
    *("journeys", "ledger", "docs", "supply_chain", "load", "api", "faults", "store", "indexer"),
    *("boundaries", "client"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the folders whose files take minutes: the last ones then end at the same time."""
    ranks = {name: rank for rank, name in enumerate(_SLOW_FIRST)}
    folder = Path(__file__).parent
    items.sort(key=lambda item: ranks.get(item.path.relative_to(folder).parts[0], len(ranks)))


def _has_room(folder: Path) -> bool:
    """Tell whether files of these tests, programs among them, can be kept below a folder."""
    return (
        os.access(folder, os.W_OK)
        and not os.statvfs(folder).f_flag & os.ST_NOEXEC
        and shutil.disk_usage(folder).free >= _ROOM_BYTES
    )


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """The process that commands are forked from: one for each pytest process."""
    running = Template(tmp_path_factory.mktemp("commands"))
    yield running
    running.close()


@pytest.fixture(scope="session")
def channel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """The same for the commands of the authorised channel, its service among them."""
    running = Template(
        tmp_path_factory.mktemp("channel"),
        with_module="tests.harness.quick_passwords",
        packages=OF_THE_CHANNEL,
    )
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
def when_opened(monkeypatch: pytest.MonkeyPatch) -> WhenOpened:
    """What others do just before this process opens a file: see `tests/harness/when_opened.py`."""
    return opening_of(monkeypatch)


@pytest.fixture
def second_normaliser(monkeypatch: pytest.MonkeyPatch) -> None:
    """A normaliser version 2 in this process: see `tests/harness/second_normaliser.py`."""
    monkeypatch.setitem(LATER_VERSIONS, 2, without_dots)

"""Databases of both kinds, and a console and a desk on each of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.console import Browser, Console
from tests.harness.postgres import WHY_NOT, Postgres, find_binaries
from tests.harness.template import Template
from tests.intelligence.curation.desk import Desk, enrol_curators
from tests.intelligence.homes import Homes, Kind

KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")
SLOW_ON_POSTGRESQL = ("sqlite", pytest.param("postgresql", marks=pytest.mark.slow))
"""`KINDS` for tests of what both do alike: each room has some that are asked of both, or of
PostgreSQL alone."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server of one pytest process."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip(WHY_NOT)
    server = Postgres(binaries)
    yield server
    server.close()


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'intelligence.sqlite'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture(scope="session")
def homes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Homes:
    """Those of which tests have copies."""

    def server() -> Postgres:
        found: Postgres = request.getfixturevalue("postgres")
        return found

    return Homes(tmp_path_factory.mktemp("homes"), server)


@pytest.fixture(params=SLOW_ON_POSTGRESQL)
def kind(request: pytest.FixtureRequest) -> Kind:
    """That of a test's database."""
    found: Kind = request.param
    return found


@pytest.fixture
def current_url(tmp_path: Path, kind: Kind, homes: Homes) -> str:
    """The address of a database with the schema of this version, and nothing else."""
    return homes.database(kind, tmp_path)


@pytest.fixture
def desk(tmp_path: Path, kind: Kind, homes: Homes) -> Iterator[Desk]:
    """A desk of a test's own, with those who sit at it."""
    with homes.copied(tmp_path, kind, enrol_curators) as services:
        yield Desk(services, tmp_path)


@pytest.fixture(scope="module", params=SLOW_ON_POSTGRESQL)
def console(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, channel: Template
) -> Iterator[Console]:
    """A console that the tests of a module share, with its first administrator's token."""
    url = None
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.new_database()
    running = Console(tmp_path_factory.mktemp("console"), url, template=channel)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def administrator(console: Console) -> Browser:
    """The first administrator of a console that serves, at her browser."""
    token = console.initialise()
    console.serve()
    browser = console.browser()
    browser.set_up(token, "ada@gen.example")
    return browser

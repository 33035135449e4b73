"""Databases of both kinds, and a console on each of them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from intelligence.store.database import Database
from intelligence.store.schema import upgrade_schema
from tests.harness.console import Browser, Console
from tests.harness.postgres import WHY_NOT, Postgres, find_binaries
from tests.harness.template import Template

KINDS = ("sqlite", "postgresql")


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
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the schema of this version, to copy: making one takes a tenth of a second."""
    path = tmp_path_factory.mktemp("migrated") / "intelligence.sqlite"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Postgres) -> str:
    """The name of a database of the same kind."""
    _migrate(postgres.new_database())
    return postgres.last_name


def _migrate(url: str) -> None:
    database = Database(url)
    upgrade_schema(database)
    database.close()


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_sqlite: Path) -> str:
    """The address of an SQLite database with the schema of this version, and nothing else."""
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path)}"


@pytest.fixture(params=KINDS)
def current_url(request: pytest.FixtureRequest) -> str:
    """The same of databases of both kinds."""
    if request.param == "sqlite":
        url: str = request.getfixturevalue("sqlite_url")
        return url
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database(like=request.getfixturevalue("migrated_postgres"))


@pytest.fixture(scope="module", params=KINDS)
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

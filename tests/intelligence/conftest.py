"""Databases of both kinds, and a console on each of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.console import Browser, Console
from tests.harness.postgres import WHY_NOT, Postgres, find_binaries

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


@pytest.fixture(scope="module", params=KINDS)
def console(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Console]:
    """A console that the tests of a module share, with its first administrator's token."""
    url = None
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.new_database()
    running = Console(tmp_path_factory.mktemp("console"), url)
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

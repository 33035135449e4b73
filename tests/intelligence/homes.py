"""Homes of the console in which people have enrolled, made once of each sort and then copied.

Somebody who enrols takes a tenth of a second, and those of a room would take half of each test.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Final, Literal, NamedTuple

from intelligence.deployment import METADATA
from intelligence.store.database import Database
from intelligence.store.key_file import KEY_FILE
from intelligence.store.schema import upgrade_schema
from intelligence.store.vault import Vault
from tests.harness.postgres import Postgres
from tests.intelligence.staff.services import Person, Services

Kind = Literal["sqlite", "postgresql"]
Enrol = Callable[[Services], None]
"""Has people enrol in a home that has none, the first administrator before all others."""

_LEDGER: Final = "ledger"


def nothing_to_bind() -> Vault:
    """Stand for the keys that bind what an older database holds: an empty one holds nothing."""
    raise AssertionError("an empty database holds no row of an older one")


class _Database(NamedTuple):
    """One that is copied while nobody is connected to it; `name` is a file's path on SQLite."""

    url: str
    name: str


class _Home(NamedTuple):
    """One that is copied: `at` is where its clock stands, in Unix seconds."""

    folder: Path
    database: _Database
    at: float
    people: list[Person]


class Homes:
    """Copies of them, on databases of both kinds; `postgres` starts a server once one is asked."""

    def __init__(self, folder: Path, postgres: Callable[[], Postgres]) -> None:
        self._folder, self._postgres = folder, postgres
        self._migrated: dict[Kind, _Database] = {}
        self._made: dict[tuple[Kind, Enrol], _Home] = {}

    def database(self, kind: Kind, folder: Path) -> str:
        """Make a database with the schema of this version, and nothing else; return its address."""
        return self._empty(kind, folder).url

    @contextmanager
    def copied(self, folder: Path, kind: Kind, enrol: Enrol) -> Iterator[Services]:
        """Yield the services of a home in `folder`, in which all is as `enrol` leaves it."""
        home = self._made.get((kind, enrol)) or self._make(kind, enrol)
        shutil.copy(home.folder / KEY_FILE, folder)
        shutil.copytree(home.folder / _LEDGER, folder / _LEDGER)
        url = self._copied(kind, folder, home.database).url
        services = Services(folder, url, deepcopy(home.people))
        services.clock.at = home.at
        yield services
        services.close()

    def _make(self, kind: Kind, enrol: Enrol) -> _Home:
        folder = self._folder / f"home-{len(self._made)}"
        folder.mkdir()
        database = self._empty(kind, folder)
        services = Services(folder, database.url)
        enrol(services)
        services.close()
        home = _Home(folder, database, services.clock(), services.people)
        self._made[kind, enrol] = home
        return home

    def _empty(self, kind: Kind, folder: Path) -> _Database:
        if kind not in self._migrated:  # a migrated one takes a tenth of a second
            made = self._copied(kind, self._folder, None)
            database = Database(made.url)
            upgrade_schema(database, METADATA, nothing_to_bind)
            database.close()
            self._migrated[kind] = made
        return self._copied(kind, folder, self._migrated[kind])

    def _copied(self, kind: Kind, folder: Path, like: _Database | None) -> _Database:
        if kind == "postgresql":
            server = self._postgres()
            url = server.new_database(like=like.name) if like else server.new_database()
            return _Database(url, server.last_name)
        path = folder / "intelligence.sqlite"
        if like:
            shutil.copy(like.name, path)
        return _Database(f"sqlite:///{path}", str(path))

"""SQLite takes any value in any column of any table: none ends an upgrade or a rotation."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import select

from intelligence.deployment import METADATA
from intelligence.staff.accounts import NewAccount
from intelligence.staff.roles import Role
from intelligence.staff.tables import Account, State
from intelligence.store.bound import bind, bind_all, bind_more, bound_tables
from intelligence.store.data_keys import WrappedKey, create_first_key, open_vault
from intelligence.store.database import Database
from intelligence.store.key_file import KeyFile
from intelligence.store.rotation import rotate_keys

pytestmark = pytest.mark.parametrize("kind", ["sqlite"])
VALUES = (
    *("X''", "X'FF'", "zeroblob(16)", "zeroblob(32)"),
    *("''", "'no id'", "'abcdefghijklmnop'"),
    *(f"CAST(X'{one}' AS TEXT)" for one in ("00", "FF", "61FF", "61FE", "EDA080")),
    *("7", "9223372036854775807", "-9223372036854775808", "1.5", "9e999", "-9e999"),
)
TABLES = [one for one in METADATA.sorted_tables if one is not WrappedKey.__table__]
"""All but that of the data keys, of which each is needed."""


@pytest.fixture
def database(current_url: str, key_file: KeyFile) -> Iterator[Database]:
    """One with an account, and in each table rows that have one of these values everywhere."""
    opened = Database(current_url)
    create_first_key(opened, key_file.read()[0], lambda: 1)
    vault = open_vault(opened, key_file.read())
    new = NewAccount(name="ada", display_name="Ada", roles=frozenset((Role.ADMINISTRATOR,)))
    with opened.writing() as session:
        account = new.row(State.INVITED, 1)
        bind(vault, account)
        session.add(account)
    with closing(sqlite3.connect(str(opened.engine.url.database))) as connection, connection:
        for table in TABLES:
            for value in VALUES:
                row = ", ".join(value for _ in table.columns)
                connection.execute(f"INSERT INTO {table.name} VALUES ({row})")  # noqa: S608 - ours
    yield opened
    opened.close()


def _holds(database: Database) -> bool:
    with database.reading() as session:
        return session.scalars(select(Account).where(Account.name == "ada")).one().holds


def test_all_rows_are_read(database: Database) -> None:
    with database.reading() as session:
        for table in TABLES:
            assert len(session.execute(select(table)).all()) >= len(VALUES)


@pytest.mark.parametrize("bind_rows", [bind_all, bind_more])
def test_an_upgrade_binds_what_is_ours(
    database: Database, key_file: KeyFile, bind_rows: Callable[..., Any]
) -> None:
    with database.writing() as session:
        bind_rows(session, open_vault(database, key_file.read()), bound_tables(METADATA))
    assert _holds(database)


def test_a_rotation_ends(database: Database, key_file: KeyFile) -> None:
    rotated = rotate_keys(database, key_file, METADATA, lambda: 2)
    assert rotated.values == 1, "what binds the account"
    assert rotated.kept == []
    open_vault(database, key_file.read())
    assert _holds(database)

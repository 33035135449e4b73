"""Keys are replaced, and every sealed value with them; broken off anywhere, it goes on."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import LargeBinary, String, Text, cast, select, type_coerce, update
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import NULLTYPE

from intelligence.errors import Undecipherable
from intelligence.store.base import sealed_column, sealed_columns
from intelligence.store.data_keys import WrappedKey, create_first_key, open_vault
from intelligence.store.database import Database
from intelligence.store.key_file import KeyFile
from intelligence.store.rotation import BATCH_ROWS, rotate_keys
from intelligence.store.vault import Vault
from tests.harness.slow import slow_but_first

ROWS = BATCH_ROWS + 3


class Tables(DeclarativeBase):
    """Tables of these tests alone."""


class Selector(Tables):
    __tablename__ = "selector"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    value: Mapped[bytes | None] = sealed_column(index="value_term")
    value_term: Mapped[bytes | None] = mapped_column(LargeBinary)
    note: Mapped[bytes | None] = sealed_column()


VALUES, NOTES = sealed_columns(Tables.metadata)


@pytest.fixture
def database(database_url: str, key_file: KeyFile) -> Iterator[Database]:
    """A database with values under its first key; every tenth row has a note."""
    opened = Database(database_url)
    with opened.writing() as session:
        WrappedKey.metadata.tables["data_key"].create(session.connection())
        Tables.metadata.create_all(session.connection())
    create_first_key(opened, key_file.read()[0], lambda: 1)
    vault = open_vault(opened, key_file.read())
    with opened.writing() as session:
        session.add_all(_row(vault, number) for number in range(ROWS))
    yield opened
    opened.close()


def _row(vault: Vault, number: int) -> Selector:
    name, value = str(number), b"+1202555%04d" % number
    return Selector(
        id=name,
        value=vault.seal(value, VALUES.place(name)),
        value_term=vault.term(value, VALUES.place(name)),
        note=vault.seal(b"seen", NOTES.place(name)) if number % 10 == 0 else None,
    )


def require_all(database: Database, key_file: KeyFile) -> Vault:
    """Return the vault, once every value opens and is found."""
    vault = open_vault(database, key_file.read())
    with database.reading() as session:
        rows = session.scalars(select(Selector)).all()
    assert len(rows) == ROWS
    for row in rows:
        assert row.value is not None
        value = b"+1202555%04d" % int(row.id)
        assert vault.open(row.value, VALUES.place(row.id)) == value
        assert row.value_term in vault.terms(value, VALUES.place(row.id))
        if row.note is not None:
            assert vault.open(row.note, NOTES.place(row.id)) == b"seen"
    return vault


def test_every_key_and_every_value_is_another_afterwards(
    database: Database, key_file: KeyFile
) -> None:
    old_keys, old_vault = key_file.read(), require_all(database, key_file)
    rotated = rotate_keys(database, key_file, Tables.metadata, lambda: 2)
    vault = require_all(database, key_file)
    assert rotated.values == ROWS + -(-ROWS // 10)
    assert rotated.data_key == vault.current != old_vault.current
    (key,) = key_file.read()
    assert key.id != old_keys[0].id
    with database.reading() as session:
        (row,) = session.scalars(select(WrappedKey)).all()
        assert row.wrapped_by == key.id
        values = session.scalars(select(Selector.value)).all()
    assert {value[:8].hex() for value in values if value is not None} == {vault.current}


class Broken(Exception):
    """A rotation is broken off."""


class BreakingOff:
    """The key file and the transactions of a rotation, which ends before its nth step."""

    def __init__(self, database: Database, key_file: KeyFile, steps: int) -> None:
        self._database, self._key_file, self._left = database, key_file, steps

    def __getattr__(self, name: str) -> Any:
        if name in ("writing", "write"):
            self._left -= 1
            if self._left < 0:
                raise Broken
        source = self._key_file if name in ("read", "write") else self._database
        return getattr(source, name)


@slow_but_first(2, "steps", range(9))
def test_one_that_is_broken_off_loses_nothing_and_goes_on(
    database: Database, key_file: KeyFile, steps: int
) -> None:
    breaking: Any = BreakingOff(database, key_file, steps)
    with pytest.raises(Broken):
        rotate_keys(breaking, breaking, Tables.metadata, lambda: 2)
    require_all(database, key_file)
    rotate_keys(database, key_file, Tables.metadata, lambda: 3)
    require_all(database, key_file)


@pytest.mark.parametrize("steps", range(3))
@pytest.mark.slow
def test_one_that_is_broken_off_again_and_again_ends_with_one_key(
    database: Database, key_file: KeyFile, steps: int
) -> None:
    for _ in range(2):
        breaking: Any = BreakingOff(database, key_file, steps)
        with pytest.raises(Broken):
            rotate_keys(breaking, breaking, Tables.metadata, lambda: 2)
        require_all(database, key_file)
    assert len(key_file.read()) <= 2  # however often it is broken off
    rotate_keys(database, key_file, Tables.metadata, lambda: 3)
    require_all(database, key_file)
    assert len(key_file.read()) == 1
    with database.reading() as session:
        assert len(session.scalars(select(WrappedKey)).all()) == 1


def test_an_old_key_file_does_not_open_a_database_that_was_rotated(
    database: Database, key_file: KeyFile
) -> None:
    old = key_file.read()
    rotate_keys(database, key_file, Tables.metadata, lambda: 2)
    with pytest.raises(Undecipherable, match="restore that file"):
        open_vault(database, old)


def spoiled(database: Database, name: str, value: object) -> bytes:
    """Write something else into the value of a row; return what was there."""
    of_row = Selector.id == name
    with database.writing() as session:
        before = session.scalar(select(Selector.value).where(of_row))
        assert before is not None
        session.execute(update(Selector).where(of_row).values(value=type_coerce(value, NULLTYPE)))
    return before


def data_keys(database: Database) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(select(WrappedKey.id)).all())


def test_what_does_not_open_holds_up_nothing_and_opens_where_it_is_put_back(
    database: Database, key_file: KeyFile
) -> None:
    (old_key,), old_keys = data_keys(database), key_file.read()
    moved = spoiled(database, "5", b"")
    changed = spoiled(database, "7", moved)  # that of another row, under the key of before
    spoiled(database, "5", bytes.fromhex(old_key) + bytes(40))
    rotated = rotate_keys(database, key_file, Tables.metadata, lambda: 2)
    assert (rotated.unread, rotated.kept) == ({"selector": 2}, [old_key])
    assert rotated.values == ROWS - 2 + -(-ROWS // 10)
    assert data_keys(database) == {old_key, rotated.data_key}
    (key,) = key_file.read()
    assert key.id != old_keys[0].id, "the one that wraps them is another in any case"
    for name, value in (("5", moved), ("7", changed)):
        spoiled(database, name, value)
    require_all(database, key_file)
    again = rotate_keys(database, key_file, Tables.metadata, lambda: 3)
    assert (again.unread, again.kept) == ({}, [])
    assert data_keys(database) == {again.data_key}
    assert again.data_key != rotated.data_key
    require_all(database, key_file)


def test_it_may_be_run_again_and_again_while_something_does_not_open(
    database: Database, key_file: KeyFile
) -> None:
    (old_key,) = data_keys(database)
    there = spoiled(database, "5", bytes.fromhex(old_key) + bytes(40))
    made = {old_key}
    for at in (2, 3, 4):
        rotated = rotate_keys(database, key_file, Tables.metadata, partial(float, at))
        assert rotated.kept == [old_key], "and none of those in between"
        assert data_keys(database) == {old_key, rotated.data_key}
        assert rotated.data_key not in made, "all that opens is under another key each time"
        made.add(rotated.data_key)
    spoiled(database, "5", there)
    require_all(database, key_file)


def test_given_up_no_old_key_is_left(database: Database, key_file: KeyFile) -> None:
    (old_key,) = data_keys(database)
    there = spoiled(database, "5", bytes.fromhex(old_key) + bytes(40))
    rotated = rotate_keys(database, key_file, Tables.metadata, lambda: 2, giving_up=True)
    assert (rotated.unread, rotated.kept) == ({"selector": 1}, [])
    assert data_keys(database) == {rotated.data_key}
    spoiled(database, "5", there)
    with pytest.raises(Undecipherable, match="a key that is gone"):
        require_all(database, key_file)


@slow_but_first(1, "value", [b"", b"short", bytes(8) + bytes(40)])
def test_no_key_is_kept_for_what_names_none_that_is_here(
    database: Database, key_file: KeyFile, value: bytes
) -> None:
    spoiled(database, "5", value)
    for _ in range(2):
        rotated = rotate_keys(database, key_file, Tables.metadata, lambda: 2)
        assert (rotated.unread, rotated.kept) == ({"selector": 1}, [])
        assert data_keys(database) == {rotated.data_key}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@slow_but_first(1, "value", [cast(b"\xff", Text), "a text", 7, 1.5])
def test_what_only_sqlite_keeps_in_a_column_holds_up_nothing(
    database: Database, key_file: KeyFile, value: object
) -> None:
    spoiled(database, "5", value)
    rotated = rotate_keys(database, key_file, Tables.metadata, lambda: 2)
    assert (rotated.unread, rotated.kept) == ({"selector": 1}, [])


@slow_but_first(2, "steps", range(9))
def test_one_that_is_broken_off_while_a_key_is_kept_goes_on(
    database: Database, key_file: KeyFile, steps: int
) -> None:
    (old_key,) = data_keys(database)
    there = spoiled(database, "5", bytes.fromhex(old_key) + bytes(40))
    rotate_keys(database, key_file, Tables.metadata, lambda: 2)
    breaking: Any = BreakingOff(database, key_file, steps)
    with pytest.raises(Broken):
        rotate_keys(breaking, breaking, Tables.metadata, lambda: 3)
    rotated = rotate_keys(database, key_file, Tables.metadata, lambda: 4)
    assert data_keys(database) == {old_key, rotated.data_key}
    spoiled(database, "5", there)
    require_all(database, key_file)

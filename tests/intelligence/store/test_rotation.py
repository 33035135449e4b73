"""Keys are replaced, and every sealed value with them; broken off anywhere, it goes on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary, String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

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
def key_file(tmp_path: Path) -> KeyFile:
    file = KeyFile(tmp_path)
    file.create()
    return file


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


@slow_but_first(3, "steps", range(9))
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

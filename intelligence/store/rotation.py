"""`intelligence keys rotate`: every key and every sealed value anew, one small step at a time.

Broken off anywhere, it goes on when it is run again: what is done is told by the key file, which
then holds two keys, and by the data keys that are retired and still there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import MetaData, delete, func, select, update
from sqlalchemy.orm import Session

from intelligence.store.base import SealedColumn, sealed_columns
from intelligence.store.data_keys import (
    WrappedKey,
    current_keys,
    new_key,
    open_vault,
    wrap_anew,
)
from intelligence.store.database import Database
from intelligence.store.key_file import KeyEncryptionKey, KeyFile
from intelligence.store.vault import ID_BYTES, Vault

BATCH_ROWS: Final = 500
"""A transaction of so many takes some ten milliseconds."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation ended with: the id of the new data key, and how many values it sealed."""

    data_key: str
    values: int


def rotate_keys(
    database: Database, key_file: KeyFile, metadata: MetaData, clock: Callable[[], float]
) -> Rotated:
    """Replace all keys, and seal all that the tables of `metadata` hold under the new ones.

    Nobody else may use the database meanwhile. Raises `Undecipherable` where a value does not open:
    what is sealed anew by then stays so, and all that is not can be opened as before.
    """
    keys = key_file.read()
    if len(keys) == 1:
        keys = [KeyEncryptionKey.generate(), *keys]
        key_file.write(keys)
    with database.writing() as session:
        _retire(session, keys, int(clock()))
    vault = open_vault(database, keys)
    values = sum(_seal_column_anew(database, vault, one) for one in sealed_columns(metadata))
    with database.writing() as session:
        session.execute(delete(WrappedKey).where(WrappedKey.retired_at.is_not(None)))
    key_file.write(keys[:1])
    return Rotated(vault.current, values)


def _retire(session: Session, keys: list[KeyEncryptionKey], now: int) -> None:
    """Wrap all data keys under the new key; retire the current one unless one is retired."""
    rows = session.scalars(select(WrappedKey)).all()
    for row in rows:
        wrap_anew(row, keys)
    if any(row.retired_at is not None for row in rows):
        return
    for row in current_keys(session):
        row.retired_at = now
    session.add(new_key(keys[0], now))


def _seal_column_anew(database: Database, vault: Vault, column: SealedColumn) -> int:
    done = 0
    while True:
        with database.writing() as session:
            rows = _next_rows(session, vault, column)
            for row, sealed in rows:
                _seal_anew(session, vault, column, (row, sealed))
        if not rows:
            return done
        done += len(rows)


def _next_rows(session: Session, vault: Vault, column: SealedColumn) -> list[tuple[Any, bytes]]:
    (row,) = column.table.primary_key.columns
    key_id = func.substr(column.column, 1, ID_BYTES)
    chosen = (
        select(row, column.column)
        .where(column.column.is_not(None), key_id != bytes.fromhex(vault.current))
        .limit(BATCH_ROWS)
    )
    return [(found[0], found[1]) for found in session.execute(chosen)]


def _seal_anew(
    session: Session, vault: Vault, column: SealedColumn, found: tuple[Any, bytes]
) -> None:
    row, sealed = found
    place = column.place(row)
    value = vault.open(sealed, place)
    anew = {column.column: vault.seal(value, place)}
    if column.terms is not None:
        anew[column.terms] = vault.term(value, place)
    (primary,) = column.table.primary_key.columns
    session.execute(update(column.table).where(primary == row).values(anew))

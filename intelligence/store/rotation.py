"""`intelligence keys rotate`: every key and every sealed value anew, one small step at a time.

Broken off anywhere, it goes on when it is run again: what is done is told by the key file, which
then holds two keys, and by which of both a data key is wrapped under.

A value that does not open stays as it is, and holds up no other. The data key that its first bytes
name is kept, retired, for as long as there is one: put back from where it was moved, or from a
backup, it opens then, and by the terms of that key its row is found as one that cannot be read.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, MetaData, delete, func, select, update
from sqlalchemy.orm import Session

from intelligence.errors import Undecipherable
from intelligence.store.base import SealedColumn, as_stored, place_of_rows, sealed_columns
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
    """What a rotation ended with: the id of the new data key, and how many values it sealed.

    `unread` is how many values of a table do not open, and stay as they are; `kept` are the ids of
    the data keys that are kept for them.
    """

    data_key: str
    values: int
    unread: Mapping[str, int]
    kept: list[str]


class _Found(NamedTuple):
    """A value as it is sealed, with the key of its row, and by what that is found."""

    row: Any
    at: Any
    sealed: Any


class _Sealed(NamedTuple):
    """What became of a column: how many values were sealed anew, and which keys the others name."""

    anew: int
    unread: Counter[str]


def rotate_keys(
    database: Database,
    key_file: KeyFile,
    metadata: MetaData,
    clock: Callable[[], float],
    *,
    giving_up: bool = False,
) -> Rotated:
    """Replace all keys, and seal all that the tables of `metadata` hold under the new ones.

    Nobody else may use the database meanwhile. No data key is kept where `giving_up` what does not
    open: nothing opens that for good then.
    """
    keys = key_file.read()
    if len(keys) == 1:
        keys = [KeyEncryptionKey.generate(), *keys]
        key_file.write(keys)
    with database.writing() as session:
        _retire(session, keys, int(clock()))
    vault = open_vault(database, keys)
    values, unread, named = 0, Counter[str](), set[str]()
    for column in sealed_columns(metadata):
        done = _seal_column_anew(database, vault, column)
        values += done.anew
        unread[column.table.name] += done.unread.total()
        named |= done.unread.keys()
    kept = [] if giving_up else named
    with database.writing() as session:
        is_over = WrappedKey.retired_at.is_not(None) & WrappedKey.id.not_in(kept)
        session.execute(delete(WrappedKey).where(is_over))
        retired = select(WrappedKey.id).where(WrappedKey.retired_at.is_not(None))
        left = sorted(session.scalars(retired).all())
    key_file.write(keys[:1])
    return Rotated(vault.current, values, +unread, left)


def _retire(session: Session, keys: list[KeyEncryptionKey], now: int) -> None:
    """Wrap all data keys under the new key, and retire the current one, once for each new key."""
    rows = session.scalars(select(WrappedKey)).all()
    if all(row.wrapped_by == keys[0].id for row in rows):
        return
    for row in rows:
        wrap_anew(row, keys)
    for row in current_keys(session):
        row.retired_at = now
    session.add(new_key(keys[0], now))


def _seal_column_anew(database: Database, vault: Vault, column: SealedColumn) -> _Sealed:
    anew, unread, last = 0, Counter[str](), None
    while True:
        with database.writing() as session:
            rows = _next_rows(session, vault, column, last)
            for found in rows:
                try:
                    _seal_anew(session, vault, column, found)
                    anew += 1
                except Undecipherable:
                    unread[_key_named(found.sealed)] += 1
        if not rows:
            return _Sealed(anew, unread)
        last = rows[-1].at


def _next_rows(session: Session, vault: Vault, column: SealedColumn, last: object) -> list[_Found]:
    """Return some values of rows behind the `last`."""
    (row,) = column.table.primary_key.columns
    at = place_of_rows(session, column.table)
    chosen = select(row, at, as_stored(column.column)).where(
        column.column.is_not(None), _named(column) != bytes.fromhex(vault.current)
    )
    if last is not None:
        chosen = chosen.where(at > last)
    return [_Found(*one) for one in session.execute(chosen.order_by(at).limit(BATCH_ROWS))]


def _named(column: SealedColumn) -> ColumnElement[bytes]:
    """Return the first bytes of what a column holds; SQLite has none of what is empty."""
    return func.coalesce(func.substr(column.column, 1, ID_BYTES), b"")


def _seal_anew(session: Session, vault: Vault, column: SealedColumn, found: _Found) -> None:
    place = column.place(found.row)
    value = vault.open(found.sealed, place)
    anew = {column.column: vault.seal(value, place)}
    if column.terms is not None:
        anew[column.terms] = vault.term(value, place)
    is_it = place_of_rows(session, column.table) == found.at
    session.execute(update(column.table).where(is_it).values(anew))


def _key_named(sealed: Any) -> str:
    """Return the id of the data key that a value names, empty of what is no sealed value."""
    return sealed[:ID_BYTES].hex() if isinstance(sealed, bytes) else ""

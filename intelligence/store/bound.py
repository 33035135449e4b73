"""Rows whose plain columns are bound to them: whoever writes in the database changes none unseen.

Beside them lies a digest of all of them, sealed for its row. Without the keys of the home nobody
makes one; what is left is to delete a row, or to put it back as it was once.
"""

import hashlib
import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from typing import Any, ClassVar, Final
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import MetaData, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from intelligence.errors import Undecipherable
from intelligence.store.base import (
    Base,
    SealedColumn,
    place_of_rows,
    sealed_column,
    sealed_columns_of,
)
from intelligence.store.database import VAULT
from intelligence.store.vault import Vault

FREE: Final = {"free": True}
"""As `info` of a column that is not bound, as it changes by itself.

Beside each stands what rests on it: whoever writes in the database has that as they like.
"""
LATER: Final = {"later": True}
"""As `info` of a column that came once rows were bound: it is bound in those that say anything."""
_AT_A_TIME: Final = 500


class Bound(Base):
    """A row that has its primary key, one column, and all others before it is bound.

    A column that comes later is `LATER`: the rows that were bound before hold on.
    """

    __abstract__ = True
    __tablename__: str
    bound_since: ClassVar[str] = "0018"
    """The schema whose upgrade binds what is there."""
    more_since: ClassVar[str | None] = None
    """That whose upgrade binds more of rows that hold without it (`beside_before`)."""

    bound: Mapped[bytes | None] = sealed_column()

    def beside(self, vault: Vault) -> dict[str, object]:
        """Return what is bound to it and stands in no plain column of it, by name.

        Raises `Undecipherable` where that does not open.
        """
        del vault  # of a table that has sealed values bound as well
        return {}

    def beside_before(self) -> dict[str, object]:
        """Return the same as it was before `more_since`."""
        return {}


class BoundRow(Bound):
    """One whose primary key is its `id`."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)


def digest_of(row: Bound, beside: dict[str, object]) -> bytes:
    """Return the SHA-256 of what a row says in plain columns and `beside`, and which sealed it has.

    Sealed values are bound to their rows by themselves, and say nothing where they were taken away.
    """
    plain, later, sealed = _columns(type(row))
    values = [_unlike_others(getattr(row, name), is_binary=binary) for name, binary in plain]
    there = [getattr(row, name) is not None for name in sealed]
    told = [(name, _unlike_others(getattr(row, name), is_binary=binary)) for name, binary in later]
    said = {name: value for name, value in told if value is not None} | beside
    digested = (values, there, said) if said else (values, there)
    return hashlib.sha256(msgspec.json.encode(digested)).digest()


def bind(vault: Vault, row: Bound) -> None:
    """Bind the columns of a new row as they are."""
    column, key = _key_of(row)
    row.bound = vault.seal(digest_of(row, row.beside(vault)), column.place(key))


def holds(vault: Vault, row: Bound) -> bool:
    """Tell whether the columns of a row are those that were bound."""
    try:
        return _bound_of(vault, row) == digest_of(row, row.beside(vault))
    except Undecipherable:
        return False


def alter(vault: Vault, row: Bound, **values: object) -> None:
    """Give columns other values; a row that did not hold before does not hold after."""
    held = holds(vault, row)
    for name, value in values.items():
        setattr(row, name, value)
    if held:
        bind(vault, row)


def vault_of(session: Session) -> Vault:
    """Return what the rows of a transaction are bound with; raises `Undecipherable` without it."""
    vault: Vault | None = session.info[VAULT]
    if vault is None:
        raise Undecipherable("the keys of this database are not open; run: intelligence init")
    return vault


def bind_all(session: Session, vault: Vault, tables: Sequence[type[Bound]]) -> None:
    """Bind all rows there are in these tables as they are, of each some at a time.

    For the one upgrade that begins it: whatever is not bound after that, somebody has put there.
    """
    for table in tables:
        for row in _all_of(session, table):
            with suppress(Undecipherable):  # it does not hold then
                bind(vault, row)


def bind_more(session: Session, vault: Vault, tables: Sequence[type[Bound]]) -> None:
    """Bind more of the rows of these tables, of those that hold without it (`more_since`)."""
    for table in tables:
        for row in _all_of(session, table):
            with suppress(Undecipherable):
                if _bound_of(vault, row) == digest_of(row, row.beside_before()):
                    bind(vault, row)


def bound_tables(metadata: MetaData) -> list[type[Bound]]:
    """Return the tables of such rows among these, which are those of all rooms.

    A process that has loaded fewer rooms would know, and bind, fewer of them.
    """
    found = (one.class_ for one in Base.registry.mappers)
    tables = [
        one for one in found if issubclass(one, Bound) and one.__tablename__ in metadata.tables
    ]
    return sorted(tables, key=lambda table: table.__tablename__)


def _bound_of(vault: Vault, row: Bound) -> bytes:
    """Return what was bound; raises `Undecipherable`, also where nothing was."""
    column, key = _key_of(row)
    return vault.open(row.bound, column.place(key))


def _all_of(session: Session, table: type[Bound]) -> Iterator[Bound]:
    """Yield all rows of a table; what is done with one is kept.

    But for those that are not found by their keys, as no id of ours is stored: they do not hold.
    """
    of: Any = table.__table__
    (key,), place = of.primary_key, place_of_rows(session, of)
    chosen = select(table, place.label("place")).order_by(place).limit(_AT_A_TIME)
    found = session.execute(chosen).all()
    while found:
        keys = [one for row, _ in found if isinstance(one := _key_of(row)[1], key.type.python_type)]
        ours = set(session.scalars(select(place).select_from(of).where(key.in_(keys))))
        yield from (row for row, at in found if at in ours)
        last = found[-1][1]
        session.flush()
        session.expunge_all()  # a million rows are not kept in memory
        found = session.execute(chosen.where(place > last)).all()


def _key_of(row: Bound) -> tuple[SealedColumn, object]:
    """Return the column of what is bound, and the primary key of a row."""
    column, name = _bound_column(type(row))
    return column, getattr(row, name)


@cache
def _bound_column(of: type[Bound]) -> tuple[SealedColumn, str]:
    """Return the column of what is bound, and the name of the primary key."""
    table: Any = of.__table__
    (key,) = table.primary_key
    return next(one for one in sealed_columns_of(table) if one.column.name == "bound"), key.name


def _unlike_others(value: Any, *, is_binary: bool) -> Any:
    """Return what JSON spells like no other value that a column may hold.

    SQLite takes any value in any column, and JSON has infinity as null and bytes as text.
    """
    is_infinite = isinstance(value, float) and not math.isfinite(value)
    if value is None or not (is_infinite or isinstance(value, bytes) is not is_binary):
        return value
    return {type(value).__name__: str(value)}


@cache
def _columns(
    of: type[Bound],
) -> tuple[Sequence[tuple[str, bool]], Sequence[tuple[str, bool]], Sequence[str]]:
    """Return the plain columns of a table that are bound, those that are `LATER`, and the sealed.

    Of the former two each by name, with whether it is of bytes; of the last the names.
    """
    table: Any = of.__table__
    found = sealed_columns_of(table)
    sealed = {one.column.name for one in found}
    terms = {one.terms.name for one in found if one.terms is not None}  # of a rotation's key
    plain = [
        (one.name, one.type.python_type is bytes, "later" in one.info)
        for one in table.columns
        if not (one.primary_key or one.name in sealed | terms or "free" in one.info)
    ]
    first, later = (
        sorted((name, is_binary) for name, is_binary, is_later in plain if is_later == wanted)
        for wanted in (False, True)
    )
    return first, later, sorted(sealed - {"bound"})

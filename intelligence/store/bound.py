"""Rows whose plain columns are bound to them: whoever writes in the database changes none unseen.

Beside them lies a digest of all of them, sealed for its row. Without the keys of the home nobody
makes one; what is left is to delete a row, or to put it back as it was once.
"""

import hashlib
import math
from collections.abc import Sequence
from functools import cache
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from intelligence.store.base import Base, Place, sealed_column, sealed_columns_of
from intelligence.store.vault import Vault

FREE: Final = {"free": True}
"""As `info` of a column: it is not bound, for nothing that is shown or decided rests on it."""
LATER: Final = {"later": True}
"""As `info` of a column that came once rows were bound: it is bound in those that say anything."""
_AT_A_TIME: Final = 500


class BoundRow(Base):
    """A row that has its `id`, and all other columns, before it is bound.

    A column that comes later is `LATER`: the rows that were bound before hold on.
    """

    __abstract__ = True
    __tablename__: str

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    bound: Mapped[bytes | None] = sealed_column()


def digest_of(row: BoundRow) -> bytes:
    """Return the SHA-256 of what a row says in plain columns, and of which sealed ones it has.

    Sealed values are bound to their rows by themselves, and say nothing where they were taken away.
    """
    plain, later, sealed = _columns(type(row))
    values = [_unlike_others(getattr(row, name), is_binary=binary) for name, binary in plain]
    there = [getattr(row, name) is not None for name in sealed]
    told = [(name, _unlike_others(getattr(row, name), is_binary=binary)) for name, binary in later]
    said = {name: value for name, value in told if value is not None}
    digested = (values, there, said) if said else (values, there)
    return hashlib.sha256(msgspec.json.encode(digested)).digest()


def bind_all(session: Session, vault: Vault) -> None:
    """Bind all rows there are as they are, of each table some at a time.

    For the one upgrade that begins it: whatever is not bound after that, somebody has put there.
    """
    for table in bound_tables():
        _bind_table(session, vault, table)


def bound_tables() -> list[type[BoundRow]]:
    """Return the tables of such rows, of the modules that are loaded."""
    found = (one.class_ for one in Base.registry.mappers)
    tables = [one for one in found if issubclass(one, BoundRow)]
    return sorted(tables, key=lambda table: table.__tablename__)


def _bind_table(session: Session, vault: Vault, table: type[BoundRow]) -> None:
    chosen = select(table).order_by(table.id).limit(_AT_A_TIME)
    found = session.scalars(chosen).all()
    while found:
        for row in found:
            row.bound = vault.seal(digest_of(row), Place(table.__tablename__, "bound", str(row.id)))
        last = found[-1].id
        session.flush()
        session.expunge_all()  # a million rows are not kept in memory
        found = session.scalars(chosen.where(table.id > last)).all()


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
    of: type[BoundRow],
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

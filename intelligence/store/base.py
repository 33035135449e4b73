"""What every table is declared with."""

import math
from typing import Any, Final, NamedTuple
from uuid import UUID

from advanced_alchemy.base import CommonTableAttributes, create_registry
from advanced_alchemy.types import GUID
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Dialect,
    Index,
    LargeBinary,
    MetaData,
    Table,
    literal_column,
    text,
    type_coerce,
)
from sqlalchemy.orm import DeclarativeBase, MappedColumn, Session, mapped_column
from sqlalchemy.types import NULLTYPE, TypeDecorator

_INFO: Final = "sealed"
_NO_ID: Final = UUID(int=0)
_ID_BYTES: Final = 16


class Id(GUID):
    """An id; one of no account, change or other row for a value that is none.

    SQLite takes any value in any column, and a row of such a one keeps nobody from the others.
    """

    cache_ok = True

    def process_result_value(
        self, value: bytes | str | UUID | None, dialect: Dialect
    ) -> UUID | None:
        """Return what a column holds."""
        if isinstance(value, UUID | None) or (isinstance(value, bytes) and len(value) == _ID_BYTES):
            return super().process_result_value(value, dialect)
        return _NO_ID


class Number(TypeDecorator[int]):
    """A whole number; of a value that is none, which SQLite takes as well, what is whole, or 0."""

    impl = BigInteger
    cache_ok = True

    def process_result_value(self, value: object, dialect: Dialect) -> int | None:
        """Return what a column holds."""
        del dialect  # none but SQLite has another
        if isinstance(value, float) and math.isfinite(value):
            return int(value)
        return value if isinstance(value, int | None) else 0


def is_id(found: UUID) -> bool:
    """Tell whether what a column of ids holds is one: no row is found by what is none."""
    return found != _NO_ID


class Base(CommonTableAttributes, DeclarativeBase):
    """A table of this service.

    Its registry is its own: the one that advanced-alchemy shares would take in whatever tables
    another library declares, and a migration would make them.
    """

    __abstract__ = True
    registry = create_registry(
        {int: BigInteger, UUID: Id(length=_ID_BYTES)}
    )  # Unix seconds of after 2038 among them


class Place(NamedTuple):
    """Where a sealed value lies: bound to it, so that it opens nowhere else."""

    table: str
    column: str
    row: str


class SealedColumn(NamedTuple):
    """A column of sealed values, with the one beside it, if any, by which they are searched."""

    table: Table
    column: Column[Any]
    terms: Column[Any] | None

    def place(self, row: object) -> Place:
        """Return where the value of this row lies; `row` is its primary key."""
        name = row.hex() if isinstance(row, bytes) else str(row)
        return Place(self.table.name, self.column.name, name)


def sealed_column(*, index: str | None = None) -> MappedColumn[Any]:
    """Declare a column of values that `Vault.seal` made, nullable.

    `index` names the column of the same table that holds their `Vault.term`. The table's primary
    key is one column.
    """
    return mapped_column(LargeBinary, nullable=True, info={_INFO: {"index": index}})


def as_stored(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return what a column holds, whatever that is: SQLite takes any value in any column."""
    return type_coerce(column, NULLTYPE)


def place_of_rows(session: Session, table: Table) -> ColumnElement[Any]:
    """Return by what all rows of a table are gone through, and each is found again.

    That is its key, one column, and with SQLite where a row lies: a key there may be any value, of
    which several are read as one, as ids of nobody are and text that is no UTF-8.
    """
    (key,) = table.primary_key.columns
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return literal_column("rowid", BigInteger) if is_sqlite else key


def of_few(name: str, *columns: str, which: str) -> Index:
    """Declare an index of the rows that wait for somebody, few of a table that only grows."""
    return Index(name, *columns, sqlite_where=text(which), postgresql_where=text(which))


def sealed_columns(metadata: MetaData) -> list[SealedColumn]:
    """Return every column of sealed values: what a rotation of keys has to seal anew."""
    return [one for table in metadata.sorted_tables for one in sealed_columns_of(table)]


def sealed_columns_of(table: Table) -> list[SealedColumn]:
    """Return those of one table."""
    return [
        SealedColumn(table, column, table.c.get(column.info[_INFO]["index"] or ""))
        for column in table.columns
        if _INFO in column.info
    ]

"""What every table is declared with."""

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
    text,
    type_coerce,
)
from sqlalchemy.orm import DeclarativeBase, MappedColumn, mapped_column
from sqlalchemy.types import NULLTYPE

_INFO: Final = "sealed"
_NO_ID: Final = UUID(int=0)


class Id(GUID):
    """An id; one of no account, change or other row for a value that is none.

    SQLite takes any value in any column, and a row of such a one keeps nobody from the others.
    """

    cache_ok = True

    def process_result_value(
        self, value: bytes | str | UUID | None, dialect: Dialect
    ) -> UUID | None:
        """Return what a column holds."""
        try:
            return super().process_result_value(value, dialect)
        except (TypeError, ValueError):
            return _NO_ID


class Base(CommonTableAttributes, DeclarativeBase):
    """A table of this service.

    Its registry is its own: the one that advanced-alchemy shares would take in whatever tables
    another library declares, and a migration would make them.
    """

    __abstract__ = True
    registry = create_registry(
        {int: BigInteger, UUID: Id(length=16)}
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
    """Return what a column holds, whatever that is: SQLite takes any value in any column.

    A key is gone on from as it is stored: several that are no ids are all read as one of nobody.
    """
    return type_coerce(column, NULLTYPE)


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

"""Sealed columns of the rows of rooms: where each value lies, and by what it is found."""

from typing import Final, Protocol
from uuid import UUID

from intelligence.errors import Undecipherable
from intelligence.store.base import Place
from intelligence.store.bound import Bound, alter, bind, holds
from intelligence.store.vault import Vault
from screening.vocabulary.selector import Canonical, SelectorKind

ILLEGIBLE: Final = "(unreadable: it was changed, or its key is gone)"


class Row(Protocol):
    """A row of a table whose primary key is its `id`."""

    __tablename__: str

    @property
    def id(self) -> UUID:
        """The primary key."""


class OfSelector(Row, Protocol):
    """A row that is of a selector, whose text is sealed in `canonical`."""

    @property
    def kind(self) -> str:
        """Such as `phone`."""


class Seals:
    """Seals and opens values of rows that have their `id` already."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def seal(self, row: Row, column: str, value: bytes) -> bytes:
        """Return what the column holds of a value."""
        return self._vault.seal(value, _place(type(row).__tablename__, column, row.id))

    def open(self, row: Row, column: str) -> bytes:
        """Return the value of a column; empty where there is none."""
        sealed: bytes | None = getattr(row, column)
        if sealed is None:
            return b""
        return self._vault.open(sealed, _place(type(row).__tablename__, column, row.id))

    def text(self, row: Row, column: str) -> str:
        """Return the value of a column of text."""
        return self.open(row, column).decode()

    def legible(self, row: Row, column: str) -> str:
        """Return a text for a page, `ILLEGIBLE` in place of one that does not open.

        One row that somebody has changed in the database keeps nobody from the others.
        """
        try:
            return self.text(row, column)
        except Undecipherable:
            return ILLEGIBLE

    def bind(self, row: Bound) -> None:
        """Bind the columns of a new row as they are."""
        bind(self._vault, row)

    def holds(self, row: Bound) -> bool:
        """Tell whether the columns of a row are those that were bound."""
        return holds(self._vault, row)

    def alter(self, row: Bound, **values: object) -> None:
        """Give columns other values; a row that did not hold before does not hold after."""
        alter(self._vault, row, **values)

    def selector(self, row: OfSelector) -> Canonical:
        """Return the selector that a row is of; raises `Undecipherable`, also of a changed one."""
        text = self.text(row, "canonical")
        if isinstance(row, Bound) and not self.holds(row):
            text = ""
        try:
            kind = SelectorKind(row.kind)
        except ValueError:
            text = ""
        if not text:
            raise Undecipherable(f"a row of {row.__tablename__} was changed; restore a backup")
        return Canonical(kind, text)

    def find_selector(self, row: OfSelector) -> Canonical | None:
        """Return the same, None where it does not open: such a row keeps nobody from others."""
        try:
            return self.selector(row)
        except Undecipherable:
            return None

    def term(self, table: type[Row], selector: Canonical) -> bytes:
        """Return by what a selector is found from now on."""
        return self.terms(table, selector)[0]

    def terms(self, table: type[Row], selector: Canonical) -> list[bytes]:
        """Return all that a selector may be found by while keys are replaced."""
        place = Place(table.__tablename__, "canonical", "")
        return self._vault.terms(selector.text.encode(), place)

    @property
    def are_in_rotation(self) -> bool:
        """Tell whether keys are being replaced: rows of one selector may have several terms."""
        return self._vault.is_in_rotation

    def digest(self, table: type[Row], column: str, value: bytes) -> str:
        """Return what stands for a value of a column: nobody without the key can tell which."""
        return self._vault.term(value, Place(table.__tablename__, column, "")).hex()


def _place(table: str, column: str, row_id: UUID) -> Place:
    return Place(table, column, str(row_id))

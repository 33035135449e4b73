"""What is told of the matches on record where nobody opens them, and how it is told at all."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from screening.ledger.accesses import Access


class Telling(Protocol):
    """Tells of the matches of a record, in columns of a table."""

    @property
    def columns(self) -> tuple[str, ...]:
        """How the columns are called."""

    @property
    def opened_with(self) -> Sequence[str]:
        """The disclosure keys that matches are opened with."""

    def rows(self, access: Access) -> Iterator[tuple[str, ...]]:
        """Yield the cells of each line that a record has, at least of one."""

    def not_opened(self) -> list[str]:
        """Return what was told without what it holds, for want of a key."""

    def wrong(self) -> list[str]:
        """Return what was damaged of what has been told."""


class Sealed:
    """Tells how many matches there are and who could open them; it needs no key."""

    columns = ("matches",)
    opened_with = ()

    def rows(self, access: Access) -> Iterator[tuple[str, ...]]:
        """Yield one cell: digests where an earlier version has written them in plain."""
        if access.sealed is None:
            yield (" ".join(access.matches.values()),)
        else:
            yield (f"{len(access.matches)} sealed to {access.sealed.to}",)

    def not_opened(self) -> list[str]:
        """Return nothing: none was to be opened."""
        return []

    def wrong(self) -> list[str]:
        """Return nothing: a box that is not opened is as good as another."""
        return []

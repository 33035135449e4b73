"""Which country completes the phones of a row that lack its code."""

from collections.abc import Sequence
from dataclasses import dataclass

from screening.vocabulary.country_columns import said_in
from screening.vocabulary.dialling_columns import find_region
from screening.vocabulary.errors import OperatorError


@dataclass(frozen=True, slots=True)
class Regions:
    """Which country completes the phones of a row: that of its own cell, else the one of all.

    A cell may name it by its dialling code, too, or as `UK`.
    """

    default: str | None
    index: int | None = None

    def of(self, row: Sequence[str]) -> str | None:
        """Return what the row says, which may be no country at all."""
        if self.index is None or self.index >= len(row):
            return self.default
        own = said_in(row[self.index])
        return find_region(own) or own or self.default


def told_regions(default: str | None, name: str | None, header: Sequence[str]) -> Regions:
    """Find the column of regions, where one is named; raises `OperatorError` where it is not."""
    return Regions(default, None if name is None else place_of(name, header))


def place_of(name: str, header: Sequence[str]) -> int:
    """Return which column has that name; raises `OperatorError` unless exactly one has."""
    places = [index for index, cell in enumerate(header) if cell.strip() == name.strip()]
    if len(places) != 1:
        wrong = "no column" if not places else "more than one column"
        # The columns are not listed: the first line may be of data, and is then somebody's.
        raise OperatorError(f"{wrong} is named {name!r}; see the first line of the file")
    return places[0]

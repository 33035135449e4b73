"""Which country completes the phones of a row that lack its code."""

from collections.abc import Sequence
from dataclasses import dataclass

from screening.vocabulary.column_names import shown_name
from screening.vocabulary.country_codes import find_alpha_2
from screening.vocabulary.country_columns import said_in
from screening.vocabulary.dialling_columns import find_region
from screening.vocabulary.errors import OperatorError


@dataclass(frozen=True, slots=True)
class Regions:
    """Which country completes the phones of a row: that of its own cell, else the one of all.

    A cell may name it by its code of three letters, too, its dialling code, or as `UK`.
    """

    default: str | None
    index: int | None = None

    def of(self, row: Sequence[str]) -> str | None:
        """Return what the row says, which may be no country at all."""
        if self.index is None or self.index >= len(row):
            return self.default
        own = said_in(row[self.index])
        return find_region(own) or find_alpha_2(own) or own or self.default


def told_regions(default: str | None, name: str | None, header: Sequence[str]) -> Regions:
    """Find the column of regions, where one is named; raises `OperatorError` where it is not."""
    return Regions(default, None if name is None else place_of(name, header, "--region-column"))


def place_of(name: str, header: Sequence[str], option: str) -> int:
    """Return which column has that name, or is shown by it, as `column 2` is that has none.

    Where none has, capitals do not count. Raises `OperatorError`, which tells the `option` that
    names it, unless exactly one has.
    """
    wanted = name.strip()
    places = [index for index, cell in enumerate(header) if cell.strip() == wanted]
    if not places:
        shown = [shown_name(cell, index) for index, cell in enumerate(header)]
        places = [index for index, name_shown in enumerate(shown) if name_shown == wanted]
    if not places:
        folded = wanted.casefold()
        places = [index for index, cell in enumerate(header) if cell.strip().casefold() == folded]
    # No name is told: on the command line, or in a first line of data, it is a value.
    if not places:
        columns = "1 column" if len(header) == 1 else f"{len(header)} columns"
        raise OperatorError(
            f"no column has the name given by {option}; the first line of IN has {columns}: write "
            "the name as it stands there"
        )
    if len(places) > 1:
        raise OperatorError(
            f"more than one column has the name given by {option}; give each a name of its own in "
            "the first line of IN"
        )
    return places[0]

"""Cells that hold a selector of another kind than their column does."""

from typing import Final

from screening.vocabulary.cells import CellTrouble, read_cell
from screening.vocabulary.recognition import find_kind
from screening.vocabulary.selector import Canonical, SelectorKind

_SURE: Final = frozenset(("hidden_value", "remark_in_cell", "not_an_email"))
"""What is wrong with a selector of another kind than its column's, whatever that is."""


def read_as_other(
    kind: SelectorKind, value: str, region: str | None, *, bare: bool = False
) -> Canonical | CellTrouble | None:
    """Return what a cell is that is none of `kind`, None where it is of no other.

    `bare` is as in `find_kind`.
    """
    other = find_kind(value, region, bare=bare)
    if other is None or other is kind:
        return None
    read = read_cell(other, value, region)
    return read if isinstance(read, Canonical) or read in _SURE else None

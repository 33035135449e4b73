"""Columns of guests as hotels count them: `Adults` and `Children`, a number in each.

Under `Children` a number counts who came along; anything else there is of a child.
"""

import re
from collections.abc import Sequence
from typing import Final

from screening.importers.folding import folded
from screening.vocabulary.column_names import plain_name

# fmt: off
_ADULTS: Final = frozenset(map(folded, (
    "adults", "erwachsene", "adultes", "adultos", "adulti", "volwassenen", "dorośli", "vuxna",
    "voksne", "взрослые", "взрослых",
)))
_CHILDREN: Final = frozenset(map(folded, (
    "children", "kids", "infants", "babies", "kinder", "enfants", "niños", "bambini", "figli",
    "crianças", "kinderen", "dzieci", "barn", "дети", "детей",
)))
"""Both in the plural alone: `Adult` and `Child` may be flags of what somebody is."""
_BESIDE: Final = frozenset(
    ("no", "number", "num", "nr", "of", "count", "total", "anzahl", "anz", "nombre", "numero",
     "de", "d", "di", "liczba", "aantal", "antal", "antall")
)
# fmt: on
_WORDS: Final = re.compile(r"[^\W\d_]+")
_SOME_ADULTS: Final = re.compile(r"\s*[1-9]\d?(?:\.0)?\s*", re.ASCII)
_FEW: Final = re.compile(r"\s*\d(?:\.0)?\s*", re.ASCII)
_ADULT_WITH_CHILDREN: Final = re.compile(
    rf"\A(?P<age>\W*\d{{2}}\D*?)\d{{1,2}} (?:{'|'.join(sorted(_CHILDREN))})(?![^\W_])"
)


class GuestCounts:
    """Knows in a row of a table which of its cells are counts of children beside their adults."""

    def __init__(self, header: Sequence[str]) -> None:
        self._adults = _find(header, _ADULTS)
        self._children = _find(header, _CHILDREN) if self._adults else ()

    def counted_in(self, cells: Sequence[str]) -> frozenset[int]:
        """Return the columns of counts, those of up to nine children who came with an adult."""
        if not any(_SOME_ADULTS.fullmatch(cells[i]) for i in self._adults if i < len(cells)):
            return frozenset()
        there = (index for index in self._children if index < len(cells))
        return frozenset(index for index in there if _FEW.fullmatch(cells[index]))


def without_children(age: str) -> str:
    """Return an age without how many children somebody has: `35 (2 kids)`."""
    text = folded(age)
    return _ADULT_WITH_CHILDREN.sub(r"\g<age>", text) if _ADULT_WITH_CHILDREN.match(text) else age


def _find(header: Sequence[str], words: frozenset[str]) -> tuple[int, ...]:
    names = (set(_WORDS.findall(folded(plain_name(name)))) - _BESIDE for name in header)
    return tuple(index for index, name in enumerate(names) if name and name <= words)

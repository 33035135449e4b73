"""Tells by a day or a year of birth that somebody was not of age.

Under 18 nobody has to have been forced to be a victim (Palermo Protocol, article 3 c and d).
"""

import re
from typing import Final

from indexer.importers.folding import folded, folded_words

_OF_AGE_YEARS: Final = 18
# fmt: off
_OF_BIRTHS: Final = folded_words(
    within=(
        "birth", "geburt", "naissance", "nacimiento", "nascimento", "nascita", "geboorte",
        "urodzen", "narozen", "naroden", "születés", "naștere", "рожден", "народжен", "γέννησ",
        "ميلاد", "出生", "生年月日", "생년월일",
    ),
    begin=("born", "geboren", "födelse", "fødsel", "doğum", "syntymä"),
    whole=("dob", "yob"),
)
# fmt: on
_YEAR: Final = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?:[01][0-9][0-3][0-9])?(?![0-9])")
"""By itself, in a date with whatever marks, or before a month and a day as in 20120304."""


def is_of_births(heading: str) -> bool:
    """Tell whether days or years of birth stand under a heading."""
    return _OF_BIRTHS.search(folded(heading)) is not None


def tells_minor(birth: str, *, year: int) -> bool:
    """Tell whether somebody born then may have been under 18 in a year.

    Years alone are compared: who came of age in that very year may have been under it before.
    """
    return any(year - int(born) <= _OF_AGE_YEARS for born in _YEAR.findall(birth))

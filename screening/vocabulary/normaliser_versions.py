"""Normaliser versions: the first is `normalise.py`; a later one says what it makes of its forms.

A later version may take for one selector what earlier ones kept apart: a mail provider turns out to
ignore dots, a numbering plan loses a digit. It never tells apart what was one, and takes the very
spellings that the first takes. So a list that keeps the first version's forms can be read in every
later one, and a client normalises once, whatever its kit's version is. A version that cannot be
written so needs its sources imported again, and is no business of this table.
"""

from collections.abc import Callable
from typing import Final

from screening.vocabulary.selector import Canonical

FIRST_VERSION: Final = 1

LATER_VERSIONS: Final[dict[int, Callable[[Canonical], str]]] = {}
"""By version, from 2 on: the text that it makes of a canonical form of the version before.

What it has made, it leaves as it is.
"""


def newest_version() -> int:
    """Return the newest normaliser version that is known here."""
    return max(LATER_VERSIONS, default=FIRST_VERSION)


def is_known_version(version: int) -> bool:
    """Tell whether canonical forms of this normaliser version can be made here."""
    return version == FIRST_VERSION or version in LATER_VERSIONS


def in_version(canonical: Canonical, version: int) -> Canonical:
    """Return what normaliser `version` makes of the canonical form of any earlier one."""
    for step in range(FIRST_VERSION + 1, version + 1):
        canonical = Canonical(canonical.kind, LATER_VERSIONS[step](canonical))
    return canonical


def forms_until(canonical: Canonical, version: int) -> list[Canonical]:
    """Return all forms that a first version's canonical form has until `version`, each once."""
    if version == FIRST_VERSION:  # as it is for every row of most lists
        return [canonical]
    forms = (in_version(canonical, one) for one in range(FIRST_VERSION, version + 1))
    return list(dict.fromkeys(forms))

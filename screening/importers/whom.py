"""Whom a text tells of, where that is not who a file lists: kept instead of the text itself.

Texts stand far from the selectors that they are about, and one may be about thousands.
"""

from collections.abc import Callable, Iterable
from datetime import date
from enum import StrEnum
from typing import Final

from screening.importers.births import tells_birth_of_minor
from screening.importers.bystander_words import speaks_of_witness
from screening.importers.clearing_words import clears
from screening.importers.plight_words import may_tell_plight, tells_of_young
from screening.importers.victim_words import names_victim


class Whom(StrEnum):
    """Whom a text tells of, the one for whom most is at stake first.

    Each value is a remark in which `Said` hears the same.
    """

    VICTIM = "victim"
    PERHAPS_VICTIM = "in shelter"
    WITNESS = "witness"
    CLEARED = "cleared"
    ANOTHER = "disputed"


_HEARD: Final[tuple[tuple[Callable[[str], bool], Whom], ...]] = (
    (names_victim, Whom.VICTIM),
    (may_tell_plight, Whom.PERHAPS_VICTIM),
    (tells_of_young, Whom.PERHAPS_VICTIM),
    (speaks_of_witness, Whom.WITNESS),
    (clears, Whom.CLEARED),
)


def whom_told(texts: Iterable[str], *, today: date) -> set[Whom]:
    """Return whom any of some texts tells of; by a birth they have to be of age `today`."""
    told: set[Whom] = set()
    for text in texts:
        told.update(whom for hears, whom in _HEARD if whom not in told and hears(text))
        if Whom.VICTIM not in told and tells_birth_of_minor(text, today):
            told.add(Whom.VICTIM)
    return told

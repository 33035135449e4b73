"""Whether somebody is an adult: a no is of a child, and so may be an age or a day beside a yes."""

import re
from collections.abc import Callable
from datetime import date
from typing import Final

from screening.importers.age_cells import UNDER_AGE, read_age, without_other_numbers
from screening.importers.births import may_tell_birth_of_child
from screening.importers.folding import folded
from screening.importers.victim_words import AROUND_A_NO, means_no
from screening.vocabulary.cells import says_nothing

YES: Final = frozenset(
    (
        *("1", "1.0", "x", "y", "yes", "true", "t", "ja", "j", "oui", "o", "vrai", "si", "sí", "s"),
        *("sim", "verdadero", "vero", "wahr", "tak", "ano", "да", "так", "evet", "igen", "da", "✓"),
        *("✔", "☑", "نعم", "כן", "是", "はい", "예", "हाँ", "ya"),
    )
)
"""What says so, in whatever language."""
_COUNT: Final = re.compile(r"[1-9](?:\.0)?")
_NO_IN_WORDS: Final = frozenset(("nein", "no", "n", "false", "falsch"))
_FIRST_WORD: Final = re.compile(r"\W*(\w+)")


def read_adult(cell: str, today: date, *, is_of_ages: bool) -> str:
    """Return what is said of somebody of whom it is asked whether they are of age, or how old.

    A day behind a yes may be that of their birth. A cell that says nothing says so of nobody; under
    `Adult` a number up to 9 is how many they are.
    """
    said = cell.strip(AROUND_A_NO).lower()
    is_count = not is_of_ages and _COUNT.fullmatch(said) is not None
    if is_count or says_nothing(said) or said in YES:
        return cell
    if means_no(cell):
        return UNDER_AGE
    first = _FIRST_WORD.match(said)
    if first is not None and first[1] in YES and not first[1].isdecimal():
        is_child = read_age(without_other_numbers(cell)) == UNDER_AGE
        return UNDER_AGE if is_child or may_tell_birth_of_child(cell, today) else cell
    return read_age(cell)


def with_noes(read: Callable[[str], str], heading: str) -> Callable[[str], str]:
    """Return what takes a no for a child, and reads all else as it is read elsewhere.

    A 0 is one where the heading asks whether, and how many there are where it is the bare word.
    """
    noes = _NO_IN_WORDS if folded(heading).strip() == "erwachsene" else _NO_IN_WORDS | {"0"}
    return lambda cell: UNDER_AGE if cell.strip(AROUND_A_NO).lower() in noes else read(cell)

"""What may be wrong with an import though each of its rows can be taken: for a person to see."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from screening.importers.entry import Entry, Role
from screening.vocabulary.selector import Canonical, SelectorKind

MANY_COUNTRIES: Final = 5
"""One number under so many country codes was completed with guessed ones."""
_PLACES_KEPT: Final = 10
_CODE_DIGITS: Final = (1, 2, 3)  # ITU-T E.164 section 6: a country code has one to three
_ONE_DIGIT: Final = re.compile(r"(\d)\1{6,}")
_RUN: Final = re.compile("|".join(("0123456789"[at : at + 8]) for at in range(3)))

SUSPICION_SENTENCES: Final = {
    "many_countries": f"one number under {MANY_COUNTRIES} or more country codes: a guessed one?",
    "made_up_number": "a run of digits that nobody is given: a placeholder?",
    "two_roles": "a selector of a victim, and in another role too: nothing of it is published",
}


class Suspicion(NamedTuple):
    """What is suspicious, how often, and at which lines first; nothing of what stands there."""

    code: str
    times: int
    places: tuple[tuple[str, int], ...]


class Suspicions:
    """Looks at every entry of an import, and tells at its end what is suspicious."""

    def __init__(self) -> None:
        self._countries: dict[int, dict[str, tuple[str, int]]] = defaultdict(dict)
        self._victims: dict[int, bool] = {}
        self._two_roles: dict[int, tuple[str, int]] = {}
        self._made_up: list[tuple[str, int]] = []

    def look_at(self, entry: Entry) -> None:
        """Take an entry into account."""
        place = (entry.file, entry.line)
        selector = hash((entry.canonical.kind, entry.canonical.text))
        is_victim = entry.role is Role.VICTIM
        if self._victims.setdefault(selector, is_victim) != is_victim:
            self._two_roles.setdefault(selector, place)
        if entry.canonical.kind is SelectorKind.PHONE:
            code, national = _parted(entry.canonical)
            self._countries[hash(national)].setdefault(code, place)
            if _ONE_DIGIT.search(national) or _RUN.search(national):
                self._made_up.append(place)

    def found(self) -> Iterator[Suspicion]:
        """Yield what is suspicious."""
        many = [
            place
            for places in self._countries.values()
            if len(places) >= MANY_COUNTRIES
            for place in places.values()
        ]
        for code, places in (
            ("many_countries", many),
            ("made_up_number", self._made_up),
            ("two_roles", list(self._two_roles.values())),
        ):
            if places:
                yield Suspicion(code, len(places), tuple(sorted(places)[:_PLACES_KEPT]))


def country_code(phone: Canonical) -> str:
    """Return the digits of a phone's country code."""
    return _parted(phone)[0]


def _parted(canonical: Canonical) -> tuple[str, str]:
    """Return the country code of a phone, and its digits behind it."""
    digits = canonical.text.removeprefix("+")
    known = (size for size in _CODE_DIGITS if int(digits[:size]) in COUNTRY_CODE_TO_REGION_CODE)
    size = next(known, 1)
    return digits[:size], digits[size:]

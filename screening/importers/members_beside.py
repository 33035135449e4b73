"""What members that somebody has added to JSON objects say, read together with their names."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Final

from screening.importers.cells_beside import reader_of
from screening.importers.victim_words import means_no
from screening.importers.whom import whom_told
from screening.vocabulary.column_names import plain_name

_NAMES_KEPT: Final = 1_024
"""A bundle has thousands of objects with the same members."""
_CUSTOM: Final = re.compile(r"x[_-]", re.IGNORECASE)


def is_custom(name: str) -> bool:
    """Tell whether a member or a type is none of the standard's own (STIX 2.1, section 11)."""
    return name == "extensions" or _CUSTOM.match(name) is not None


def said_by_member(name: str, value: object, *, today: date) -> Iterator[str]:
    """Yield what one member says: `{"x_is_victim": true}` its name, `{"x_age": 14}` an age.

    So do those within it, however deep. By a birth date somebody has to be of age `today`.
    """
    yield from _said(name, value, today, _Denials())


def _said(name: str, value: object, today: date, denials: "_Denials") -> Iterator[str]:
    heading = plain_name(_CUSTOM.sub("", name, count=1))
    if _tells(heading, today) and not denials.says_no(value):
        yield heading
    for one in value if isinstance(value, list) else (value,):
        match one:
            case dict():
                for inner, within in one.items():
                    yield from _said(inner, within, today, denials)
            case list():
                yield from _said(name, one, today, denials)
            case bool() | int() | float() | str():
                yield reader_of(heading, has_roles=False, today=today)(_text(one))


class _Denials:
    """Which objects and arrays deny what is asked, each looked at once for all names above it."""

    def __init__(self) -> None:
        self._known: dict[int, bool] = {}

    def says_no(self, value: object) -> bool:
        """Tell whether all that there is of a value denies what its name asks, or nothing is."""
        if not isinstance(value, dict | list):
            return value is None or means_no(_text(value))
        known = self._known.get(id(value))
        if known is None:
            known = all(map(self.says_no, value.values() if isinstance(value, dict) else value))
            self._known[id(value)] = known
        return known


@lru_cache(maxsize=_NAMES_KEPT)
def _tells(heading: str, today: date) -> bool:
    return bool(whom_told([heading], today=today))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

"""What members that somebody has added to JSON objects say, read together with their names."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Final

from indexer.importers.cells_beside import Reader, reader_of
from indexer.importers.json_document import Object
from indexer.importers.victim_words import means_no
from indexer.importers.whom import whom_told
from screening.vocabulary.column_names import plain_name

_NAMES_KEPT: Final = 1_024
"""A bundle has thousands of objects with the same members."""
_CUSTOM: Final = re.compile(r"x[_-]", re.IGNORECASE)


def is_custom(name: str) -> bool:
    """Tell whether a member or a type is none of the standard's own (STIX 2.1, section 11)."""
    return name == "extensions" or _CUSTOM.match(name) is not None


def said_by_members(thing: Object, *, today: date) -> Iterator[str]:
    """Yield what all members say, however deep, and the name of each that does not say no.

    By a birth date somebody has to be of age `today`.
    """
    for name, value in thing.items():
        yield from said_by_member(name, value, today=today)


def said_by_member(name: str, value: object, *, today: date) -> Iterator[str]:
    """Yield what one member says: `{"x_is_victim": true}` its name, `{"x_age": 14}` an age."""
    heading = plain_name(_CUSTOM.sub("", name, count=1))
    if _tells(heading, today) and not _says_no(value):
        yield heading
    for one in value if isinstance(value, list) else (value,):
        match one:
            case dict():
                yield from said_by_members(one, today=today)
            case list():
                yield from said_by_member(name, one, today=today)
            case bool() | int() | float() | str():
                yield _reader_of(heading, today)(_text(one))


@lru_cache(maxsize=_NAMES_KEPT)
def _tells(heading: str, today: date) -> bool:
    return bool(whom_told([heading], today=today))


@lru_cache(maxsize=_NAMES_KEPT)
def _reader_of(heading: str, today: date) -> Reader:
    return reader_of(heading, has_roles=False, today=today)


def _says_no(value: object) -> bool:
    """Tell whether all that there is of a value denies what its name asks, or nothing is there."""
    if isinstance(value, dict | list):
        return all(map(_says_no, value.values() if isinstance(value, dict) else value))
    return value is None or means_no(_text(value))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

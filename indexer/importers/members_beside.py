"""What members that somebody has added to JSON objects say, read together with their names."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from indexer.importers.cells_beside import reader_of
from indexer.importers.json_document import Object
from indexer.importers.victim_words import means_no
from screening.vocabulary.column_names import plain_name

_CUSTOM: Final = re.compile(r"x[_-]")


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
    match value:
        case dict():
            yield from said_by_members(value, today=today)
        case list():
            for one in value:
                yield from said_by_member(name, one, today=today)
        case bool() | int() | float() | str():
            heading = plain_name(_CUSTOM.sub("", name, count=1))
            text = str(value).lower() if isinstance(value, bool) else str(value)
            if not means_no(text):
                yield heading
            yield reader_of(heading, has_roles=False, today=today)(text)

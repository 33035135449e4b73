"""JSON that somebody else has written: bounded when it is read, and doubted when it is used."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, Final

import msgspec

from screening.vocabulary.errors import OperatorError
from screening.vocabulary.given_once import is_given_twice
from screening.vocabulary.unreadable import UNREADABLE

MAX_BYTES: Final = 64 << 20
MAX_LEVELS: Final = 200
"""Of objects and arrays within one another: whoever walks them takes some calls for each, of the
1,000 that Python lets stand."""
Object = Mapping[str, Any]


def read_json(stream: BinaryIO, *, file: str) -> object:
    """Return what a document says.

    Raises `OperatorError` where it is no JSON, more than 64 MiB, deeper than `MAX_LEVELS`, or
    leaves open what it says: of two members of one name readers take the first, the last or both
    (RFC 8259, section 4).
    """
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise OperatorError(f"{file} has more than 64 MiB; export it in several parts")
    unread = OperatorError(f"{file} is no JSON in UTF-8, or nested too deeply; export it again")
    try:
        content = content.removeprefix(b"\xef\xbb\xbf")
        document: object = msgspec.json.decode(content)
    except UNREADABLE:
        raise unread from None
    if _is_too_deep(document):
        raise unread
    if is_given_twice(content, document):
        raise OperatorError(
            f"{file} has an object with two members of one name, one of which may speak of a "
            "victim; export it again"
        )
    return document


def _is_too_deep(document: object) -> bool:
    level = [document]
    for _ in range(MAX_LEVELS):
        level = [inner for outer in level for inner in _within(outer)]
    return any(isinstance(one, dict | list) for one in level)


def _within(value: object) -> Iterable[object]:
    """Return what stands in an object or an array; of a value that is neither, nothing."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def objects_in(value: object) -> Iterator[Object]:
    """Yield the objects of an array, or of something that should be one; others are passed over."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield one


def objects_of_bundles(document: object) -> list[Object]:
    """Return the objects of a STIX bundle, of an array of bundles, or without a bundle."""
    found: list[Object] = []
    for one in objects_in(document):
        found += objects_in(one["objects"]) if "objects" in one else [one]
    return found


def text_of(thing: Object, *names: str) -> str:
    """Return the first of the members so named that is a text or a whole number; empty if none."""
    for name in names:
        value = thing.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return ""


def texts_of(thing: Object, *names: str) -> list[str]:
    """Return the texts of all arrays so named."""
    arrays = (value for name in names if isinstance(value := thing.get(name), list))
    return [one for array in arrays for one in array if isinstance(one, str)]


def texts_within(value: object) -> Iterator[str]:
    """Yield every text in a value, however deep, and no name of a member."""
    if isinstance(value, str):
        yield value
    for one in _within(value):
        yield from texts_within(one)


def is_set(thing: Object, name: str) -> bool:
    """Tell whether a flag is set, as JSON or as forms spell it."""
    value = thing.get(name)
    return value in (True, 1) or (isinstance(value, str) and value.lower() in ("1", "true"))

"""Finds where a member is given twice in an object, which a request is refused for.

JSON and MessagePack do not say which of two counts (RFC 8259 section 4), and msgspec takes the
last: of two `selectors` the first would not be looked up, and its sender could take the answer to
the second for a "no". What reads requests on the way to us may take the first.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from screening.vocabulary.errors import InvalidRequest

_MEMBERS: Final = 3
"""Of a request: key_id, key_check and selectors, of which two are strings."""
_ROW_MEMBERS: Final = 2
"""Of a row: kind and token, both strings."""
_encode = msgspec.msgpack.Encoder().encode
_rows_decoder = msgspec.msgpack.Decoder(list[msgspec.Raw])


def require_given_once(body: bytes, rows: int, *, optional: int = 0) -> None:
    """Raise `InvalidRequest` where a name stands twice in an object of a JSON request.

    The request has been found to have every member of the contract and no other, `rows` rows, and
    `optional` of the members that may be left out, which are strings.
    So it holds so many strings and names, each between two quotation marks, unless one is repeated.
    """
    marks = 2 * (_MEMBERS + 2 + 2 * optional + 2 * _ROW_MEMBERS * rows)
    if body.count(b'"') != marks and _marks(body) != marks:
        raise _given_twice()


def is_given_twice(body: bytes, document: object) -> bool:
    """Tell whether a name stands twice in any object of JSON, which was decoded as `document`.

    That has one of them, and writes fewer strings.
    """
    return _marks(body) != _marks(msgspec.json.encode(document))


def require_given_once_in_map(body: bytes, *, optional: int = 0) -> None:
    """Raise `InvalidRequest` where a name stands twice in the outermost map of `body`.

    It is a request in MessagePack, found to have every member of the contract and no other, and
    `optional` of the members that may be left out.
    """
    if not body.startswith(_map_heads(_MEMBERS + optional)):
        raise _given_twice()


def require_given_once_in_rows(packed: bytes, rows: Sequence[msgspec.Struct]) -> None:
    """Raise `InvalidRequest` where a name stands twice in a row of an array, read as `rows`.

    The array's own head is in the shortest form.
    """
    # With rows in that form too, as most libraries write them, it is as long as our own writing.
    if len(_encode(rows)) == len(packed):
        return
    heads = _map_heads(_ROW_MEMBERS)
    if not all(bytes(row).startswith(heads) for row in _rows_decoder.decode(packed)):
        raise _given_twice()


def without_escapes(body: bytes) -> bytes:
    """Return JSON in which every quotation mark begins or ends a string."""
    return body.replace(b"\\\\", b"").replace(b'\\"', b"")


def _marks(body: bytes) -> int:
    """Count the quotation marks around strings of valid JSON, and none that stands within one."""
    return without_escapes(body).count(b'"')


def _map_heads(count: int) -> tuple[bytes, ...]:
    """Return the three ways to begin a map of `count` members: fixmap, map 16 and map 32."""
    return (
        bytes([0x80 | count]),
        b"\xde" + count.to_bytes(2, "big"),
        b"\xdf" + count.to_bytes(4, "big"),
    )


def _given_twice() -> InvalidRequest:
    return InvalidRequest("a member is given twice; see /docs")

"""Refuses a bulk question in JSON that has more rows than one may, before it is decoded.

The bound on a list is looked at when all of it has been decoded: a million numbers in two megabytes
held the one event loop for a seventh of a second (measured). Separators are counted in a tenth of
that, and in a question that is answered in less than a fiftieth of what reading it takes.
"""

from typing import Final

from screening.vocabulary.errors import InvalidRequest
from screening.vocabulary.given_once import without_escapes
from screening.vocabulary.wire import BULK_MAX_SELECTORS, CheckRequest

_MEMBERS: Final = len(CheckRequest.__struct_fields__)
"""Of a request at most; all but the selectors are strings."""
_COMMAS: Final = (_MEMBERS - 1) + (BULK_MAX_SELECTORS - 1) + BULK_MAX_SELECTORS
"""Between members, between rows, and between the two members of each row."""
_MARKS: Final = 2 * (_MEMBERS + (_MEMBERS - 1) + 4 * BULK_MAX_SELECTORS)
"""Two around each name and string; a row has two of either."""


def require_rows_bounded(body: bytes) -> None:
    """Raise `InvalidRequest` where a body has more rows and members than a bulk question may have.

    What passes has few enough to be decoded; whether it is JSON is for the decoder to say.
    """
    if body.count(b",") <= _COMMAS:
        return
    # A row may be any two strings, with commas in them: an odd one is `invalid`, not refused.
    plain = without_escapes(body)
    if plain.count(b'"') <= _MARKS:
        outside = plain.split(b'"')[::2]
        if sum(part.count(b",") for part in outside) <= _COMMAS:
            return
    raise InvalidRequest(
        f"the body has more than {BULK_MAX_SELECTORS} selectors can have; see /docs",
        pointer="#/selectors",
    )

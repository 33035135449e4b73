"""The headers that every answer carries, whoever made it."""

import os
from collections.abc import Iterator
from typing import Final

_REQUEST_ID_CHARACTERS: Final = 16
_DRAWN_AT_A_TIME: Final = 512
_FIXED: Final = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


def own_headers(request_id: bytes) -> list[tuple[bytes, bytes]]:
    """Return `Cache-Control: no-store`, our own `X-Request-Id`, and no guessing of media types."""
    return [*_FIXED, (b"x-request-id", request_id)]


def request_ids() -> Iterator[bytes]:
    """Yield random ids without end.

    Random, since a count would tell each partner how much the others ask; drawn many at a time,
    since asking the system for each would cost a hundredth of a request.
    """
    while True:
        drawn = os.urandom(_DRAWN_AT_A_TIME * _REQUEST_ID_CHARACTERS // 2).hex().encode()
        for start in range(0, len(drawn), _REQUEST_ID_CHARACTERS):
            yield drawn[start : start + _REQUEST_ID_CHARACTERS]

"""The headers that every answer carries, whoever made it."""

import os
from collections.abc import Iterator
from typing import Final

_REQUEST_ID_CHARACTERS: Final = 16
_DRAWN_AT_A_TIME: Final = 512
# Why these and no others: docs/decisions/0024-hygiene.md. Made once: each request only lists them.
_FIXED: Final = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


def own_headers(request_id: bytes) -> list[tuple[bytes, bytes]]:
    """Return what forbids to keep, guess at, show or embed an answer, and our `X-Request-Id`."""
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

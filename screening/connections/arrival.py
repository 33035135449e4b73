"""When the body of a request had come, so that it can be told how long it has waited since."""

import time
from collections.abc import Mapping
from typing import Final, cast

from litestar.types import HTTPScope

BODY_IS_HERE: Final = "screening.body-is-here"
"""ASGI extension: all of the body has come, so that nobody has to wait for it in vain.

`at` is the moment of the monotonic clock, in seconds, from which on its request waits for nothing
but the event loop: that at which its end was read, or the one before it on the connection answered.
"""


def body_is_here() -> dict[str, dict[object, object]]:
    """Return the extensions of a request that waits for nothing but the event loop from now on."""
    return {BODY_IS_HERE: {"at": time.monotonic()}}


def waited_s(scope: HTTPScope) -> float:
    """Return how long a request whose body has come has waited for the event loop, in seconds.

    0 where nothing tells when it came.
    """
    here = (scope.get("extensions") or {}).get(BODY_IS_HERE)
    return time.monotonic() - cast("Mapping[str, float]", here)["at"] if here else 0.0

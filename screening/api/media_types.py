"""Which form of an answer the caller likes best (RFC 9110 section 12.5.1)."""

import functools
import re
from typing import Final

_WEIGHT: Final = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


def media_type_of(content_type: bytes) -> str:
    """Return the media type that a `Content-Type` names, without its parameters."""
    return content_type.partition(b";")[0].strip().lower().decode("latin-1")


@functools.lru_cache(maxsize=256)
def find_acceptable(accept: bytes, offered: tuple[str, ...]) -> str | None:
    """Return which of `offered` an Accept header likes best, the first of equals; None for none.

    No header and an empty one (`b""`) accept everything.
    """
    weights = _weights(accept)
    if not weights:
        return offered[0]
    best = max(offered, key=lambda media_type: _weight(media_type, weights))
    return best if _weight(best, weights) > 0 else None


def _weights(accept: bytes) -> dict[str, float]:
    weights = {}
    for part in accept.decode("latin-1").lower().split(","):
        media_range, *parameters = (piece.strip() for piece in part.split(";"))
        if media_range:
            found = (_WEIGHT.fullmatch(parameter) for parameter in parameters)
            weights[media_range] = next((float(weight[1]) for weight in found if weight), 1.0)
    return weights


def _weight(media_type: str, weights: dict[str, float]) -> float:
    # The most specific range that fits is the one that counts.
    for media_range in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        if media_range in weights:
            return weights[media_range]
    return 0.0

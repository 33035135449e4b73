"""When a question is asked once more, and how long after the first attempt."""

from typing import Final

from screening.vocabulary.errors import Unknown

FIRST_SHARE: Final = 0.6
"""Part of the time that the first attempt may take: a stalled one leaves a second its turn."""
_PAUSE_S: Final = 0.01


def find_pause(error: Unknown, *, left_s: float) -> float | None:
    """Return how many seconds to wait before asking once more, or None not to."""
    if error.matches:  # A certain match is worth more than another try.
        return None
    match error.reason:
        case "timeout" | "connection":
            pause_s = _PAUSE_S
        case "overloaded":
            pause_s = max(_PAUSE_S, error.retry_after_s or 0)
        case _:
            return None
    return pause_s if pause_s < left_s else None

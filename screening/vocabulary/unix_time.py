"""Unix time, in which moments are told: it leaves leap seconds out (POSIX), so days are alike."""

from typing import Final

DAY_S: Final = 86_400
HOUR_S: Final = 3_600
_MINUTE_S: Final = 60


def duration(seconds: int) -> str:
    """Return how long so many seconds are, in whole units of which there are two: `5 min`."""
    for size, name in ((DAY_S, "d"), (HOUR_S, "h"), (_MINUTE_S, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {name}"
    return f"{seconds} s"

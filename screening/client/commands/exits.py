"""Exit codes of `gen-screen`; the only place that gives errors a number; `--help` lists them.

Those above 63 are of BSD's sysexits.h: 69 EX_UNAVAILABLE, 75 EX_TEMPFAIL, 77 EX_NOPERM,
78 EX_CONFIG, 65 EX_DATAERR.
"""

from typing import Final

from screening.client.unwritten import OutputUnwritten
from screening.vocabulary.errors import (
    Forbidden,
    KitMismatch,
    KitRefused,
    NotProven,
    QuotaExceeded,
    ScreeningError,
    Unauthenticated,
    Unknown,
    UnknownKeyId,
)

NO_MATCH: Final = 0
DONE: Final = 0
BAD_INPUT: Final = 2
MATCH: Final = 10
PROVEN: Final = 0
NOT_PROVEN: Final = 65
NOT_KNOWN: Final = 69

_CODES: Final[tuple[tuple[type[ScreeningError] | tuple[type[ScreeningError], ...], int], ...]] = (
    (Unknown, NOT_KNOWN),
    (OutputUnwritten, NOT_KNOWN),
    (NotProven, NOT_PROVEN),
    (QuotaExceeded, 75),
    ((Unauthenticated, Forbidden), 77),
    ((UnknownKeyId, KitMismatch, KitRefused), 78),
)


def exit_code(error: ScreeningError) -> int:
    """Return the exit code that tells a script what became of its question."""
    return next((code for kinds, code in _CODES if isinstance(error, kinds)), BAD_INPUT)

"""Exit codes of `indexer`; the only place that gives errors a number; `--help` lists them.

Those above 63 are of BSD's sysexits.h: 69 EX_UNAVAILABLE, 74 EX_IOERR.
"""

from typing import Final

from screening.installation import EXIT_INTERRUPTED
from screening.vocabulary.errors import (
    LedgerUnavailable,
    PublishRefused,
    ScreeningError,
    SpoolRefused,
    StoreUnavailable,
    Untrusted,
)

USAGE: Final = 2
REJECTS: Final = 3
REFUSED: Final = 4
STORE: Final = 69
IO: Final = 74
INTERRUPTED: Final = EXIT_INTERRUPTED


def exit_code(error: ScreeningError) -> int:
    """Return the exit code that tells a script what became of its command."""
    match error:
        case PublishRefused() | SpoolRefused():
            return REFUSED
        case StoreUnavailable() | Untrusted():
            return STORE
        case LedgerUnavailable():
            return IO
        case _:
            return USAGE

"""Waits for files of the down spool, without keeping other commands of the indexer away."""

import time
from collections.abc import Callable
from typing import Final

from indexer.settings import IndexerSettings
from screening.spools.folder import SpoolFolder
from screening.vocabulary.errors import ScreeningError

_LOOK_EVERY_S: Final = 0.5
_TRY_AGAIN_S: Final = 30.0
"""What was refused may be due by then, and a store may be back."""


def watch_spool(
    settings: IndexerSettings, apply_all: Callable[[], None], tell: Callable[[str], None]
) -> None:
    """Have files applied as they come, until interrupted; what is refused is told once."""
    down = SpoolFolder(settings.spool, "down")
    seen, tried_at, told = None, 0.0, ""
    while True:
        there = down.versions()
        if there != seen or (told and time.monotonic() > tried_at + _TRY_AGAIN_S):
            seen, tried_at = there, time.monotonic()
            try:
                apply_all()
                told = ""
            except ScreeningError as error:
                if str(error) != told:
                    tell(str(error))
                told = str(error)
        time.sleep(_LOOK_EVERY_S)

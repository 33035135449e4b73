"""Waits for files of the down spool, without keeping other commands of the indexer away."""

import time
from collections.abc import Callable
from typing import Final

from indexer.settings import IndexerSettings
from screening.commands import file_sentence
from screening.spools.folder import SpoolFolder
from screening.vocabulary.errors import ScreeningError, SpoolRefused

_LOOK_EVERY_S: Final = 0.5
_REFUSED_AGAIN_S: Final = 30.0
"""What was refused may be due by then."""
_FAILED_AGAIN_S: Final = 1.0
"""Another command may have ended by then, and a store may be back."""


def watch_spool(
    settings: IndexerSettings, apply_all: Callable[[], None], tell: Callable[[str], None]
) -> None:
    """Have files applied as they come, until interrupted; what is refused is told once."""
    down = SpoolFolder(settings.spool, "down")
    seen, told, again_at = None, "", 0.0
    while True:
        there = down.versions()
        if there != seen or (told and time.monotonic() > again_at):
            seen, before, told = there, told, ""
            try:
                apply_all()
            except OSError as error:  # a full disk, as a rule: a store that is away raises ours
                told, again_at = file_sentence(error), time.monotonic() + _FAILED_AGAIN_S
            except ScreeningError as error:
                told = str(error)
                is_refused = isinstance(error, SpoolRefused)
                again_at = time.monotonic() + (_REFUSED_AGAIN_S if is_refused else _FAILED_AGAIN_S)
            if told not in ("", before):
                tell(told)
        time.sleep(_LOOK_EVERY_S)

"""Waits for files of the down spool, without keeping other commands of the indexer away."""

import time
from collections.abc import Callable, Sequence
from math import inf
from typing import Final, NamedTuple

from indexer.settings import IndexerSettings
from screening.commands import file_sentence
from screening.spools.folder import SpoolFolder
from screening.vocabulary.errors import ScreeningError, SpoolRefused

_LOOK_EVERY_S: Final = 0.5
_REFUSED_AGAIN_S: Final = 30.0
"""What was refused may be due by then."""
_FAILED_AGAIN_S: Final = 1.0
"""Another command may have ended by then, and a store may be back."""
_TELL_EVERY_S: Final = 60.0
"""Other commands change what is in force, too: they add partners, and rotate keys."""
_COUNT_EVERY_S: Final = 3_600.0
"""Counts change with each question, and a file for each would fill the spool."""


class WatchedSteps(NamedTuple):
    """What is done: with each file, behind it, and once an hour.

    What is told beside is each on its own: one that fails keeps none of the others back.
    """

    apply_all: Callable[[], object]
    tell_beside: Sequence[Callable[[], object]]
    tell_usage: Callable[[], object]


class _Step:
    """What is done again and again; what goes wrong with it is told once."""

    def __init__(self, do: Callable[[], object], tell: Callable[[str], None]) -> None:
        self._do = do
        self._tell = tell
        self._trouble = ""
        self._again_at = 0.0

    def is_due(self) -> bool:
        """Tell whether it is to be done, whatever has come."""
        return time.monotonic() > self._again_at

    def take(self, *, again_s: float) -> None:
        """Do it; it is due again after so many seconds, sooner where it went wrong."""
        before, self._trouble = self._trouble, ""
        try:
            self._do()
        except OSError as error:  # a full disk, as a rule: a store that is away raises ours
            self._trouble, again_s = file_sentence(error), _FAILED_AGAIN_S
        except ScreeningError as error:
            self._trouble = str(error)
            again_s = _REFUSED_AGAIN_S if isinstance(error, SpoolRefused) else _FAILED_AGAIN_S
        self._again_at = time.monotonic() + again_s
        if self._trouble not in ("", before):
            self._tell(self._trouble)


def watch_spool(
    settings: IndexerSettings, steps: WatchedSteps, tell: Callable[[str], None]
) -> None:
    """Have files applied as they come, and all else told behind them, until interrupted."""
    down = SpoolFolder(settings.spool, "down")
    applying, counting = _Step(steps.apply_all, tell), _Step(steps.tell_usage, tell)
    beside = [_Step(step, tell) for step in steps.tell_beside]
    seen: object = None
    while True:
        there = down.versions()
        has_come = there != seen
        if has_come or applying.is_due():
            seen = there
            applying.take(again_s=inf)
        for telling in beside:
            if has_come or telling.is_due():
                telling.take(again_s=_TELL_EVERY_S)
        if counting.is_due():
            counting.take(again_s=_COUNT_EVERY_S)
        time.sleep(_LOOK_EVERY_S)

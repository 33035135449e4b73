"""Waits for files of the down spool, without keeping other commands of the indexer away."""

import sqlite3
import time
from collections.abc import Callable, Sequence
from math import inf
from typing import Final, NamedTuple

from indexer.list.database import list_file_sentence
from indexer.settings import IndexerSettings
from screening.commands import file_sentence
from screening.spools.folder import SpoolFolder
from screening.trouble import Trouble, defect_sentence
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


class _Look:
    """A look into the folder; `has_come` says whether anything is there since the one before."""

    def __init__(self, down: SpoolFolder) -> None:
        self._down = down
        self._seen: object = None
        self.has_come = False

    def take(self) -> None:
        """Look; raises `OSError` where the folder cannot be read: then nothing is known to come."""
        self.has_come = False
        there = self._down.versions()
        self.has_come, self._seen = there != self._seen, there


class _Step:
    """What is done again and again; what goes wrong with it is told, and ends nothing."""

    def __init__(
        self,
        do: Callable[[], object],
        tell: Callable[[str], None],
        monotonic: Callable[[], float],
    ) -> None:
        self._do = do
        self._trouble = Trouble(tell, monotonic)
        self._monotonic = monotonic
        self._again_at = 0.0

    def is_due(self) -> bool:
        """Tell whether it is to be done, whatever has come."""
        return self._monotonic() > self._again_at

    def take(self, *, again_s: float) -> None:
        """Do it; it is due again after so many seconds, sooner where it went wrong."""
        trouble: str | None = None
        try:
            self._do()
        except OSError as error:  # a full disk, as a rule: a store that is away raises ours
            trouble, again_s = file_sentence(error), _FAILED_AGAIN_S
        except ScreeningError as error:
            trouble = str(error)
            again_s = _REFUSED_AGAIN_S if isinstance(error, SpoolRefused) else _FAILED_AGAIN_S
        except sqlite3.Error as error:
            trouble, again_s = list_file_sentence(error), _FAILED_AGAIN_S
        except Exception as error:
            trouble, again_s = defect_sentence(error), _REFUSED_AGAIN_S
        self._again_at = self._monotonic() + again_s
        self._trouble.note(trouble)


def watch_spool(
    settings: IndexerSettings,
    steps: WatchedSteps,
    tell: Callable[[str], None],
    *,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Have files applied as they come, and all else told behind them, until interrupted."""

    def step(do: Callable[[], object]) -> _Step:
        return _Step(do, tell, monotonic)

    look = _Look(SpoolFolder(settings.spool, "down"))
    looking, applying, counting = map(step, (look.take, steps.apply_all, steps.tell_usage))
    beside = [step(one) for one in steps.tell_beside]
    while True:
        looking.take(again_s=0)
        if look.has_come or applying.is_due():
            applying.take(again_s=inf)
        for telling in beside:
            if look.has_come or telling.is_due():
                telling.take(again_s=_TELL_EVERY_S)
        if counting.is_due():
            counting.take(again_s=_COUNT_EVERY_S)
        sleep(_LOOK_EVERY_S)

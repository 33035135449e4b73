"""The thread of the service that exchanges files with the indexer, as long as it serves."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final

from sqlalchemy.exc import DBAPIError

from screening.trouble import Trouble, defect_sentence
from screening.vocabulary.errors import ScreeningError

_log = logging.getLogger(__name__)
_LOOK_EVERY_S: Final = 0.5
_JOIN_S: Final = 10.0


Step = Callable[[], object]


class Turns:
    """Takes a turn when it is nudged, and twice a second.

    `trouble` is why nothing leaves, None where the last turn knows of nothing. `monotonic` gives
    seconds.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._nudged = threading.Event()
        self._ended = threading.Event()
        self._troubles: dict[str, Trouble] = {}
        self.trouble: str | None = None

    def nudge(self) -> None:
        """Say that something waits."""
        self._nudged.set()

    @contextmanager
    def taken(self, take_turn: Callable[[], None]) -> Iterator[None]:
        """Take turns until the block ends; the one that is being taken then is finished."""
        thread = threading.Thread(target=self._run, args=(take_turn,), name="exchange")
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            self._nudged.set()
            thread.join(_JOIN_S)

    def take(self, leaving: Sequence[Step], chores: Mapping[str, Step]) -> None:
        """Do what has files leave, then the chores, by their names, each whatever became of others.

        What goes wrong is told; with a chore nobody's page is concerned.
        """
        troubles = [_tried(step) for step in leaving]
        self.trouble = next((one for one in troubles if one), None)
        self._note("the spools cannot be used", self.trouble)
        for name, step in chores.items():
            self._note(f"{name} could not be done", _tried(step))

    def _note(self, of: str, what: str | None) -> None:
        if of not in self._troubles:
            self._troubles[of] = Trouble(partial(_log.error, "%s: %s", of), self._monotonic)
        self._troubles[of].note(what)

    def _run(self, take_turn: Callable[[], None]) -> None:
        while not self._ended.is_set():
            self._nudged.clear()
            take_turn()
            self._nudged.wait(_LOOK_EVERY_S)


def _tried(step: Step) -> str | None:
    """Take a step; return why it could not be done."""
    try:
        step()
    except ScreeningError as error:
        return str(error)
    except DBAPIError:
        return "the database cannot be used; it is tried again"
    except OSError as error:
        return f"{error.filename}: {error.strerror}; it is tried again"
    except Exception as error:
        return defect_sentence(error)
    return None

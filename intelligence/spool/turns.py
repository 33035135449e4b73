"""The thread of the service that exchanges files with the indexer, as long as it serves."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError

from screening.vocabulary.errors import ScreeningError

_log = logging.getLogger(__name__)
_LOOK_EVERY_S: Final = 0.5
_JOIN_S: Final = 10.0


Step = Callable[[], object]


class Turns:
    """Takes a turn when it is nudged, and twice a second.

    `trouble` is why nothing leaves, None where the last turn knows of nothing.
    """

    def __init__(self) -> None:
        self._nudged = threading.Event()
        self._ended = threading.Event()
        self._not_done: dict[str, str | None] = {}
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

        What goes wrong is told once; with a chore nobody's page is concerned.
        """
        troubles = [_tried(step) for step in leaving]
        before, self.trouble = self.trouble, next((one for one in troubles if one), None)
        if self.trouble not in (None, before):
            _log.error("the spools cannot be used: %s", self.trouble)
        for name, step in chores.items():
            why = _tried(step)
            if why not in (None, self._not_done.get(name)):
                _log.error("%s could not be done: %s", name, why)
            self._not_done[name] = why

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
    except Exception as error:  # a defect: its text may hold what somebody typed
        return f"a defect ({type(error).__name__}); report it"
    return None

"""What each person has done within 24 hours, counted from what is on record.

So no restart forgets it, and no column of a time is asked, which says what whoever writes in the
database has it say.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Generic, NamedTuple, TypeVar
from uuid import UUID

from intelligence.ledger_lines import Line, WholeLedger
from screening.vocabulary.unix_time import DAY_S

RETRACTED: Final = "selector retracted"
SUBMITTED: Final = "change submitted"
OFF_BY_HAND: Final = "off_by_hand"
"""The fact of how many of whom a change takes off hands had taken off already."""
What = TypeVar("What")


@dataclass(slots=True, eq=False)
class Done(Generic[What]):
    """Something that was done, and when (Unix seconds)."""

    at: float
    what: What
    is_on_record: bool = True


class InADay(Generic[What]):
    """What the events of these names say, each read from its record; None of what says nothing.

    What cannot be read is `told` by the id of the file, and all is read anew once it can be.
    """

    def __init__(
        self,
        ledger: Path,
        clock: Callable[[], float],
        told: Callable[[str], None],
        *,
        events: Collection[str],
        read: Callable[[Line], What | None],
    ) -> None:
        """`clock` gives Unix seconds."""
        self._ledger = WholeLedger(ledger, told, clock)
        self._clock = clock
        self._events = events
        self._read = read
        self._lock = threading.Lock()
        self._all: dict[str, list[Done[What]]] | None = None

    def load(self) -> None:
        """Look the ledger through, where that was not done: while nobody waits for the database."""
        with self._lock:
            self._known()

    def of(self, actor: str) -> Sequence[Done[What]]:
        """Return what somebody has done within 24 hours."""
        with self._lock:
            now, known = self._clock(), self._known()
            left = [one for one in known[actor] if one.at > now - DAY_S]
            for one in left:  # of a clock that was ahead, and is set back, it is a day from now on
                one.at = min(one.at, now)
            known[actor] = left
            return tuple(left)

    def is_all(self) -> bool:
        """Tell whether all could be read that may be of these 24 hours; else there may be more."""
        with self._lock:
            self._known()
            return self._ledger.is_all(datetime.fromtimestamp(self._clock() - DAY_S, UTC))

    def add(self, actor: str, what: What, *, is_on_record: bool = True) -> Done[What]:
        """Count what somebody does now; it may be on record later alone."""
        with self._lock:
            done = Done(self._clock(), what, is_on_record)
            self._known()[actor].append(done)
            return done

    def take_back(self, actor: str, done: Done[What]) -> None:
        """Count something no more that came to nothing."""
        with self._lock:
            known = self._known()
            known[actor] = [one for one in known[actor] if one is not done]

    def _known(self) -> dict[str, list[Done[What]]]:
        if self._all is None or self._ledger.can_be_more():
            before, self._all = self._all or {}, self._on_record(self._clock() - DAY_S)
            for actor, done in before.items():
                self._all[actor] += [one for one in done if not one.is_on_record]
        return self._all

    def _on_record(self, since: float) -> dict[str, list[Done[What]]]:
        """Return what everybody has done since a time in Unix seconds, by their ids.

        All of the ledger is looked through, once after a start: of a clock that was wrong for a
        while, older lines stand behind later ones. A million take some four seconds.
        """
        found: dict[str, list[Done[What]]] = defaultdict(list)
        for line in self._ledger.lines(self._events):
            at = _moment(line)
            if at is None or at <= since or line["event"] not in self._events:
                continue
            what = self._read(line)
            if what is not None:
                found[str(line["actor"])].append(Done(at, what))
        return found


class Submission(NamedTuple):
    """A change that was submitted; hands had taken off by then so many of whom it takes off."""

    change_id: UUID
    off_by_hand: int


def submissions(
    ledger: Path, clock: Callable[[], float], told: Callable[[str], None]
) -> InADay[Submission]:
    """Return which changes each has submitted; `told` as of `InADay`."""
    return InADay(ledger, clock, told, events=(RETRACTED, SUBMITTED), read=_submission_of)


def _submission_of(line: Line) -> Submission | None:
    off_by_hand = line.get(OFF_BY_HAND)
    try:
        change_id = UUID(str(line.get("change")))
    except ValueError:
        return None
    return Submission(change_id, off_by_hand if isinstance(off_by_hand, int) else 0)


def _moment(line: Line) -> float | None:
    """Return when something happened; None of what cannot be read."""
    try:
        return datetime.fromisoformat(str(line["at"])).astimezone(UTC).timestamp()
    except ValueError:
        return None

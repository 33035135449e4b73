"""How many rows of files one person may hold against the list in a day.

Of each row they are told whether its selector is listed: without a bound, one person who may import
could ask so of all numbers of a town. What they have read is counted from what is on record, so no
restart forgets it.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from intelligence.errors import FormRefused
from intelligence.journal import Journal
from intelligence.ledger_lines import Line, latest_first
from intelligence.staff.sessions import SignedIn
from screening.vocabulary.unix_time import DAY_S

READ: Final = ("file uploaded", "upload read anew")
"""The events by which rows are read; `readable` is of how many selectors are told."""


@dataclass(slots=True)
class _Taken:
    at: float
    rows: int


class RowBudget:
    """What each has left of `per_day` rows within 24 hours; `clock` gives Unix seconds."""

    def __init__(
        self, per_day: int, ledger: Path, journal: Journal, clock: Callable[[], float]
    ) -> None:
        self._ledger = ledger
        self._journal = journal
        self._clock = clock
        self._per_day = per_day
        self._lock = threading.Lock()
        self._taken: dict[str, list[_Taken]] | None = None

    @contextmanager
    def taking(self, who: SignedIn, rows: int) -> Iterator[None]:
        """Count rows that are read within the block, which puts that on record.

        None of them where the block fails: nothing is told of any then. Raises `FormRefused` where
        fewer are left, once that is on record.
        """
        taken = self._take(who, rows)
        try:
            yield
        except BaseException:
            self._give_back(who, taken)
            raise

    def _take(self, who: SignedIn, rows: int) -> _Taken:
        with self._lock:
            left = self._per_day - self._in_a_day(who)
            if rows <= left:
                taken = _Taken(self._clock(), rows)
                self._all()[who.actor].append(taken)
                return taken
        self._journal.record(who.actor, "upload beyond the bound", rows=rows, left=left)
        raise FormRefused(
            f"one person may have {self._per_day} rows held against the list within 24 hours, and "
            f"{left} are left of yours: upload fewer, wait, or have whoever runs the service "
            "allow more"
        )

    def _give_back(self, who: SignedIn, taken: _Taken) -> None:
        with self._lock:
            every = self._all()[who.actor]
            self._all()[who.actor] = [one for one in every if one is not taken]

    def _in_a_day(self, who: SignedIn) -> int:
        now = self._clock()
        taken = [one for one in self._all()[who.actor] if one.at > now - DAY_S]
        for one in taken:  # of a clock that was ahead, and is set back, it is a day from now on
            one.at = min(one.at, now)
        self._all()[who.actor] = taken
        return sum(one.rows for one in taken)

    def _all(self) -> dict[str, list[_Taken]]:
        if self._taken is None:
            self._taken = _on_record(self._ledger, self._clock() - DAY_S)
        return self._taken


def _on_record(ledger: Path, since: float) -> dict[str, list[_Taken]]:
    """Return what everybody has read since a time in Unix seconds, by their ids.

    All of the ledger is looked through, at the first file after a start: of a clock that was wrong
    for a while, older lines stand behind later ones. A million take some four seconds.
    """
    found: dict[str, list[_Taken]] = defaultdict(list)
    for line in latest_first(ledger, naming=READ):
        at, rows = _moment(line), line.get("readable")
        if at is not None and at > since and line["event"] in READ and isinstance(rows, int):
            found[str(line["actor"])].append(_Taken(at, rows))
    return found


def _moment(line: Line) -> float | None:
    """Return when something happened; None of what cannot be read."""
    try:
        return datetime.fromisoformat(str(line["at"])).astimezone(UTC).timestamp()
    except ValueError:
        return None

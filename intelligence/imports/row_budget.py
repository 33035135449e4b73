"""How many rows of files one person may hold against the list in a day.

Of each row they are told whether its selector is listed: without a bound, one person who may import
could ask so of all numbers of a town. What they have read is counted from what is on record, so no
restart forgets it.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from intelligence.curation.in_a_day import Done, InADay
from intelligence.errors import FormRefused
from intelligence.journal import Journal
from intelligence.ledger_lines import Line
from intelligence.staff.sessions import SignedIn

READ: Final = ("file uploaded", "upload read anew")
"""The events by which rows are read; `readable` is of how many selectors are told."""
_NOT_KNOWN: Final = (
    "part of what is on record cannot be read, so nobody knows how many rows were held against the "
    "list for you within 24 hours; have whoever runs the service verify the ledger, and upload "
    "this once it can be read"
)


class RowBudget:
    """What each has left of `per_day` rows within 24 hours; `clock` gives Unix seconds."""

    def __init__(
        self, per_day: int, ledger: Path, journal: Journal, clock: Callable[[], float]
    ) -> None:
        self._journal = journal
        self._per_day = per_day
        self._lock = threading.Lock()
        self._read: InADay[int] = InADay(
            ledger, clock, journal.tell_unread, events=READ, read=_rows_of
        )

    @contextmanager
    def taking(self, who: SignedIn, rows: int) -> Iterator[None]:
        """Count rows that are read within the block, which puts that on record.

        None of them where the block fails: nothing is told of any then. Raises `FormRefused` where
        fewer are left, once that is on record, and where part of what is on record cannot be read.
        """
        taken = self._take(who, rows)
        try:
            yield
        except BaseException:
            self._read.take_back(who.actor, taken)
            raise
        taken.is_on_record = True

    def _take(self, who: SignedIn, rows: int) -> Done[int]:
        with self._lock:
            if not self._read.is_all():
                raise FormRefused(_NOT_KNOWN)
            left = self._per_day - sum(one.what for one in self._read.of(who.actor))
            if rows <= left:
                return self._read.add(who.actor, rows, is_on_record=False)
        self._journal.record(who.actor, "upload beyond the bound", rows=rows, left=left)
        raise FormRefused(
            f"one person may have {self._per_day} rows held against the list within 24 hours, and "
            f"{left} are left of yours: upload fewer, wait, or have whoever runs the service "
            "allow more"
        )


def _rows_of(line: Line) -> int | None:
    rows = line.get("readable")
    return rows if isinstance(rows, int) else None

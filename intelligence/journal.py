"""What is on record of the people here: durable before an answer leaves."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import msgspec

from intelligence.on_record import OnRecord
from screening.ledger.ledger import Ledger
from screening.ledger.lines import Position

UNKNOWN: Final = "unknown"
"""Whoever typed a name that nobody has: it may have been a password, so it is not on record."""

INDEXER: Final = "indexer"
CONSOLE: Final = "console"
"""What those are called who do what nobody does."""


class Journal:
    """Appends to a ledger, for several threads; `clock` gives Unix seconds.

    `on_record` says who has done what with each change, order and challenge, and who has come.
    """

    def __init__(self, ledger: Ledger, clock: Callable[[], float]) -> None:
        self._ledger = ledger
        self._clock = clock
        self._lock = threading.Lock()
        self._told: set[tuple[object, ...]] = set()
        self.on_record = OnRecord(ledger.directory, self.tell_unread)

    def record(self, actor: str, event: str, **facts: object) -> None:
        """Make durable that `actor`, the id of an account, did this; raises `LedgerUnavailable`.

        Facts name records by their ids and fields by their names, and never hold what is in them.
        What somebody has typed they hold where it is a case's number (`curation/purposes.py`), or
        what a colleague was called and is from then on (`staff/wishes.py`).
        """
        at = datetime.fromtimestamp(int(self._clock()), UTC)
        line = msgspec.json.encode({"at": at, "actor": actor, "event": event, **facts})
        with self._lock:
            self._ledger.append([line])
            self.on_record.take({"actor": actor, "event": event, **facts})

    def record_once(self, actor: str, event: str, **facts: str) -> None:
        """Record something that lasts, and is met again and again, the first time since a start."""
        told = (event, *sorted(facts.items()))
        if told not in self._told:
            self.record(actor, event, **facts)
            self._told.add(told)

    def tell_unread(self, segment: str) -> None:
        """Record once that a file of the ledger, or all of it, cannot be read."""
        self.record_once(CONSOLE, "ledger not read", segment=segment)

    def position(self) -> Position | None:
        """Return how far what is on record goes, None where nothing was written here yet."""
        with self._lock:
            return self._ledger.acknowledged

"""A ledger as its one writer sees it: what `append` took is durable when it returns."""

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Self

from screening.alarms import Alarms
from screening.ledger.lines import (
    Clock,
    Header,
    Position,
    SealPoint,
    in_seconds,
    new_segment_id,
    require_payload,
    utc_now,
)
from screening.ledger.recovery import Recovery, recover_ledger
from screening.ledger.seals import Seals
from screening.ledger.segment import OpenSegment
from screening.private_files import ensure_private_directory
from screening.vocabulary.errors import LedgerDamaged, LedgerUnavailable

SEGMENT_MAX_BYTES: Final = 64 << 20
"""Recovering one of this size reads and hashes it in about half a second."""

SEGMENT_MAX_AGE_S: Final = 3600.0
"""What happened up to an hour ago is sealed, and so can be replicated and shown to an auditor.

A worker makes 24 files a day at the most: a year of eight workers is one directory of 70,000.
"""

RECOVER_AFTER_S: Final = 5.0
"""What a slow or failing disk has left open is tried again after so long, and ever more rarely."""

REOPEN_AFTER_S: Final = 0.1
"""A full disk is tried ten times a second, not as often as somebody asks."""

_log = logging.getLogger(__name__)


class Ledger:
    """Appends records to segments of its own; `directory` (0700) is shared with other writers.

    Not for several threads at once. `recovery` tells what the last look at the segments of others
    found, None before the first. `alarms` hears of every one that is damaged (`journal_damaged`).
    """

    def __init__(
        self,
        directory: Path,
        *,
        host: str,
        now: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        max_segment_bytes: int = SEGMENT_MAX_BYTES,
        max_segment_age_s: float = SEGMENT_MAX_AGE_S,
        alarms: Alarms | None = None,
    ) -> None:
        self.recovery: Recovery | None = None
        self._directory = ensure_private_directory(directory)
        self._host = host
        self._now = now
        self._monotonic = monotonic
        self._max_segment_bytes = max_segment_bytes
        self._max_segment_age_s = max_segment_age_s
        self._alarms = alarms
        self._seals = Seals(directory)
        self._segment: OpenSegment | None = None
        self._continues: Position | None = None
        self._due_at_s = float("inf")  # once a segment holds records
        self._reopen_at_s = float("-inf")
        self._recover_at_s = float("inf")
        self._recover_pause_s = RECOVER_AFTER_S

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Recover what dead writers left, once, and open a segment; `append` does it by itself.

        Raises `LedgerUnavailable`, at once when the last attempt failed less than 100 ms ago.
        """
        if self._segment is not None:
            return
        if self._monotonic() < self._reopen_at_s:
            raise LedgerUnavailable("writing failed a moment ago and is not tried again yet")
        try:
            if self.recovery is None:
                self._recover()
            with self._seals.lock():
                self._create_segment()
        except LedgerUnavailable:
            self._back_off()
            raise

    def append(self, payloads: Sequence[bytes]) -> None:
        """Make all of `payloads` durable, or raise `LedgerUnavailable` and keep none of them.

        Without payloads it does what is due: a segment that is large or old enough is sealed. After
        a failure the next call opens a new segment whose header names what was acknowledged last.
        Raises `ValueError` for a payload that is not one line of a JSON object.
        """
        for payload in payloads:
            require_payload(payload)
        segment = self._writable_segment()
        if payloads:
            try:
                segment.append(payloads)
            except LedgerUnavailable:
                self._abandon(segment, segment.position)
                self._back_off()
                raise
            self._due_at_s = min(self._due_at_s, self._monotonic() + self._max_segment_age_s)
        if self._monotonic() >= self._recover_at_s:
            self._recover_again()

    @property
    def directory(self) -> Path:
        """Where its segments lie, and those of other writers."""
        return self._directory

    def due_in_s(self) -> float | None:
        """When `append` should be called, even with nothing, so that what can be sealed is."""
        due_at_s = min(self._due_at_s, self._recover_at_s)
        if self._segment is None or due_at_s == float("inf"):
            return None
        return max(0.0, due_at_s - self._monotonic())

    @property
    def acknowledged(self) -> Position | None:
        """How far the records that this writer has acknowledged go, None before the first."""
        if self._segment is not None and self._segment.end.records:
            return self._segment.position
        return self._continues

    def close(self) -> None:
        """Seal the segment; where that fails, the next opener of the ledger does it."""
        segment, self._segment = self._segment, None
        if segment is None:
            return
        try:
            with self._seals.lock():
                self._seals.seal(segment, sealed_at=in_seconds(self._now()))
        except (LedgerUnavailable, LedgerDamaged) as error:
            _log.error("left open: %s", error)
        finally:
            segment.release()

    def _writable_segment(self) -> OpenSegment:
        if self._segment is None:
            self.open()
        elif self._segment.end.records and (
            self._segment.end.size_bytes >= self._max_segment_bytes
            or self._monotonic() >= self._due_at_s
        ):
            self._rotate(self._segment)
        if self._segment is None:
            raise LedgerUnavailable("no segment is open")
        return self._segment

    def _rotate(self, segment: OpenSegment) -> None:
        try:
            lock = self._seals.lock(wait_s=0)
        except LedgerUnavailable:
            return  # another process is sealing: a later batch will find the lock free
        with lock:
            acknowledged = segment.position
            try:
                self._seals.seal(segment, sealed_at=in_seconds(self._now()))
                self._segment = self._continues = None
            except (LedgerUnavailable, LedgerDamaged) as error:
                _log.error("left open: %s", error)
                self._abandon(segment, acknowledged)
            try:
                self._create_segment()
            except LedgerUnavailable:
                self._back_off()
                raise
        self._recover_again()

    def _recover(self) -> None:
        self.recovery = recover_ledger(self._directory, now=self._now)
        if self.recovery.left:
            self._recover_later()
        else:
            self._recover_at_s, self._recover_pause_s = float("inf"), RECOVER_AFTER_S
        if self._alarms is not None:
            for segment in self.recovery.damaged:
                self._alarms.raised("journal_damaged", segment)

    def _recover_again(self) -> None:
        """Seal what a failed disk or a dead writer has left open since, ourselves included."""
        try:
            self._recover()
        except LedgerUnavailable as error:
            _log.warning("not recovered: %s", error)
            self._recover_later()

    def _recover_later(self) -> None:
        self._recover_at_s = self._monotonic() + self._recover_pause_s
        self._recover_pause_s = min(2 * self._recover_pause_s, SEGMENT_MAX_AGE_S)

    def _create_segment(self) -> None:
        """Open a segment of our own; under the host lock."""
        opened_at = self._now()
        header = Header(
            format="screening-ledger/1",
            segment=new_segment_id(opened_at),
            host=self._host,
            opened_at=in_seconds(opened_at),
            previous_seal=self._find_last_seal(),
            continues=self._continues,
        )
        self._segment = OpenSegment.create(self._directory, header)
        self._due_at_s = float("inf")

    def _find_last_seal(self) -> SealPoint | None:
        try:
            return self._seals.last()
        except LedgerDamaged as error:
            # Records are made all the same: unsealed until someone has repaired the index.
            _log.error("nothing can be sealed: %s", error)
            return None

    def _abandon(self, segment: OpenSegment, acknowledged: Position) -> None:
        self._segment = None
        if acknowledged.records:
            self._continues = acknowledged
            segment.release()
            self._recover_at_s = min(self._recover_at_s, self._monotonic() + self._recover_pause_s)
        else:
            segment.discard()  # so that a full disk does not gather empty segments

    def _back_off(self) -> None:
        self._reopen_at_s = self._monotonic() + REOPEN_AFTER_S

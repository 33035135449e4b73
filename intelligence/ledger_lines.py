"""What is on record, read while more is written."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, suppress
from datetime import date, datetime
from pathlib import Path
from typing import Final

import msgspec

from screening.ledger.lines import CHAIN_CHARACTERS, is_seal
from screening.ledger.segment import DAMAGED, OPEN, SEALED
from screening.ledger.verify import find_segment, segment_ids
from screening.vocabulary.errors import LedgerDamaged, OperatorError

Line = Mapping[str, object]
"""A record: at, actor, event, and facts."""
NOT_READ: Final = (LedgerDamaged, OperatorError, OSError)
"""What is raised where a file, or the folder, cannot be read."""
_UNREADABLE: Final[Line] = {"at": "", "actor": "", "event": "unreadable"}
_AGAIN_S: Final = 10.0
"""Of a file that opens and breaks off all is read anew after so long: that takes seconds."""
_LATEST_AGAIN_S: Final = 3_600.0
"""Where it goes on, the wait is doubled up to this: a bad sector may last until it is mended."""
_SLACK_S: Final = 60.0
"""The clock that a file's time is of may be behind the one that a record's time is of."""
_FOLDER: Final = "all"
"""What is not read where it cannot even be told which files there are."""


def latest_first(
    folder: Path,
    of: date | None = None,
    *,
    naming: Collection[str] = (),
    unread: Callable[[str, bool], None] | None = None,
) -> Iterator[Line]:
    """Yield all records, those of a day's files where it is `of` one; raises as in `NOT_READ`.

    One service writes at a time, so a file that begins before the day ends the search. Where
    events are given, those alone are read that hold the name of one: most of all are passed over.
    `unread` is told the id of each file that cannot be read, and whether that broke off, behind
    what could be; then the others are read. Where nobody is told, what breaks off is passed over,
    as what was changed is: what verifies the ledger says where.
    """
    names = [one.encode() for one in naming]
    day = None if of is None else of.isoformat()
    for segment in reversed(segment_ids(folder)):
        broken = list[LedgerDamaged]()
        try:
            began, payloads = _read(folder, segment, day, broken)
        except NOT_READ:
            if unread is None:
                raise
            unread(segment, False)
            continue
        for one in reversed(payloads):
            if not names or any(name in one for name in names):
                yield _line(one)
        if broken and unread is not None:
            unread(segment, True)
        if day is not None and "" < began < day:
            return


class WholeLedger:
    """Reads all that is on record of some events, and knows what of it could not be read.

    That is `told` by the id of each file. `clock` gives seconds of any beginning.
    """

    def __init__(
        self,
        folder: Path,
        told: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._told = told
        self._clock = clock
        self._unread: dict[str, bool] = {}
        """Of files by their ids, whether they break off, and open all the same."""
        self._again_at: float | None = None
        self._wait_s = _AGAIN_S

    def lines(self, naming: Collection[str]) -> Iterator[Line]:
        """Yield all records that hold the name of one of these events, the latest first."""
        unread = dict[str, bool]()
        try:
            yield from latest_first(self._folder, naming=naming, unread=unread.__setitem__)
        except NOT_READ:
            unread[_FOLDER] = False
        for one in unread:
            self._told(one)
        self._wait(is_broken=any(unread.values()))
        self._unread = unread

    def is_all(self, since: datetime | None = None) -> bool:
        """Tell whether all could be read, or all that is of after a time (UTC)."""
        if since is None:
            return not self._unread
        until = since.timestamp() - _SLACK_S
        return all(self._changed_at(one) < until for one in self._unread)

    def can_be_more(self) -> bool:
        """Tell whether more than the last time can be read: to read all anew takes seconds."""
        is_time = self._again_at is None or self._clock() >= self._again_at
        return is_time and any(map(self._can_be_read, self._unread))

    def _wait(self, *, is_broken: bool) -> None:
        """Note when all may be read again, where some of a file was not given."""
        self._again_at = self._clock() + self._wait_s if is_broken else None
        self._wait_s = min(self._wait_s * 2, _LATEST_AGAIN_S) if is_broken else _AGAIN_S

    def _changed_at(self, segment: str) -> float:
        """Return when a file was written last, in Unix seconds; infinity where nothing says so.

        Another that has begun since then ends none: a command writes a file of its own beside the
        service. The time is the kernel's (`st_ctime`), which nobody else sets: to take a right
        away, or to put a file back from a copy, makes it later.
        """
        found = list[float]()
        for suffix in (OPEN, SEALED, DAMAGED):
            with suppress(OSError):
                found.append((self._folder / f"{segment}{suffix}").lstat().st_ctime)
        return max(found, default=float("inf"))

    def _can_be_read(self, segment: str) -> bool:
        try:
            if segment == _FOLDER:
                segment_ids(self._folder)
                return True
            reader = find_segment(self._folder, segment)
        except NOT_READ:
            return False
        if reader is not None:
            reader.close()
        return True


def day_of(line: Line) -> str:
    """Return the day of a record, as `2026-11-29`."""
    return str(line["at"])[:10]


def _read(
    folder: Path, segment: str, day: str | None, broken: list[LedgerDamaged]
) -> tuple[str, list[bytes]]:
    """Return on which day a file begins, empty of none, and its records where that is not later.

    As bytes: a file of 64 MiB is several times as much once it is read.
    """
    payloads, before = _payloads(folder, segment, broken), list[bytes]()
    first = next((one for one in _kept(payloads, before) if _line(one) != _UNREADABLE), b"")
    began = day_of(_line(first))
    is_later = day is not None and began > day
    return began, [] if is_later else [*before, *payloads]


def _payloads(folder: Path, segment: str, broken: list[LedgerDamaged]) -> Iterator[bytes]:
    reader = find_segment(folder, segment)
    if reader is None:
        return
    with closing(reader):
        # Past what was changed, too: what verifies the ledger says where that is.
        for line, is_record in reader.all_lines([]):
            payload = line[CHAIN_CHARACTERS + 1 :]
            if is_record or not is_seal(payload):
                yield payload if is_record else b""
        if reader.broken_off is not None:
            broken.append(reader.broken_off)


def _kept(payloads: Iterator[bytes], kept: list[bytes]) -> Iterator[bytes]:
    """Yield what comes, and keep what was looked at."""
    for one in payloads:
        kept.append(one)
        yield one


def _line(payload: bytes) -> Line:
    """Return a record; of what is none any more, that it cannot be read."""
    try:
        found = msgspec.json.decode(payload, type=dict[str, object])
    except msgspec.DecodeError:
        return _UNREADABLE
    is_one = all(isinstance(found.get(name), str) for name in ("at", "actor", "event"))
    return found if is_one else _UNREADABLE

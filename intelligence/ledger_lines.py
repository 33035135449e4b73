"""What is on record, read while more is written."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from screening.ledger.lines import CHAIN_CHARACTERS, is_seal
from screening.ledger.verify import find_segment, segment_ids
from screening.vocabulary.errors import LedgerDamaged, OperatorError

Line = Mapping[str, object]
"""A record: at, actor, event, and facts."""
NOT_READ: Final = (LedgerDamaged, OperatorError, OSError)
"""What is raised where a file, or the folder, cannot be read."""
_UNREADABLE: Final[Line] = {"at": "", "actor": "", "event": "unreadable"}


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

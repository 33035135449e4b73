"""What a dead writer left open is checked, sealed, or set aside; nothing acknowledged is lost.

Only bytes behind the last line feed are ever cut off: a write that was interrupted ends so, and no
record in it was acknowledged. A complete line that does not follow from the one before was changed
after it was written, so its segment is set aside as it is (`.damaged`), for a person to look at;
`verify_ledger` keeps naming it, and workers start without it.
"""

import logging
from contextlib import suppress
from pathlib import Path

import msgspec

from screening.ledger.durable import unavailable
from screening.ledger.lines import Clock, find_payload, in_seconds, utc_now
from screening.ledger.log.drops import dropped_segments
from screening.ledger.reader import SegmentReader
from screening.ledger.seals import Seals
from screening.ledger.segment import DAMAGED, OPEN, OpenSegment
from screening.vocabulary.errors import LedgerDamaged, LedgerUnavailable, OperatorError

_log = logging.getLogger(__name__)


class Recovery(msgspec.Struct, frozen=True):
    """What was found: ids of the segments now `sealed` or, as `damaged`, set aside.

    `left` has a sentence for each of the others: they stay open and are tried again later.
    """

    sealed: tuple[str, ...]
    damaged: tuple[str, ...]
    left: tuple[str, ...]


def recover_ledger(directory: Path, *, now: Clock = utc_now) -> Recovery:
    """Seal every open segment whose writer is dead. Safe when several processes do it at once.

    None that was dropped: a journal that was restored from a copy may have no more of it than a
    beginning. Raises `LedgerUnavailable` only where not even the host lock can be taken.
    """
    seals = Seals(directory)
    sealed: list[str] = []
    damaged: list[str] = []
    left: list[str] = []
    for path in sorted(directory.glob(f"*{OPEN}")):
        with seals.lock():
            segment = _claim(path, left)
        if segment is None:
            continue
        try:
            with unavailable(f"segment {segment.id} could not be read"):
                # Drops are many, and dead writers few: they are read for each, and else not at all.
                if segment.id not in _dropped(directory) and _recover(segment, seals, now):
                    sealed.append(segment.id)
        except LedgerDamaged as error:
            _log.error("set aside: %s", error)
            damaged.append(segment.id)
        except (LedgerUnavailable, OperatorError) as error:
            _log.error("left open: %s", error)
            left.append(str(error))
        finally:
            segment.release()
    return Recovery(tuple(sealed), tuple(damaged), tuple(left))


def _dropped(directory: Path) -> set[str]:
    with suppress(LedgerDamaged, OperatorError):  # an audit names it as the file's own
        return dropped_segments(directory)
    return set()


def _claim(path: Path, left: list[str]) -> OpenSegment | None:
    try:
        return OpenSegment.claim(path)
    except LedgerUnavailable as error:
        left.append(str(error))
        return None


def _recover(segment: OpenSegment, seals: Seals, now: Clock) -> bool:
    """Seal one claimed segment; False where there was nothing in it."""
    reader = SegmentReader(segment.path)
    try:
        for _ in reader:  # whose `OSError` is no damage: the disk may give it later
            pass
        if reader.header is None:
            segment.discard()  # its writer died before it could acknowledge anything
            return False
        announced = _find_announced_seal(reader, seals)
    except LedgerDamaged:
        segment.rename(DAMAGED)
        raise
    segment.adopt(reader.end)
    if reader.seal is not None:
        segment.finish(None)
    elif announced is not None:
        segment.finish(announced)
    else:
        _seal(segment, reader, seals, now)
    return True


def _find_announced_seal(reader: SegmentReader, seals: Seals) -> bytes | None:
    """Return the payload of the seal that the writer announced before it died, or None."""
    line = seals.find_line(reader.segment)
    if reader.seal is not None:
        if line is None or not line.startswith(reader.end.chain):
            raise reader.damaged("the file seals does not know this seal")
        return None
    if line is None:
        return None
    payload = find_payload(reader.end.chain, line)
    if payload is None:
        raise reader.damaged("the file seals has another end for this segment")
    return payload


def _seal(segment: OpenSegment, reader: SegmentReader, seals: Seals, now: Clock) -> None:
    unended = reader.find_unended_record()
    if unended is not None:
        segment.append([unended])
    cut_bytes = len(reader.tail) if unended is None else 0
    try:
        with seals.lock():
            seals.seal(segment, sealed_at=in_seconds(now()), cut_bytes=cut_bytes)
    except LedgerDamaged as error:  # of the index: no fault of this segment, which stays open
        raise LedgerUnavailable(f"segment {segment.id} could not be sealed: {error}") from None

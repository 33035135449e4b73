"""Who asked, when, and of which matches: what the records of a journal tell.

Of all else that was asked a record holds a commitment alone, which tells nothing to anybody without
the opening.
"""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from screening.ledger.reader import SegmentReader
from screening.ledger.seals import SEALS
from screening.ledger.verify import (
    check_end,
    find_segment,
    inconsistencies,
    read_index,
    segment_ids,
)
from screening.vocabulary.errors import LedgerDamaged, OperatorError
from screening.vocabulary.unreadable import UNREADABLE


class Access(msgspec.Struct, frozen=True):
    """One answer, as it is on record: counts, and the index digest (hex) of each row that matched.

    `asked` may be more than `outcomes` add up to, where not all could be known.
    """

    at: datetime
    receipt: str
    partner: str
    api_key: str
    key_id: str
    asked: int
    outcomes: dict[str, int]
    matches: dict[str, str]


class Wanted(msgspec.Struct, frozen=True):
    """Of whom and of when: from `since` on, up to and without `until`; None is no limit."""

    partner: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def covers(self, access: Access) -> bool:
        """Tell whether an access is among them."""
        return (
            self.partner in (None, access.partner)
            and (self.since is None or self.since <= access.at)
            and (self.until is None or access.at < self.until)
        )


Wrong = OperatorError | LedgerDamaged
"""What is wrong with a segment: it cannot be read, or a record in it is bad."""

_decode = msgspec.json.Decoder(Access).decode


def find_accesses(directory: Path, wanted: Wanted) -> Iterator[Access]:
    """Yield what is wanted, a segment after the other: those of one worker in order of time.

    Of a segment that is damaged every record that follows from the line before it. Raises
    `LedgerDamaged`, which names the first bad record of each, and all that are cut off or missing,
    when everything else has been told, and `OperatorError` where no journal is.
    """
    wrong: dict[str, Wrong] = {}
    readers: list[SegmentReader] = []
    for segment in segment_ids(directory):
        try:
            reader = find_segment(directory, segment)
            if reader is None:  # it was empty, and its writer removed it
                continue
            for payload in _payloads_of(reader, wrong):
                access = _decoded(payload)
                if access is None:
                    wrong.setdefault(segment, reader.damaged("no record of an answer"))
                elif wanted.covers(access):
                    yield access
        except (OperatorError, LedgerDamaged) as error:
            wrong[segment] = error
            continue
        if segment not in wrong:
            readers.append(reader)
    found: list[Exception] = [*wrong.values()]
    try:
        index = read_index(directory / SEALS)
        found.extend(inconsistencies(directory, readers, index, but=wrong))
    except (OperatorError, LedgerDamaged) as error:
        found.append(error)
    if found:
        raise LedgerDamaged("; ".join(map(str, found)))


def _payloads_of(reader: SegmentReader, wrong: dict[str, Wrong]) -> Iterator[bytes]:
    """Yield the records of a segment, and behind damage, which is added to `wrong`, the others."""
    with os.fdopen(os.dup(reader.fileno()), "rb") as again:  # whatever its name is by then
        try:
            for _, payload in reader:
                yield payload
            check_end(reader)
        except LedgerDamaged as error:
            wrong.setdefault(reader.segment, error)
            yield from reader.past_damage(again)


def _decoded(payload: bytes) -> Access | None:
    try:
        return _decode(payload)
    except UNREADABLE:
        return None

"""Who asked, when, and of which matches: what the records of a journal tell.

Of all else that was asked a record holds a commitment alone, which tells nothing to anybody without
the opening.
"""

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


_decode = msgspec.json.Decoder(Access).decode


def find_accesses(directory: Path, wanted: Wanted) -> Iterator[Access]:
    """Yield what is wanted, a segment after the other: those of one worker in order of time.

    Of a segment that is damaged what stands before the first bad record. Raises `LedgerDamaged`,
    which names all that are bad, cut off or missing, when everything else has been told, and
    `OperatorError` where no journal is.
    """
    wrong: dict[str, OperatorError | LedgerDamaged] = {}
    readers: list[SegmentReader] = []
    for segment in segment_ids(directory):
        try:
            yield from _find_in(directory, segment, wanted, readers)
        except (OperatorError, LedgerDamaged) as error:
            wrong[segment] = error
    found: list[Exception] = [*wrong.values()]
    try:
        index = read_index(directory / SEALS)
        found.extend(inconsistencies(directory, readers, index, but=wrong))
    except (OperatorError, LedgerDamaged) as error:
        found.append(error)
    if found:
        raise LedgerDamaged("; ".join(map(str, found)))


def _find_in(
    directory: Path, segment: str, wanted: Wanted, readers: list[SegmentReader]
) -> Iterator[Access]:
    """Yield what is wanted of a segment, and keep its reader among `readers` where it is whole."""
    reader = find_segment(directory, segment)
    if reader is None:  # it was empty, and its writer removed it
        return
    for line, payload in reader:
        try:
            access = _decode(payload)
        except UNREADABLE:
            raise LedgerDamaged(f"segment {segment}, line {line}: no record of an answer") from None
        if wanted.covers(access):
            yield access
    check_end(reader)
    readers.append(reader)

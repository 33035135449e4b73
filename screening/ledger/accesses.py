"""Who asked, when, and of which matches, and what became of them: what a journal's records tell.

Of all else that was asked a record holds a commitment alone, which tells nothing to anybody without
the opening.
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec

from screening.disclosure.boxes import SealedKey
from screening.ledger.lines import CHAIN_CHARACTERS
from screening.ledger.log.drops import read_drops
from screening.ledger.reader import SegmentReader
from screening.ledger.seals import SEALS
from screening.ledger.verify import (
    LOG_FOLDER,
    check_end,
    find_segment,
    inconsistencies,
    open_segment,
    read_index,
    segment_ids,
)
from screening.vocabulary.errors import LedgerDamaged, OperatorError
from screening.vocabulary.unreadable import UNREADABLE


class Access(msgspec.Struct, frozen=True, tag_field="type", tag="check"):
    """One answer, as it is on record: counts, and a sealed match for each row that matched.

    `asked` may be more than `outcomes` add up to, where not all could be known. `matches` are boxes
    in base64, opened by what is `sealed`; where that is None, an earlier version has written index
    digests in hex.
    """

    at: Annotated[datetime, msgspec.Meta(tz=True)]
    receipt: str
    partner: str
    api_key: str
    key_id: str
    asked: int
    outcomes: dict[str, int]
    matches: dict[str, str]
    kinds: dict[str, int] = {}
    generation: str = ""
    sealed: SealedKey | None = None
    actor: str = ""
    key_purpose: str = ""


class FeedbackGiven(msgspec.Struct, frozen=True, tag_field="type", tag="feedback"):
    """What a partner said of a match, as it is on record; `of` is `RECEIPT.row`.

    Of several on one row the latest counts. One of the mode `test` is about nobody.
    """

    at: Annotated[datetime, msgspec.Meta(tz=True)]
    of: str
    outcome: str
    partner: str
    api_key: str
    mode: str
    key_purpose: str = ""


class Wanted(msgspec.Struct, frozen=True):
    """Of whom and of when: from `since` on, up to and without `until`; None is no limit."""

    partner: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def covers(self, access: Access | FeedbackGiven) -> bool:
        """Tell whether a record is among them."""
        return (
            self.partner in (None, access.partner)
            and (self.since is None or self.since <= access.at)
            and (self.until is None or access.at < self.until)
        )


Wrong = OperatorError | LedgerDamaged
"""What is wrong with a segment: it cannot be read, or a record in it is bad."""

_decoder: msgspec.json.Decoder[Access | FeedbackGiven] = msgspec.json.Decoder(
    Access | FeedbackGiven
)


def find_accesses(directory: Path, wanted: Wanted) -> Iterator[Access | FeedbackGiven]:
    """Yield what is wanted, a segment after the other: those of one worker in order of time.

    Of a segment that is damaged every record that follows from the line before it. Raises
    `LedgerDamaged`, which names the first bad record of each, and all that are cut off or missing,
    when everything else has been told, and `OperatorError` where no journal is.
    """
    wrong: dict[str, Wrong] = {}
    readers: list[SegmentReader] = []
    for segment in segment_ids(directory):
        reader = _find_reader(directory, segment, wrong)
        if reader is None:
            continue
        for payload in _payloads_of(reader, wrong):
            access = parse_record(payload)
            if access is None:
                wrong.setdefault(segment, reader.damaged("no record of an answer"))
            elif wanted.covers(access):
                yield access
        if segment not in wrong:
            readers.append(reader)
    found: list[Exception] = [*wrong.values()]
    try:
        index = read_index(directory / SEALS)
        dropped = read_drops(directory / LOG_FOLDER)
        found.extend(inconsistencies(directory, readers, index, but={*wrong, *dropped}))
    except (OperatorError, LedgerDamaged) as error:
        found.append(error)
    except OSError as error:
        found.append(OperatorError(f"{directory / SEALS} cannot be read: {error.strerror}"))
    if found:
        raise LedgerDamaged(*map(str, found))


def _find_reader(directory: Path, segment: str, wrong: dict[str, Wrong]) -> SegmentReader | None:
    """Return a reader of a segment, of the first where it lies there twice; None where none can be.

    Adds to `wrong` what is.
    """
    for find in (find_segment, open_segment):
        try:
            return find(directory, segment)  # None: it was empty, and its writer removed it
        except (OperatorError, LedgerDamaged) as error:
            wrong.setdefault(segment, error)
    return None


def _payloads_of(reader: SegmentReader, wrong: dict[str, Wrong]) -> Iterator[bytes]:
    """Yield the records of a segment, and behind damage, which is added to `wrong`, the others."""
    damage: list[LedgerDamaged] = []
    with closing(reader.all_lines(damage)) as lines:
        for line, follows in lines:
            for refused in damage:
                wrong.setdefault(reader.segment, refused)
            if follows:
                yield line[CHAIN_CHARACTERS + 1 :]
    try:
        check_end(reader)
    except LedgerDamaged as error:
        damage.append(error)
    for bad in damage[:1]:
        wrong.setdefault(reader.segment, bad)


def parse_access(payload: bytes) -> Access | None:
    """Return what a record says of an answer; None where it is no such record."""
    record = parse_record(payload)
    return record if isinstance(record, Access) else None


def parse_record(payload: bytes) -> Access | FeedbackGiven | None:
    """Return what a record says of an answer or of feedback; None where it is neither."""
    try:
        return _decoder.decode(payload)
    except UNREADABLE:
        return None

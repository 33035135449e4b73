"""A list from before its console: the content of up files that say all of it, in parts."""

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

from screening.spools.changes import (
    CanonicalText,
    ChangedRole,
    Confidence,
    Countries,
    Kind,
    ListName,
)
from screening.spools.export import Result
from screening.spools.spelling import (
    Deployment,
    Sequence,
    Sha256,
    Text,
    read_exactly,
    require_utc_seconds,
)
from screening.spools.statements import OpenStatement

MOST_OF_A_PART: Final = 5_000
# From the year 1 to the year 9999, as far as days can be written: a list may say that somebody was
# seen before 1970.
Seconds = Annotated[int, msgspec.Meta(ge=-62_135_596_800, le=253_402_300_799)]


class ListedStatement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An open statement with all that is kept of it; times are Unix seconds."""

    kind: Kind
    canonical: CanonicalText
    list: ListName
    source: Text
    role: ChangedRole
    reason: Text
    confidence: Confidence | None
    jurisdictions: Countries
    first_seen: Seconds
    last_seen: Seconds
    review_by: Seconds | None
    expires_at: Seconds | None

    def __post_init__(self) -> None:
        if (self.expires_at is None) != (self.role == "victim"):
            raise ValueError("a statement has an end, and that somebody is a victim has none")

    def __repr__(self) -> str:
        return "ListedStatement(...)"

    def line(self) -> bytes:
        """Return the bytes that stand for it in what names the list."""
        return OpenStatement(
            kind=self.kind,
            canonical=self.canonical,
            list=self.list,
            source=self.source,
            role=self.role,
            confidence=self.confidence,
            jurisdictions=self.jurisdictions,
            last_seen=self.last_seen,
            expires_at=self.expires_at,
        ).line()


class TakenOff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A selector that somebody has taken off, and that is not listed again until it is lifted."""

    kind: Kind
    canonical: CanonicalText
    reason: Text

    def __repr__(self) -> str:
        return "TakenOff(...)"


class ListPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the indexer signs: part `part` of `parts` of the list that `result` names.

    By its first name no moment was before 1970.
    """

    format: Literal["screening-list/2", "screening-list/1"]
    deployment: Deployment
    sequence: Sequence
    previous: Sha256
    written_at: datetime
    part: Sequence
    parts: Sequence
    statements: Annotated[list[ListedStatement], msgspec.Meta(max_length=MOST_OF_A_PART)]
    taken_off: Annotated[list[TakenOff], msgspec.Meta(max_length=MOST_OF_A_PART)]
    result: Result

    def __post_init__(self) -> None:
        require_utc_seconds(self.written_at)
        if self.part > self.parts:
            raise ValueError("a part beyond the last")

    def __repr__(self) -> str:
        return f"ListPart({self.part} of {self.parts})"


def parse_list_part(content: bytes) -> ListPart:
    """Return what `content` spells; raises `SpoolRefused`."""
    return read_exactly(content, ListPart, what="a part of a list")

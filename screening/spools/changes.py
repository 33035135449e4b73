"""The operations of a batch: what is to be said of a selector from now on, or no more."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from screening.spools.spelling import Text, require_utc_seconds

Kind = Literal["phone", "card", "email"]
ChangedRole = Literal[
    "trafficker", "facilitator", "buyer", "business", "victim", "disputed", "unknown"
]
CanonicalText = Annotated[str, msgspec.Meta(min_length=1, max_length=320)]
Country = Annotated[str, msgspec.Meta(pattern=r"\A[A-Z]{2}\Z")]
Countries = Annotated[list[Country], msgspec.Meta(max_length=300)]
ListName = Annotated[str, msgspec.Meta(pattern=r"\A[a-z][a-z0-9 ._-]{0,31}\Z")]
Confidence = Annotated[int, msgspec.Meta(ge=0, le=100)]
Reason = Annotated[Text, msgspec.Meta(min_length=1)]


class _Operation(
    msgspec.Struct, frozen=True, tag_field="op", tag=str.lower, forbid_unknown_fields=True
):
    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"


class Add(_Operation, frozen=True):
    """A statement; what the same source has said of the selector in that list, ends.

    Nothing is left to the indexer's settings: but for a victim, it says when it expires.
    """

    kind: Kind
    canonical: CanonicalText
    list: ListName
    source: Text
    role: ChangedRole
    reason: Text
    confidence: Confidence | None
    jurisdictions: Countries
    first_seen: date
    last_seen: date
    review_by: date | None
    expires_at: datetime | None

    def __post_init__(self) -> None:
        require_utc_seconds(self.expires_at)
        if (self.expires_at is None) != (self.role == "victim"):
            raise ValueError("a statement has an end, and that somebody is a victim has none")
        if self.first_seen > self.last_seen:
            raise ValueError("it was first seen after it was last seen")
        if self.jurisdictions != sorted(set(self.jurisdictions)):
            raise ValueError("countries are sorted, each once")


class Retract(_Operation, frozen=True):
    """The selector goes off the list, and stays off; what protects a victim stays."""

    kind: Kind
    canonical: CanonicalText
    reason: Reason


class Lift(_Operation, frozen=True):
    """The selector may be listed again. Its reason is for those who sign."""

    kind: Kind
    canonical: CanonicalText
    reason: Reason


Change = Lift | Retract | Add
"""In the order that a batch has them in."""

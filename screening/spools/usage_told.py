"""How much partners ask: the content of an up file with counts by the day, and nothing of whom."""

from datetime import date, datetime
from typing import Annotated, Final, Literal

import msgspec

from screening.spools.partners_told import MOST_PARTNERS
from screening.spools.spelling import (
    Count,
    Deployment,
    PartnerName,
    Sequence,
    Sha256,
    read_exactly,
    require_utc_seconds,
)

MOST_DAYS: Final = 8


class ToldDay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What API hosts have counted on a day (UTC); None is what is not known, and never 0.

    `questions`, `selectors` and `matches` are of answers, `different` selectors of that day, and
    `matched_in_30_days` different ones that matched in the 30 days that end with it.
    """

    day: date
    questions: Count | None
    selectors: Count | None
    matches: Count | None
    different: Count | None
    matched_in_30_days: Count | None


class ToldUsage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of one partner, the last days of which anything is known to have been counted."""

    partner: PartnerName
    days: Annotated[list[ToldDay], msgspec.Meta(min_length=1, max_length=MOST_DAYS)]

    def __post_init__(self) -> None:
        days = [one.day for one in self.days]
        if days != sorted(set(days)):
            raise ValueError("days are sorted, each once")


class UsageTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the indexer signs: partners by name. Of who is missing nothing new was counted."""

    format: Literal["screening-usage/1"]
    deployment: Deployment
    sequence: Sequence
    previous: Sha256
    written_at: datetime
    partners: Annotated[list[ToldUsage], msgspec.Meta(max_length=MOST_PARTNERS)]

    def __post_init__(self) -> None:
        require_utc_seconds(self.written_at)
        names = [one.partner for one in self.partners]
        if names != sorted(set(names)):
            raise ValueError("partners are sorted, each once")


def parse_usage_told(content: bytes) -> UsageTold:
    """Return what `content` spells; raises `SpoolRefused`."""
    return read_exactly(content, UsageTold, what="a file of usage")

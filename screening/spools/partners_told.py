"""Who the partners are: the content of an up file that says how each of them stands."""

from datetime import date, datetime
from typing import Annotated, Final, Literal

import msgspec

from screening.spools.spelling import (
    Count,
    Deployment,
    PartnerName,
    Sequence,
    Sha256,
    Text,
    TokenKeyId,
    read_exactly,
    require_utc_seconds,
)
from screening.vocabulary.suspected import SUSPECTED, Suspected

MOST_PARTNERS: Final = 10_000

ApiKeyId = Annotated[str, msgspec.Meta(pattern=r"\A[a-z2-7]{12}\Z")]


class ToldApiKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An API key, by its public id; `last_used` is a day (UTC), None where that is not known."""

    id: ApiKeyId
    scopes: list[Literal["check", "bulk"]]
    purpose: Text
    expires_at: datetime | None
    last_used: date | None

    def __post_init__(self) -> None:
        require_utc_seconds(self.expires_at)


class ToldSuspicion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a partner is suspected of, and since when, None where that is not known."""

    what: Suspected
    since: datetime | None

    def __post_init__(self) -> None:
        require_utc_seconds(self.since)


class ToldPartner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A partner; `held` and `throttled` tell what hosts do of themselves where it looks wrong.

    Since when is None where that is not known. `on_suspicion` is what they are to do, and limits
    are as in a `PartnerRecord`. What it asks is counted from `counted_from` on, when it was added
    or lifted.
    """

    partner: PartnerName
    state: Literal["active", "suspended"]
    mode: Literal["live", "test"]
    is_held: bool
    held_since: datetime | None
    is_throttled: bool
    throttled_since: datetime | None
    suspected: Annotated[list[ToldSuspicion], msgspec.Meta(max_length=len(SUSPECTED))]
    on_suspicion: Literal["alert", "throttle", "hold"]
    token_keys: list[TokenKeyId]
    api_keys: list[ToldApiKey]
    selectors_per_second: Count
    daily_selectors: Count
    matches_per_30_days: Count
    counted_from: datetime

    def __post_init__(self) -> None:
        require_utc_seconds(self.held_since, self.throttled_since, self.counted_from)
        named = [one.what for one in self.suspected]
        if named != [what for what in SUSPECTED if what in named]:
            raise ValueError("what a partner is suspected of is in its order, each once")


class PartnersTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the indexer signs: all partners that there are, by name. Who is missing was removed."""

    format: Literal["screening-partners/1"]
    deployment: Deployment
    sequence: Sequence
    previous: Sha256
    written_at: datetime
    partners: Annotated[list[ToldPartner], msgspec.Meta(max_length=MOST_PARTNERS)]

    def __post_init__(self) -> None:
        require_utc_seconds(self.written_at)
        names = [one.partner for one in self.partners]
        if names != sorted(set(names)):
            raise ValueError("partners are sorted, each once")


def parse_partners_told(content: bytes) -> PartnersTold:
    """Return what `content` spells; raises `SpoolRefused`."""
    return read_exactly(content, PartnersTold, what="a file of partners")

"""Who the partners are: the content of an up file that says how each of them stands.

What indexers of before have told, as `screening-partners/1`, is read as well: it may lie unread
where a console is brought up to date. What that did not tell yet is not known.
"""

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
from screening.vocabulary.errors import SpoolRefused
from screening.vocabulary.suspected import SUSPECTED, Suspected

MOST_PARTNERS: Final = 10_000
_WHAT: Final = "a file of partners"

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
    or lifted. None is what is not known, `suspected` of nothing being an empty list.
    """

    partner: PartnerName
    state: Literal["active", "suspended"]
    mode: Literal["live", "test"]
    is_held: bool
    held_since: datetime | None
    is_throttled: bool
    throttled_since: datetime | None
    suspected: Annotated[list[ToldSuspicion], msgspec.Meta(max_length=len(SUSPECTED))] | None
    on_suspicion: Literal["alert", "throttle", "hold"] | None
    token_keys: list[TokenKeyId]
    api_keys: list[ToldApiKey]
    selectors_per_second: Count | None
    daily_selectors: Count
    matches_per_30_days: Count
    counted_from: datetime | None

    def __post_init__(self) -> None:
        require_utc_seconds(self.held_since, self.throttled_since, self.counted_from)
        named = [one.what for one in self.suspected or ()]
        if named != [what for what in SUSPECTED if what in named]:
            raise ValueError("what a partner is suspected of is in its order, each once")


class PartnersTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the indexer signs: all partners that there are, by name. Who is missing was removed.

    It had its first name for a while after it had all members.
    """

    format: Literal["screening-partners/2", "screening-partners/1"]
    deployment: Deployment
    sequence: Sequence
    previous: Sha256
    written_at: datetime
    partners: Annotated[list[ToldPartner], msgspec.Meta(max_length=MOST_PARTNERS)]

    def __post_init__(self) -> None:
        require_utc_seconds(self.written_at)
        _require_sorted([one.partner for one in self.partners])


class _ToldAtFirst(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A partner as indexers told of it before they said what it is suspected of."""

    partner: PartnerName
    state: Literal["active", "suspended"]
    mode: Literal["live", "test"]
    is_held: bool
    is_throttled: bool
    token_keys: list[TokenKeyId]
    api_keys: list[ToldApiKey]
    daily_selectors: Count
    matches_per_30_days: Count

    def as_now(self) -> ToldPartner:
        """Return it with all members, None where it does not say."""
        return ToldPartner(
            partner=self.partner,
            state=self.state,
            mode=self.mode,
            is_held=self.is_held,
            held_since=None,
            is_throttled=self.is_throttled,
            throttled_since=None,
            suspected=None,
            on_suspicion=None,
            token_keys=self.token_keys,
            api_keys=self.api_keys,
            selectors_per_second=None,
            daily_selectors=self.daily_selectors,
            matches_per_30_days=self.matches_per_30_days,
            counted_from=None,
        )


class _PartnersToldAtFirst(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal["screening-partners/1"]
    deployment: Deployment
    sequence: Sequence
    previous: Sha256
    written_at: datetime
    partners: Annotated[list[_ToldAtFirst], msgspec.Meta(max_length=MOST_PARTNERS)]

    def __post_init__(self) -> None:
        require_utc_seconds(self.written_at)
        _require_sorted([one.partner for one in self.partners])


def _require_sorted(names: list[str]) -> None:
    if names != sorted(set(names)):
        raise ValueError("partners are sorted, each once")


def parse_partners_told(content: bytes) -> PartnersTold:
    """Return what `content` spells, by either of its names; raises `SpoolRefused`."""
    try:
        return read_exactly(content, PartnersTold, what=_WHAT)
    except SpoolRefused:
        first = read_exactly(content, _PartnersToldAtFirst, what=_WHAT)
    head = (first.deployment, first.sequence, first.previous, first.written_at)
    return PartnersTold(first.format, *head, [one.as_now() for one in first.partners])

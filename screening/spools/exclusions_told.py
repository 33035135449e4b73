"""What is kept off, whatever a statement says: the content of an up file that says it, and why.

That is what the safety lists cover, and who was taken off by hand while statements stand.
"""

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

from screening.exclusions.rules import Category, Match
from screening.spools.changes import CanonicalText, Kind
from screening.spools.exclusion_order import Note, RuleSource, RuleValue
from screening.spools.spelling import (
    Count,
    Deployment,
    Sequence,
    Sha256,
    read_exactly,
    require_utc_seconds,
)

MOST_RULES: Final = 20_000
MOST_OVERRIDES: Final = 20_000
MOST_TAKEN_OFF: Final = 20_000


class ToldRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule in force; one that is not the deployment's own comes with the indexer.

    `keeps_off` counts the selectors that the list in force names, and no other rule covers as
    closely. `added_at` is None of what comes with the indexer.
    """

    kind: Kind
    match: Match
    value: RuleValue
    category: Category
    note: Note
    source: RuleSource
    added_at: datetime | None
    keeps_off: Count

    def __post_init__(self) -> None:
        require_utc_seconds(self.added_at)

    def __repr__(self) -> str:
        return "ToldRule(...)"

    @property
    def identity(self) -> tuple[str, str, str]:
        """What tells it from every other rule."""
        return (self.kind, self.match.value, self.value)


class ToldOverride(msgspec.Struct, frozen=True, forbid_unknown_fields=True, order=True):
    """A selector that no rule keeps off."""

    kind: Kind
    canonical: CanonicalText

    def __repr__(self) -> str:
        return "ToldOverride(...)"


class ToldTakenOff(msgspec.Struct, frozen=True, forbid_unknown_fields=True, order=True):
    """A selector that hands have retracted, and of which something is said in spite of that."""

    kind: Kind
    canonical: CanonicalText
    at: datetime

    def __post_init__(self) -> None:
        require_utc_seconds(self.at)

    def __repr__(self) -> str:
        return "ToldTakenOff(...)"


class ExclusionsTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the indexer signs: all rules that there are, and whom hands have taken off.

    Told are the latest of these, and how many earlier ones are `left_out`. Who is missing is kept
    off no more, but for who may be among those. By its first name it tells nothing of hands.
    """

    format: Literal["screening-exclusions/2", "screening-exclusions/1"]
    deployment: Deployment
    sequence: Sequence
    previous: Sha256
    written_at: datetime
    rules: Annotated[list[ToldRule], msgspec.Meta(max_length=MOST_RULES)]
    overrides: Annotated[list[ToldOverride], msgspec.Meta(max_length=MOST_OVERRIDES)]
    taken_off: Annotated[list[ToldTakenOff], msgspec.Meta(max_length=MOST_TAKEN_OFF)] = []
    left_out: Count = 0

    def __post_init__(self) -> None:
        require_utc_seconds(self.written_at)
        named = [one.identity for one in self.rules]
        if named != sorted(set(named)) or self.overrides != sorted(set(self.overrides)):
            raise ValueError("rules and overrides are sorted, each once")
        taken_off = [(one.kind, one.canonical) for one in self.taken_off]
        if taken_off != sorted(set(taken_off)):
            raise ValueError("selectors are sorted, each once")
        if taken_off and self.format == "screening-exclusions/1":
            raise ValueError("by its first name it tells nothing of hands")
        if self.left_out and not taken_off:
            raise ValueError("only earlier ones are left out than those that are told")

    def __repr__(self) -> str:
        return f"ExclusionsTold({len(self.rules)} rules)"


def parse_exclusions_told(content: bytes) -> ExclusionsTold:
    """Return what `content` spells; raises `SpoolRefused`."""
    return read_exactly(content, ExclusionsTold, what="a file of safety lists")

"""An order of the safety lists: what is never listed from now on, or may be listed again."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from screening.exclusions.rules import (
    MAX_NOTE_CHARACTERS,
    MAX_SOURCE_CHARACTERS,
    Category,
    Match,
)
from screening.spools.batch import require_life
from screening.spools.changes import Kind, Reason
from screening.spools.spelling import BatchId, Deployment

_ONE_LINE = r"\A[^\x00-\x1f\x7f]*\Z"
RuleValue = Annotated[str, msgspec.Meta(min_length=1, max_length=320, pattern=_ONE_LINE)]
Note = Annotated[str, msgspec.Meta(max_length=MAX_NOTE_CHARACTERS, pattern=_ONE_LINE)]
RuleSource = Annotated[str, msgspec.Meta(max_length=MAX_SOURCE_CHARACTERS, pattern=_ONE_LINE)]


class _OfRule(
    msgspec.Struct, frozen=True, tag_field="op", tag=str.lower, forbid_unknown_fields=True
):
    kind: Kind
    match: Match
    value: RuleValue
    reason: Reason
    """For those who sign."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"


class Exclude(_OfRule, frozen=True):
    """What the rule covers is listed no more; `is_wide` permits one that covers very much."""

    category: Category
    note: Note
    source: RuleSource
    is_wide: bool


class Unexclude(_OfRule, frozen=True):
    """The rule is in force no more: what it kept off is listed again, as far as it would be."""


OfRules = Exclude | Unexclude


class ExclusionOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in the place of a batch, alone in its file; `batch` is its name."""

    format: Literal["screening-exclusion/1"]
    deployment: Deployment
    batch: BatchId
    written_at: datetime
    not_before: datetime
    expires_at: datetime
    order: OfRules

    def __post_init__(self) -> None:
        require_life(self.written_at, self.not_before, self.expires_at)

    @property
    def signatures_needed(self) -> int:
        """How many people sign: a rule turns "yes" into "no", and its end brings "yes" back."""
        return 2

"""An acknowledgement: the content of one up file, which tells what became of a down file."""

from datetime import datetime
from typing import Annotated, Final, Literal, get_args

import msgspec

from screening.spools.export import Result
from screening.spools.spelling import (
    BatchId,
    Count,
    Deployment,
    Sequence,
    Sha256,
    Text,
    read_exactly,
    require_utc_seconds,
)
from screening.vocabulary.errors import BatchCode, OperatorError, SpoolCode

Reason = Annotated[Text, msgspec.Meta(min_length=1)]
FINAL: Final[tuple[BatchCode, ...]] = get_args(BatchCode)
"""Codes of one batch alone, after which the same file is never applied.

So the console can write its number anew, without that batch, and both hold the same list.
"""


class _Outcome(
    msgspec.Struct, frozen=True, tag_field="outcome", tag=str.lower, forbid_unknown_fields=True
):
    sequence: Sequence
    """Of the down file."""


class Applied(_Outcome, frozen=True):
    """It is in force: the list is what `result` says."""

    sha256: Sha256
    release: Count
    revision: Count
    result: Result


class Refused(_Outcome, frozen=True):
    """Nothing of it is in force; the same sequence may be written again. None: there is no file.

    `batch` is the one that it is refused for, None where it is the file itself.
    """

    sha256: Sha256 | None
    code: SpoolCode
    batch: BatchId | None
    sentence: Text


class Skipped(_Outcome, frozen=True):
    """Somebody has passed it over for good: nothing of it will ever be in force."""

    sha256: Sha256 | None
    reason: Reason


Outcome = Applied | Refused | Skipped


class Acknowledgement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the indexer signs; `previous` is the SHA-256 of the whole up file before it."""

    format: Literal["screening-acknowledgement/1"]
    deployment: Deployment
    sequence: Sequence
    previous: Sha256
    written_at: datetime
    of: Outcome

    def __post_init__(self) -> None:
        require_utc_seconds(self.written_at)


def parse_acknowledgement(content: bytes) -> Acknowledgement:
    """Return what `content` spells; raises `SpoolRefused`."""
    return read_exactly(content, Acknowledgement, what="an acknowledgement")


def parse_reason(text: str) -> str:
    """Return a reason that an acknowledgement can tell; raises `OperatorError`."""
    try:
        text.encode()
        return msgspec.convert(text, Reason)
    except (UnicodeEncodeError, msgspec.ValidationError):
        raise OperatorError(
            "a reason has 1 to 2000 characters, and none that cannot be shown; give another one"
        ) from None

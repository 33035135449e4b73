"""Nothing undoes what was decided after it was written, whatever the console holds of that.

By its signed bytes: who writes in the console's database can have a decision that is in force count
as none there, and let what two people had signed before it leave all the same.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from indexer.list.blocks import retracted_after
from indexer.list.exclusions import rule_decided_at
from indexer.list.file import ListFile
from indexer.list.suspensions import suspended_at
from screening.exclusions.rules import Rule
from screening.vocabulary.errors import NotPossible
from screening.vocabulary.selector import Canonical


def refuse_undoing_retractions(
    list_file: ListFile, selectors: Sequence[Canonical], written_at: datetime
) -> None:
    """Raise `NotPossible` where one of them was retracted after it was to be lifted."""
    tags = map(list_file.tags.of, selectors)
    later = retracted_after(list_file, tags, int(written_at.timestamp()))
    if later:
        these = "a selector" if len(later) == 1 else f"{len(later)} selectors"
        were = "was" if len(later) == 1 else "were"
        raise NotPossible(
            f"this was written at {spelled(written_at)}, and {these} that it allows again {were} "
            f"taken off the list after that, last at {_spelled(max(later))}; find out who did and "
            "why, and have it written anew where it is right all the same"
        )


def refuse_undoing_suspension(list_file: ListFile, partner: str, written_at: datetime) -> None:
    """Raise `NotPossible` where a partner was cut off after it was to be resumed, or admitted."""
    _refuse_order(
        written_at,
        suspended_at(list_file, partner),
        "the partner was suspended or removed",
        "once it may be answered again",
    )


def refuse_undoing_rule(list_file: ListFile, rule: Rule, written_at: datetime) -> None:
    """Raise `NotPossible` where a rule of our own was made after it was to be ended."""
    at = rule_decided_at(list_file, rule)
    _refuse_order(written_at, at, "the rule was made", "where it is to end all the same")


def _refuse_order(written_at: datetime, at: int | None, what: str, when: str) -> None:
    """Raise `NotPossible` where what it undoes was decided `at` a time after it was written."""
    if at is not None and at > written_at.timestamp():
        raise NotPossible(
            f"this was ordered at {spelled(written_at)}, and {what} after that, at {_spelled(at)}; "
            f"find out who did and why, and order it anew {when}"
        )


def spelled(moment: datetime) -> str:
    """Return a moment of UTC as sentences have it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _spelled(at: int) -> str:
    return spelled(datetime.fromtimestamp(at, UTC))

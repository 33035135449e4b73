"""Marks: each stands for one thing that the page of a change has shown of a selector.

It says what it is of and of which selector, and is kept whole: a digest, or an id alone, could be
that of something else as well, and whoever writes in the database chooses the ids of rows.
"""

from enum import StrEnum
from typing import TypeAlias

from screening.vocabulary.selector import Canonical

Mark: TypeAlias = tuple[str, ...]


class Of(StrEnum):
    """What a mark is of; what names it behind the selector."""

    SOURCE = "source"
    """What lists a selector: a list, and a source in it."""
    UNREAD_ENTRY = "unread entry"
    """The id of an entry that may list it."""
    UNREAD_CHANGE = "unread change"
    """The id of a change that is to leave before, and may list it."""
    DECISION = "decision"
    """The id of a change that takes it off."""
    HANDS = "hands"
    """The moment (Unix seconds) at which hands took it off at the indexer."""


def mark(of: Of, selector: Canonical, *named: object) -> Mark:
    """Return what stands for what is so named."""
    return (of.value, selector.kind.value, selector.text, *map(str, named))

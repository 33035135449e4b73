"""What pages show of a selector that was checked, of a change, and of a queue of changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from intelligence.curation.differences import Operation
from intelligence.curation.guard import Excess
from intelligence.curation.lessening import Effect
from intelligence.curation.standing import Stand
from intelligence.curation.under_way import UnderWay
from intelligence.errors import FormRefused
from intelligence.staff.privileges import Shown
from screening.vocabulary.selector import Canonical


@dataclass(frozen=True, slots=True)
class Checked:
    """Where a selector stands; `known_as` is its page's id, `changes` are under way.

    Of both the first are here, what cannot be read before all; its page has the `others`.
    """

    selector: Canonical
    known_as: UUID | None
    entries: Sequence[Shown]
    stand: Stand
    changes: Sequence[UnderWay]
    others: int = 0


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A change as somebody may see it, with a page of its operations; `counts` has them all.

    What lessens the list is on the first pages, and `lessened` counts it where it is looked for: of
    one whose page somebody sees who may see entries, and that is not in force yet. `shown` stands
    for whom it takes off, empty where that is not looked for, and `unread_ahead` are the changes
    ahead of it that cannot be read; `hindrance` says why nobody can approve it as it stands (of one
    of many, where that is short), which `is_for_anybody` where others do it alone. Masked, if not
    revealed; `is_unreadable` opens not.
    """

    id: UUID
    record: Shown
    operations: Sequence[Operation]
    page: int
    pages: int
    counts: Mapping[str, int]
    lessened: Mapping[Effect, int]
    shown: str
    unread_ahead: Mapping[UUID, str]
    excess: Sequence[Excess]
    hindrance: FormRefused | None
    is_for_anybody: bool
    leaves_at: int | None
    is_own: bool
    is_revealed: bool
    created_at: int
    submitted_at: int | None
    decided_at: int | None
    review_due_at: int | None
    reviewed_at: int | None
    came_back_at: int | None
    noted_at: int | None
    was_refused: bool
    is_overdue: bool
    is_unreadable: bool
    file: int | None

    @property
    def size(self) -> int:
        """How many operations it has."""
        return sum(self.counts.values())


class Queue(NamedTuple):
    """A page of the changes that somebody has to do something with; there are `many` in all."""

    changes: Sequence[ShownChange]
    many: int
    page: int
    pages: int

"""How far a change set has come, whatever it concerns: from what people decide until it counts."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from intelligence.curation.deciding import Deciding
from intelligence.curation.left_files import FileOf, find_file
from intelligence.curation.tables import ChangeRow, ChangeSet, ChangeState
from intelligence.errors import NotThere
from intelligence.staff.accounts import acting
from intelligence.staff.roles import Verb
from intelligence.staff.sessions import SignedIn


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a change set has come; nothing of what it says. Times are Unix seconds.

    `decided_at` is when it was signed last, or turned down by a person before it left;
    `came_back_at` when nothing came of what was signed. `outcome` says why, None for whoever may
    not see that. `later` is the first file in force that has said something of the same selectors
    since: what came into force may be so no more.
    """

    state: str
    decided_at: int
    came_back_at: int | None
    outcome: str | None
    file: FileOf | None
    later: int | None

    @property
    def is_under_way(self) -> bool:
        """Tell whether it is decided, and comes into force or back by itself."""
        return self.state in (ChangeState.APPROVED, ChangeState.EXPORTED)

    @property
    def is_unheard(self) -> bool:
        """Tell whether nobody knows that it was done."""
        return self.file is not None and self.file.is_unheard

    @property
    def is_turned_down(self) -> bool:
        """Tell whether a person has refused it, or taken it back: it never left."""
        return self.state == ChangeState.REFUSED and self.came_back_at is None


def progress_of(deciding: Deciding, who: SignedIn, change_id: UUID) -> Progress:
    """Return how far one has come; raises `NotThere` of one that nobody has decided."""
    with deciding.database.reading() as session:
        privileges = acting(session, who, deciding.clock, lock=False)
        privileges.require(Verb.READ, deciding.record_type, {"state"})
        row = session.get(ChangeSet, change_id)
        if row is None or row.concerns != deciding.concern or row.decided_at is None:
            raise NotThere
        may_see_why = privileges.may(Verb.READ, deciding.record_type, "outcome")
        return Progress(
            row.state,
            row.decided_at,
            row.came_back_at,
            deciding.seals.legible(row, "outcome") if may_see_why else None,
            find_file(session, privileges, row.export_sequence),
            _find_later(session, row),
        )


def _find_later(session: Session, row: ChangeSet) -> int | None:
    if row.state != ChangeState.APPLIED:
        return None
    its, theirs = aliased(ChangeRow), aliased(ChangeRow)
    is_of_same = (theirs.kind == its.kind) & (theirs.canonical_term == its.canonical_term)
    return session.scalar(
        select(func.min(ChangeSet.export_sequence))
        .join(theirs, theirs.change_set_id == ChangeSet.id)
        .join(its, is_of_same)
        .where(its.change_set_id == row.id)
        .where(
            ChangeSet.state == ChangeState.APPLIED, ChangeSet.export_sequence > row.export_sequence
        )
    )

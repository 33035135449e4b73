"""How the list stands, for the start page: counts, what waits, and the last file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from intelligence.curation.leaving import last_written
from intelligence.curation.safety_lists import all_taken_off
from intelligence.curation.sealing import Seals
from intelligence.curation.spool_keys import SpoolKeys
from intelligence.curation.tables import (
    OPEN_STATES,
    UNDER_WAY,
    ChangeSet,
    ChangeState,
    Concern,
    EntryRow,
    ExportRow,
    ExportState,
)
from intelligence.curation.told_files import passed_over
from intelligence.curation.unanswered import Unanswered, count_retractions, find_late
from intelligence.staff.accounts import acting
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.store.database import Database
from screening.vocabulary.errors import OperatorError, SpoolRefused
from screening.vocabulary.selector import Canonical

IS_BACK: Final = ChangeSet.came_back_at.is_not(None) & ChangeSet.noted_at.is_(None)
"""What was decided, and of which nothing comes; nobody has noted that yet."""
IS_DUE: Final = ChangeSet.review_due_at.is_not(None) & ChangeSet.reviewed_at.is_(None)
"""What one person has done alone, and no other has looked at yet."""
OF_LIST: Final = ChangeSet.concerns == Concern.LIST
_DRAFT: Final = ChangeState.DRAFT.value


class _Waiting(NamedTuple):
    """How many changes of a state there are, and how many of them are one's own."""

    changes: int
    own: int


@dataclass(frozen=True, slots=True)
class LastFile:
    """The last file that was written for the indexer, and what became of it."""

    sequence: int
    state: str
    written_at: int
    told_at: int | None
    release: int | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """What keeps files from leaving or from coming into force, each None where it does not."""

    trouble: str | None
    refused: LastFile | None
    late: Unanswered | None


class PassedOver(NamedTuple):
    """An up file that was passed over, what it told of, and when (Unix seconds)."""

    sequence: int
    of: str
    at: int


@dataclass(frozen=True, slots=True)
class ListSize:
    """How many entries of a kind a list has; the last file that changed them was written then.

    `coming` of them the file begins that the indexer has not applied yet.
    """

    name: str
    kind: str
    entries: int
    changed_at: int
    coming: int


class TakenOffByHand(NamedTuple):
    """How many hands have taken off at the indexer, and when the latest (Unix seconds)."""

    many: int
    at: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Entries by list and kind, changes by state, retractions that wait for another's look.

    `overdue` of these have waited longer than they may. `by_hand` is None where hands have taken
    nobody off. Of what was decided and came back, nobody
    has noted `came_back` yet; `retractions_back` of these take somebody off.
    """

    lists: list[ListSize]
    changes: dict[str, int]
    own_drafts: int
    to_review: int
    overdue: int
    came_back: int
    retractions_back: int
    last: LastFile | None
    has_indexer: bool
    by_hand: TakenOffByHand | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts what there is."""

    database: Database
    seals: Seals
    spool_keys: SpoolKeys
    clock: Callable[[], float]

    def counts(self, who: SignedIn) -> Counts | None:
        """Return how the list stands, None for whoever may see nothing of it."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            if not privileges.may(Verb.READ, RecordType.CHANGE, "state"):
                return None
            due = select(func.count(), _many(ChangeSet.review_due_at <= self.clock()))
            back = select(func.count()).where(IS_BACK, OF_LIST).scalar_subquery()
            asked = due.add_columns(back).where(IS_DUE, OF_LIST)
            to_review, overdue, came_back = session.execute(asked).one()
            changes = _changes(session, who)
            return Counts(
                lists=_entries(session),
                changes={state: one.changes for state, one in changes.items()},
                own_drafts=changes[_DRAFT].own if _DRAFT in changes else 0,
                to_review=to_review,
                overdue=overdue,
                came_back=came_back,
                retractions_back=count_retractions(session, IS_BACK),
                last=_last_file(session),
                has_indexer=self._has_indexer(),
                by_hand=_by_hand(all_taken_off(session, self.seals)),
            )

    def on_the_way(self, trouble: str | None) -> OnTheWay:
        """Return what stands in the way of what was decided; `trouble` is of the last turn."""
        with self.database.reading() as session:
            refused, late = _find_refused(session), find_late(session, self.clock())
            return OnTheWay(trouble, None if refused is None else _shown(refused), late)

    def passed_over(self, *of: str) -> list[PassedOver]:
        """Return up files that could not be read and that none has replaced yet; `of` is of what.

        Where nothing is given, all.
        """
        with self.database.reading() as session:
            rows = [PassedOver(row.sequence, row.kind, row.at) for row in passed_over(session)]
        return [one for one in rows if not of or one.of in of]

    def _has_indexer(self) -> bool:
        """Tell whether one is known; of one whose key is damaged the turns tell what to do."""
        try:
            return self.spool_keys.find_peers() is not None
        except (OperatorError, SpoolRefused):
            return True

    def file(self, sequence: int | None) -> LastFile | None:
        """Return what became of a file, None of none."""
        with self.database.reading() as session:
            return find_file(session, sequence)


def _by_hand(taken_off: Mapping[Canonical, int]) -> TakenOffByHand | None:
    return TakenOffByHand(len(taken_off), max(taken_off.values())) if taken_off else None


def find_file(session: Session, sequence: int | None) -> LastFile | None:
    """Return what became of a file, None of none."""
    row = None if sequence is None else session.get(ExportRow, sequence)
    return None if row is None else _shown(row)


def _last_file(session: Session) -> LastFile | None:
    """Return the first file that is refused, for as long as there is one, or the last."""
    row = _find_refused(session) or last_written(session)
    return None if row is None else _shown(row)


def _find_refused(session: Session) -> ExportRow | None:
    chosen = select(ExportRow).where(ExportRow.state == ExportState.REFUSED)
    return session.scalars(chosen.order_by(ExportRow.sequence).limit(1)).one_or_none()


def _entries(session: Session) -> list[ListSize]:
    under_way = select(ExportRow.sequence).where(ExportRow.state.in_(UNDER_WAY))
    is_coming = EntryRow.begun_by.in_(under_way)
    opened = (
        select(
            *(EntryRow.list, EntryRow.kind),
            *(func.count().label("entries"), func.max(EntryRow.begun_by).label("begun")),
            _many(is_coming).label("coming"),
        )
        .where(EntryRow.ended_by.is_(None))
        .group_by(EntryRow.list, EntryRow.kind)
        .subquery()
    )
    # Of what has ended the last alone is looked up, in an index: a list may be years old.
    is_of_it = (EntryRow.list == opened.c.list) & (EntryRow.kind == opened.c.kind)
    last_end = select(func.max(EntryRow.ended_by)).where(is_of_it).scalar_subquery()
    sized = select(opened, func.coalesce(last_end, 0).label("ended")).subquery()
    last_file = case((sized.c.ended > sized.c.begun, sized.c.ended), else_=sized.c.begun)
    chosen = (
        select(
            *(sized.c.list, sized.c.kind, sized.c.entries),
            *(ExportRow.written_at, sized.c.coming),
        )
        .join(ExportRow, ExportRow.sequence == last_file)
        .order_by(sized.c.list, sized.c.kind)
    )
    return [ListSize(*row) for row in session.execute(chosen)]


def _changes(session: Session, who: SignedIn) -> dict[str, _Waiting]:
    is_own = ChangeSet.author_id == who.account_id
    chosen = (
        select(ChangeSet.state, func.count(), _many(is_own))
        .where(ChangeSet.state.in_(OPEN_STATES), OF_LIST)
        .group_by(ChangeSet.state)
    )
    return {state: _Waiting(*many) for state, *many in session.execute(chosen)}


def _many(which: ColumnElement[bool]) -> ColumnElement[int]:
    """Return how many of what is counted are so; 0 where nothing is counted."""
    return func.coalesce(func.sum(case((which, 1), else_=0)), 0)


def _shown(row: ExportRow) -> LastFile:
    return LastFile(row.sequence, row.state, row.written_at, row.told_at, row.release, row.outcome)

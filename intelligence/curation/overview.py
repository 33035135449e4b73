"""How the list stands, for the start page: counts, what waits, and the last file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intelligence.curation.left_files import (
    FileOf,
    find_file,
    find_refused,
    last_written,
    shown_file,
)
from intelligence.curation.list_sizes import ListSize, list_sizes, many_of
from intelligence.curation.passed_over import ToldAnew, passed_over, told_anew
from intelligence.curation.refused_changes import RefusedChange, last_refused, refused_to_note
from intelligence.curation.safety_lists import KeptOff, kept_off
from intelligence.curation.showing import Showing
from intelligence.curation.tables import (
    OPEN_STATES,
    ChangeSet,
    ChangeState,
    Concern,
    ExportRow,
)
from intelligence.curation.unanswered import Unanswered, count_retractions, find_late
from intelligence.on_record import OnRecord
from intelligence.spool_keys import SpoolKeys
from intelligence.staff.accounts import acting
from intelligence.staff.privileges import Privileges, Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.store.database import Database
from intelligence.store.sealing import Seals
from screening.vocabulary.errors import OperatorError, SpoolRefused

IS_BACK: Final = ChangeSet.came_back_at.is_not(None) & ChangeSet.noted_at.is_(None)
"""What was decided, and of which nothing comes; nobody has noted that yet."""
IS_DUE: Final = ChangeSet.review_due_at.is_not(None) & ChangeSet.reviewed_at.is_(None)
"""What one person has done alone, and no other has looked at yet."""
OF_LIST: Final = ChangeSet.concerns == Concern.LIST
_DRAFT: Final = ChangeState.DRAFT.value
_SUBMITTED: Final = ChangeState.SUBMITTED.value
_LEAVING: Final = (RecordType.CHANGE, RecordType.SAFETY_ORDER, RecordType.PARTNER_ORDER)
_STUCK: Final = "files wait; tell whoever runs the service."
"""For whoever may see no file: what is in it, and how it stands, is of others."""
_TOLD_OF: Final[Mapping[str, RecordType]] = {
    "partners": RecordType.PARTNER,
    "usage": RecordType.PARTNER,
    "exclusions": RecordType.SAFETY_RULE,
    "list": RecordType.VERSION,
}
"""What up files tell of -> whoever may read what hears that one could not be read."""


class _Waiting(NamedTuple):
    """How many changes of a state there are, and how many of them are one's own."""

    changes: int
    own: int

    @property
    def of_others(self) -> int:
        return self.changes - self.own


class Late(NamedTuple):
    """A file of which nothing was told for too long; in words how many retractions wait for that.

    None of them for whoever may not read changes.
    """

    record: Shown
    retractions: str | None


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """What keeps files from leaving or from coming into force, each None where it does not.

    Whoever may see no file is told by `trouble` alone that there is something.
    """

    trouble: str | None
    refused: Shown | None
    late: Late | None


class PassedOver(NamedTuple):
    """An up file that was passed over, what it told of or may have, and when (Unix seconds)."""

    sequence: int
    of: str
    at: int

    @property
    def told_anew(self) -> ToldAnew:
        """How people call that, and by what it is told anew."""
        return told_anew(self.of)


class TakenOffByHand(NamedTuple):
    """How many hands have taken off at the indexer, and when the latest (Unix seconds) if any.

    Of earlier ones the indexer has `left_out` so many, of which not all are known here.
    """

    many: int
    at: int | None
    left_out: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Entries by list and kind, changes by state, others' to be approved or looked at.

    `overdue` of what is to be looked at have waited longer than they may. `by_hand` is None where
    hands have taken nobody off. Of what was decided and came back, nobody has noted `came_back`
    yet; `retractions_back` of these take somebody off. Of one's own that colleagues have refused
    `refused` are to be noted, of which the latest are the `last_refused`. Where
    `is_by_hand_unread`, whom hands keep off, and safety lists, nobody here knows.
    """

    lists: list[ListSize]
    changes: dict[str, int]
    own_drafts: int
    to_approve: int
    to_review: int
    overdue: int
    came_back: int
    retractions_back: int
    refused: int
    last_refused: Sequence[RefusedChange]
    last: Shown | None
    has_indexer: bool
    by_hand: TakenOffByHand | None
    is_by_hand_unread: bool


class AtStart(NamedTuple):
    """How all stands, as far as somebody may see that."""

    counts: Counts | None
    way: OnTheWay
    passed_over: Sequence[PassedOver]
    missing: Sequence[str]
    is_old_key_kept: bool
    """By which a retraction overtakes nothing."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts what there is."""

    database: Database
    seals: Seals
    spool_keys: SpoolKeys
    on_record: OnRecord
    clock: Callable[[], float]

    def at_start(self, who: SignedIn, trouble: str | None, missing: Sequence[str]) -> AtStart:
        """Return what the start page says; `missing` is what went from the ledger, in sentences."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            may_hear = privileges.may(Verb.READ, RecordType.LEDGER, "missing")
            refused = find_refused(session)
            return AtStart(
                self._counts(session, privileges, who, refused=refused),
                self._on_the_way(session, privileges, trouble, refused=refused),
                _passed_over(session, privileges),
                missing if may_hear else [],
                may_hear and self.seals.are_in_rotation,
            )

    def counts(self, who: SignedIn) -> Counts | None:
        """Return how the list stands, None for whoever may see nothing of it."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            return self._counts(session, privileges, who, refused=find_refused(session))

    def on_the_way(self, who: SignedIn, trouble: str | None) -> OnTheWay:
        """Return what stands in the way of what was decided; `trouble` is of the last turn."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            return self._on_the_way(session, privileges, trouble, refused=find_refused(session))

    def passed_over(self, who: SignedIn, *of: str) -> list[PassedOver]:
        """Return up files that could not be read and that none has replaced yet; `of` is of what.

        Where nothing is given, all that tell of what one may read.
        """
        with self.database.reading() as session:
            told = _passed_over(session, acting(session, who, self.clock, lock=False))
        return [one for one in told if not of or one.of in of]

    def file(self, who: SignedIn, sequence: int | None) -> FileOf | None:
        """Return what became of the file in which something has left, None of none."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            return find_file(session, privileges, sequence)

    def _counts(
        self,
        session: Session,
        privileges: Privileges,
        who: SignedIn,
        *,
        refused: ExportRow | None,
    ) -> Counts | None:
        if not privileges.may(Verb.READ, RecordType.CHANGE, "state"):
            return None
        due = select(func.count(), many_of(ChangeSet.review_due_at <= self.clock()))
        back = select(func.count()).where(IS_BACK, OF_LIST).scalar_subquery()
        is_own = ChangeSet.author_id == who.account_id
        own = refused_to_note(who, privileges, RecordType.CHANGE)
        of_own = select(func.count()).where(own, OF_LIST).scalar_subquery()
        asked = due.add_columns(back, of_own).where(IS_DUE, ~is_own, OF_LIST)
        to_review, overdue, came_back, not_noted = session.execute(asked).one()
        changes = _changes(session, who)
        showing = Showing(session, self.seals, privileges, self.on_record)
        off = kept_off(session, self.seals)
        return Counts(
            lists=list_sizes(session),
            changes={state: one.changes for state, one in changes.items()},
            own_drafts=changes[_DRAFT].own if _DRAFT in changes else 0,
            to_approve=changes[_SUBMITTED].of_others if _SUBMITTED in changes else 0,
            to_review=to_review,
            overdue=overdue,
            came_back=came_back,
            retractions_back=count_retractions(session, IS_BACK) if came_back else 0,
            refused=not_noted,
            last_refused=last_refused(showing, who) if not_noted else [],
            # The first that is refused, for as long as there is one.
            last=shown_file(privileges, refused or last_written(session)),
            has_indexer=self._has_indexer(),
            by_hand=_by_hand(off),
            is_by_hand_unread=off.is_unread,
        )

    def _on_the_way(
        self,
        session: Session,
        privileges: Privileges,
        trouble: str | None,
        *,
        refused: ExportRow | None,
    ) -> OnTheWay:
        late = find_late(session, self.clock())
        if privileges.may(Verb.READ, RecordType.VERSION):
            return OnTheWay(trouble, shown_file(privileges, refused), _late(privileges, late))
        is_stuck = any(one is not None for one in (trouble, refused, late))
        waits_for_it = any(privileges.may(Verb.READ, one) for one in _LEAVING)
        return OnTheWay(_STUCK if is_stuck and waits_for_it else None, None, None)

    def _has_indexer(self) -> bool:
        """Tell whether one is known; of one whose key is damaged the turns tell what to do."""
        try:
            return self.spool_keys.find_peers() is not None
        except (OperatorError, SpoolRefused):
            return True


def _passed_over(session: Session, privileges: Privileges) -> list[PassedOver]:
    rows = [PassedOver(row.sequence, row.kind, row.at) for row in passed_over(session)]
    return [
        one for one in rows if privileges.may(Verb.READ, _TOLD_OF.get(one.of, RecordType.VERSION))
    ]


def _by_hand(off: KeptOff) -> TakenOffByHand | None:
    if not (off.taken_off or off.left_out):
        return None
    latest = max(off.taken_off.values(), default=None)
    return TakenOffByHand(len(off.taken_off), latest, off.left_out)


def _changes(session: Session, who: SignedIn) -> dict[str, _Waiting]:
    is_own = ChangeSet.author_id == who.account_id
    chosen = (
        select(ChangeSet.state, func.count(), many_of(is_own))
        .where(ChangeSet.state.in_(OPEN_STATES), OF_LIST)
        .group_by(ChangeSet.state)
    )
    return {state: _Waiting(*many) for state, *many in session.execute(chosen)}


def _late(privileges: Privileges, late: Unanswered | None) -> Late | None:
    if late is None:
        return None
    of_file = {"sequence": late.sequence, "written_at": late.written_at}
    may_count = privileges.may(Verb.READ, RecordType.CHANGE)
    retractions = late.retractions if may_count else None
    return Late(privileges.shown(RecordType.VERSION, of_file), retractions)

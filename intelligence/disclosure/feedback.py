"""What partners say of matches: an inbox for those who keep the list, what is false first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from intelligence.curation.standing import SHOWN_AT_MOST, first_change
from intelligence.disclosure.sightings import is_as_told, map_ids_of
from intelligence.disclosure.tables import (
    IS_OF_ONE_LOG,
    OPENED,
    FeedbackRow,
    MapRow,
    MatchRow,
    RecordRow,
)
from intelligence.errors import FormRefused, NotThere
from intelligence.journal import Journal
from intelligence.staff.accounts import acting
from intelligence.staff.privileges import Privileges, Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.store.database import Database
from intelligence.store.sealing import ILLEGIBLE, Seals
from screening.ledger.accesses import FeedbackGiven
from screening.vocabulary.selector import Canonical

FALSE: Final = "false"
OUTCOMES: Final = (FALSE, "unsure", "confirmed")
"""In the order in which somebody should look at them."""
MOST_OF_PARTNER: Final = 50
"""Of one partner in the inbox of all: whoever says much hides nobody else."""
ROWS_OF_A_PAGE: Final = 100
_ORDER: Final = {outcome: place for place, outcome in enumerate(OUTCOMES)}
_PLACE_OF_OUTCOME: Final = case(_ORDER, value=FeedbackRow.outcome)
_IN_ORDER: Final = (_PLACE_OF_OUTCOME, FeedbackRow.at, FeedbackRow.id)
_WAITS: Final = FeedbackRow.noted_at.is_(None)
_IS_OF_RECORD: Final = and_(
    RecordRow.receipt == FeedbackRow.receipt,
    RecordRow.partner == FeedbackRow.partner,
    RecordRow.is_contested.is_(False),
    IS_OF_ONE_LOG,
)


def keep_feedback(session: Session, given: Sequence[FeedbackGiven], log: str) -> None:
    """Keep what is said of each match last (`parse_said_record`), by the log that tells it.

    Of another host's match a host tells nothing that is true, so that is not of the match. What
    changes an outcome is to be looked at again. Of a test key's nothing is kept.
    """
    for one in given:
        if one.mode != "live":
            continue
        receipt, _, row = one.of.partition(".")
        known = _find_known(session, one, log)
        at = int(one.at.timestamp())
        if known is None:
            known = FeedbackRow(receipt=receipt, row=int(row), log=log, partner=one.partner)
            session.add(known)
        elif at < known.at or known.partner != one.partner:
            continue
        if known.outcome != one.outcome:
            known.outcome, known.noted_by, known.noted_at = one.outcome, None, None
        known.at = at
        session.flush()


def _find_known(session: Session, given: FeedbackGiven, log: str) -> FeedbackRow | None:
    """Return what a log has told of a match before.

    What came before logs were kept is of this one, unless the match is another's: or an answer that
    the partner has corrected would stand beside its correction.
    """
    receipt, _, row = given.of.partition(".")
    is_of_it = (FeedbackRow.receipt == receipt) & (FeedbackRow.row == int(row))
    told = {
        one.log: one
        for one in session.scalars(
            select(FeedbackRow).where(is_of_it, FeedbackRow.log.in_((log, "")))
        )
    }
    known, before = told.get(log), told.get("")
    is_anothers = (RecordRow.receipt == receipt) & RecordRow.log.not_in((log, ""))
    if before is None or before.partner != given.partner:
        return known
    if session.scalar(select(RecordRow.id).where(is_anothers).limit(1)) is not None:
        return known
    if known is not None:
        session.delete(before)
        return known
    before.log = log
    return before


@dataclass(frozen=True, slots=True)
class ShownFeedback:
    """What a partner has said, as somebody may see it; `selector_id` is its selector's page."""

    id: UUID
    record: Shown
    selector_id: UUID | None
    noted_at: int | None


_Chosen = Select[FeedbackRow, MapRow, MatchRow, RecordRow]


class SaidBy(NamedTuple):
    """How much of a partner waits, and how much of that says "false"."""

    partner: str
    many: int
    false: int


@dataclass(frozen=True, slots=True)
class FeedbackInbox:
    """Shows what partners say; who has looked at it is on record."""

    database: Database
    seals: Seals
    journal: Journal
    clock: Callable[[], float]

    def waiting(
        self, who: SignedIn, *, partner: str | None = None, page: int = 1
    ) -> list[ShownFeedback]:
        """Return a page of what nobody has looked at: of all partners, or all that one has said.

        What is false comes first; of that what is of a match that is known here, the first of each
        partner before the second of any, and the oldest first. Of all partners the first
        `MOST_OF_PARTNER` of each are there. Whoever may not read of which selector a match is gets
        them in an order that does not tell of which one is known.
        """
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            privileges.require(Verb.READ, RecordType.FEEDBACK, {"outcome"})
            place = func.row_number().over(partition_by=FeedbackRow.partner, order_by=_IN_ORDER)
            placed = select(FeedbackRow.id, place.label("place")).where(_WAITS).subquery()
            chosen = self._of_match().join(placed, placed.c.id == FeedbackRow.id)
            if partner is None:
                chosen = chosen.where(placed.c.place <= MOST_OF_PARTNER)
            else:
                chosen = chosen.where(FeedbackRow.partner == partner)
            may_know = privileges.may(Verb.READ, RecordType.FEEDBACK, "canonical")
            known_first = (MapRow.id.is_(None),) if may_know else ()
            in_turn = (_PLACE_OF_OUTCOME, *known_first, placed.c.place, *_IN_ORDER)
            found = chosen.order_by(*in_turn).offset((page - 1) * ROWS_OF_A_PAGE)
            return self._shown(session, privileges, found.limit(ROWS_OF_A_PAGE))

    def by_partner(self, who: SignedIn) -> list[SaidBy]:
        """Return how much of each partner waits, who says "false" most first."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            privileges.require(Verb.READ, RecordType.FEEDBACK, {"partner", "outcome"})
            false = func.sum(case((FeedbackRow.outcome == FALSE, 1), else_=0)).label("false")
            counted = select(FeedbackRow.partner, func.count(), false).where(_WAITS)
            of_each = counted.group_by(FeedbackRow.partner)
            rows = session.execute(of_each.order_by(false.desc(), FeedbackRow.partner))
            return [SaidBy(*row) for row in rows]

    def of(self, who: SignedIn, selector: Canonical, *, first: int = 0) -> list[ShownFeedback]:
        """Return what was said of the sightings of a selector: a page of it, from a place.

        Nothing for whoever may not see it.
        """
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            if not privileges.may(Verb.READ, RecordType.FEEDBACK, "canonical"):
                return []
            chosen = self._of_selector(selector).order_by(*_IN_ORDER).offset(first)
            return self._shown(session, privileges, chosen.limit(SHOWN_AT_MOST), of=selector)

    def count_of(self, who: SignedIn, selector: Canonical) -> int:
        """Count what was said of a selector's sightings, unread; 0 for whoever may not see it."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            if not privileges.may(Verb.READ, RecordType.FEEDBACK, "canonical"):
                return 0
            said = self._of_selector(selector).with_only_columns(FeedbackRow.id).subquery()
            return session.scalar(select(func.count()).select_from(said)) or 0

    def _of_selector(self, selector: Canonical) -> _Chosen:
        return (
            select(FeedbackRow, MapRow, MatchRow, RecordRow)
            .select_from(MatchRow)
            .join(MapRow, MapRow.id == MatchRow.map_id)
            .join(RecordRow, RecordRow.id == MatchRow.record_id)
            .join(FeedbackRow, _IS_OF_RECORD & (FeedbackRow.row == MatchRow.row))
            .where(MatchRow.map_id.in_(map_ids_of(self.seals, selector)))
        )

    def counts(self, who: SignedIn) -> dict[str, int] | None:
        """Count what nobody has looked at by outcome; None for whoever may see nothing of it."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            if not privileges.may(Verb.READ, RecordType.FEEDBACK, "outcome"):
                return None
            counted = select(FeedbackRow.outcome, func.count().label("many"))
            chosen = counted.where(_WAITS).group_by(FeedbackRow.outcome)
            return {one.outcome: one.many for one in session.execute(chosen)}

    def note(self, who: SignedIn, feedback_id: UUID) -> None:
        """Note that one has looked at it; raises `NotThere`, or `FormRefused` where one has."""
        with self.database.writing() as session:
            acting(session, who, self.clock).require(Verb.CHANGE, RecordType.FEEDBACK, {"note"})
            row = session.get(FeedbackRow, feedback_id, with_for_update=True)
            if row is None:
                raise NotThere
            if row.noted_at is not None:
                raise FormRefused("somebody has looked at this already; nothing is to be done")
            self._note(who, row)

    def note_all(self, who: SignedIn, feedback_ids: Sequence[UUID]) -> None:
        """Note that one has looked at several; what somebody has looked at already stays so."""
        with self.database.writing() as session:
            acting(session, who, self.clock).require(Verb.CHANGE, RecordType.FEEDBACK, {"note"})
            chosen = select(FeedbackRow).where(FeedbackRow.id.in_(feedback_ids), _WAITS)
            in_order = chosen.order_by(FeedbackRow.id).with_for_update()
            for row in session.scalars(in_order).all():
                self._note(who, row)

    def _note(self, who: SignedIn, row: FeedbackRow) -> None:
        row.noted_by, row.noted_at = who.account_id, int(self.clock())
        facts = {"receipt": f"{row.receipt}.{row.row}", "outcome": row.outcome}
        self.journal.record(who.actor, "feedback looked at", **facts)

    def _of_match(self) -> _Chosen:
        """Return what chooses feedback, with what its match is of where that is known here."""
        of_record = aliased(MatchRow)
        opens = exists().where(of_record.record_id == RecordRow.id, of_record.state.in_(OPENED))
        is_match = and_(MatchRow.record_id == RecordRow.id, MatchRow.row == FeedbackRow.row)
        return (
            select(FeedbackRow, MapRow, MatchRow, RecordRow)
            .select_from(FeedbackRow)
            .outerjoin(RecordRow, _IS_OF_RECORD & opens)
            .outerjoin(MatchRow, is_match)
            .outerjoin(MapRow, MapRow.id == MatchRow.map_id)
        )

    def _shown(
        self,
        session: Session,
        privileges: Privileges,
        chosen: _Chosen,
        *,
        of: Canonical | None = None,
    ) -> list[ShownFeedback]:
        """Return what was chosen; where a selector is named, what is of it as that was told."""
        found = [
            (row, told, self._find_told(told, match, record))
            for row, told, match, record in session.execute(chosen)
        ]
        return [
            self._one(session, privileges, row, (told, selector))
            for row, told, selector in found
            if of in (None, selector)
        ]

    def _find_told(
        self, of: MapRow | None, match: MatchRow | None, record: RecordRow | None
    ) -> Canonical | None:
        """Return of which selector a match is, None of one that is not known, or was changed."""
        if of is None or match is None or record is None:
            return None
        return self.seals.find_selector(of) if is_as_told(self.seals, match, record, of) else None

    def _one(
        self,
        session: Session,
        privileges: Privileges,
        row: FeedbackRow,
        found: tuple[MapRow | None, Canonical | None],
    ) -> ShownFeedback:
        of, selector = found
        record: dict[str, object] = {
            "at": row.at,
            "partner": row.partner,
            "receipt": f"{row.receipt}.{row.row}",
            "outcome": row.outcome,
        }
        known = None
        if of is not None and selector is None:
            record |= {"kind": of.kind, "canonical": ILLEGIBLE}
        if selector is not None:
            record |= {"kind": selector.kind.value, "canonical": selector.masked()}
            if privileges.may(Verb.READ, RecordType.ENTRY, "canonical"):
                known = first_change(session, self.seals, selector)
        return ShownFeedback(
            id=row.id,
            record=privileges.shown(RecordType.FEEDBACK, record),
            selector_id=None if known is None else known.id,
            noted_at=row.noted_at,
        )

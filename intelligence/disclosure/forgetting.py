"""What is forgotten once a selector is off the list: its sightings, and who follows its cases.

Kept is which partners were told "match" of it: they may have to hear of that. So it is of what a
down file has taken off, and of what hands have at the indexer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from intelligence.curation.entries import VICTIM, blind_id
from intelligence.curation.retractions import find_retraction
from intelligence.curation.safety_lists import find_taken_off_at
from intelligence.curation.tables import ChangeRow, ChangeSet, ChangeState, EntryRow
from intelligence.disclosure.following import end_follows
from intelligence.disclosure.sightings import as_told, map_ids_of, told_of
from intelligence.disclosure.tables import (
    IS_OF_ONE_LOG,
    FeedbackRow,
    MatchRow,
    RecordRow,
    ToldYesRow,
)
from intelligence.journal import CONSOLE, INDEXER, Journal
from intelligence.store.sealing import Seals
from screening.spools.changes import Retract
from screening.vocabulary.selector import Canonical

_AT_A_TIME: Final = 500


class TakenOffBy(NamedTuple):
    """What has taken a selector off: a change, or hands at the indexer, and when (Unix seconds)."""

    change_set_id: UUID | None
    by_hand_at: int | None


def find_taken_off_by(session: Session, seals: Seals, selector: Canonical) -> TakenOffBy | None:
    """Return what has taken a selector off, and is in force; None where nothing has."""
    retraction = find_retraction(session, seals, selector, states=(ChangeState.APPLIED,))
    if retraction is not None:
        return TakenOffBy(retraction.change_set_id, None)
    at = find_taken_off_at(session, seals, selector)
    return None if at is None else TakenOffBy(None, at)


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Forgets, in a transaction of the caller's, and puts it on record."""

    seals: Seals
    journal: Journal

    def of_file(self, session: Session, sequence: int) -> None:
        """Forget what a down file that is in force has taken off the list.

        And have nobody follow whom it protects. A row that does not open stops no file: that of its
        selector nothing is deleted is on record.
        """
        gone = (
            select(ChangeRow)
            .join(ChangeSet, ChangeSet.id == ChangeRow.change_set_id)
            .where(ChangeSet.export_sequence == sequence, ChangeRow.operation == Retract.__name__)
        )
        unread = 0
        for change in session.scalars(gone).all():
            selector = self.seals.find_selector(change)
            if selector is None:
                unread += 1
            else:
                by = find_taken_off_by(session, self.seals, selector)
                self.of_selector(session, selector, by)
        protected = (EntryRow.begun_by == sequence) & (EntryRow.role == VICTIM)
        for row in session.scalars(select(EntryRow).where(protected)).all():
            of = self.seals.find_selector(row)
            if of is None:
                unread += 1
                continue
            ended = end_follows(session, self.seals, of)
            if ended:
                blind = blind_id(self.seals, of)
                self.journal.record(CONSOLE, "follows ended", selector=blind, follows=ended)
        if unread:
            facts = {"sequence": sequence, "rows": unread}
            self.journal.record(CONSOLE, "sightings not forgotten", **facts)

    def of_hands(
        self, session: Session, begun: Mapping[Canonical, int], ended: Mapping[Canonical, int]
    ) -> None:
        """Forget what hands have taken off since the telling before, with the time of each.

        Whom they take off no more is put on record alone: what was forgotten comes never again.
        """
        for selector, at in begun.items():
            moment = datetime.fromtimestamp(at, UTC)
            blind = blind_id(self.seals, selector)
            self.journal.record(INDEXER, "taken off by hand", selector=blind, taken_off_at=moment)
            self.of_selector(session, selector, TakenOffBy(None, at))
        for selector, at in ended.items():
            moment = datetime.fromtimestamp(at, UTC)
            facts = {"selector": blind_id(self.seals, selector), "taken_off_at": moment}
            self.journal.record(INDEXER, "taken off by hand no more", **facts)

    def of_selector(self, session: Session, selector: Canonical, by: TakenOffBy | None) -> None:
        """Forget the sightings of a selector; None has not taken it off, and tells nobody."""
        if by is not None:
            unread = _keep_told_yes(session, self.seals, selector, by)
            if unread:
                facts = {"selector": blind_id(self.seals, selector), "matches": unread}
                self.journal.record(CONSOLE, "matches not read", **facts)
        deleted = delete_sightings(session, self.seals, selector)
        follows = end_follows(session, self.seals, selector)
        if deleted or follows:
            self.journal.record(
                CONSOLE,
                "sightings deleted",
                selector=blind_id(self.seals, selector),
                sightings=deleted,
                follows=follows,
            )


def delete_sightings(session: Session, seals: Seals, selector: Canonical) -> int:
    """Delete the sightings of a selector, and what was said of them; return how many.

    Records that have no other match go as well.
    """
    chosen = (
        select(MatchRow.id, MatchRow.record_id)
        .where(MatchRow.map_id.in_(map_ids_of(seals, selector)))
        .limit(_AT_A_TIME)
    )
    deleted = 0
    while found := session.execute(chosen).all():
        ids = [one.id for one in found]
        _delete_feedback(session, ids)
        session.execute(delete(MatchRow).where(MatchRow.id.in_(ids)))
        records = {one.record_id for one in found}
        has_match = exists().where(MatchRow.record_id == RecordRow.id)
        session.execute(delete(RecordRow).where(RecordRow.id.in_(records), ~has_match))
        deleted += len(found)
    return deleted


def _keep_told_yes(session: Session, seals: Seals, selector: Canonical, by: TakenOffBy) -> int:
    """Keep which partners were told "match" of a selector, some sightings at a time.

    Returns of how many sightings some column was changed. Of what two logs tell of differently
    nobody knows which was told.
    """
    is_known = exists().where(
        ToldYesRow.receipt == RecordRow.receipt, ToldYesRow.row == MatchRow.row
    )
    chosen = told_of(seals, selector).where(~is_known).order_by(MatchRow.id).limit(_AT_A_TIME)
    found, unread = session.execute(chosen).all(), 0
    while found:
        told = as_told(seals, selector, found)
        unread += told.unread
        for match, record in told.rows:
            row = ToldYesRow(
                id=uuid4(),
                change_set_id=by.change_set_id,
                by_hand_at=by.by_hand_at,
                partner=record.partner,
                receipt=record.receipt,
                row=match.row,
                at=record.at,
            )
            seals.bind(row)
            session.add(row)
        session.flush()
        last = found[-1][0].id
        found = session.execute(chosen.where(MatchRow.id > last)).all()
    return unread


def _delete_feedback(session: Session, match_ids: Sequence[UUID]) -> None:
    chosen = (
        select(FeedbackRow.id)
        .join(RecordRow, RecordRow.receipt == FeedbackRow.receipt)
        .join(MatchRow, MatchRow.record_id == RecordRow.id)
        .where(MatchRow.id.in_(match_ids), MatchRow.row == FeedbackRow.row, IS_OF_ONE_LOG)
    )
    session.execute(delete(FeedbackRow).where(FeedbackRow.id.in_(chosen)))

"""Sightings of a selector: matches that are known to be of it."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, exists, func, select
from sqlalchemy.orm import Session

from intelligence.curation.sealing import Seals
from intelligence.disclosure.far_apart import Seen, far_apart
from intelligence.disclosure.tables import (
    IS_OF_ONE_LOG,
    FeedbackRow,
    MapRow,
    MatchRow,
    RecordRow,
    ToldYesRow,
)
from screening.vocabulary.selector import Canonical, SelectorKind

MOST_COMPARED: Final = 5_000
"""The newest of a selector that a country was told of; comparing them takes some milliseconds."""


def map_ids_of(seals: Seals, selector: Canonical) -> Select[UUID]:
    """Return what chooses the digests that stand for a selector: one for each token key."""
    terms = seals.terms(MapRow, selector)
    return select(MapRow.id).where(
        MapRow.kind == selector.kind.value, MapRow.canonical_term.in_(terms)
    )


def sightings_of(
    session: Session, seals: Seals, selector: Canonical, *, at_most: int
) -> Sequence[tuple[MatchRow, RecordRow]]:
    """Return the sightings of a selector, the newest first."""
    chosen = (
        select(MatchRow, RecordRow)
        .join(RecordRow, RecordRow.id == MatchRow.record_id)
        .where(_is_of(seals, selector))
        .order_by(RecordRow.at.desc(), RecordRow.receipt, MatchRow.row)
        .limit(at_most)
    )
    return [(match, record) for match, record in session.execute(chosen)]


def count_sightings(session: Session, seals: Seals, selector: Canonical) -> int:
    """Count the sightings of a selector."""
    matches = select(func.count()).select_from(MatchRow)
    of_records = matches.join(RecordRow, RecordRow.id == MatchRow.record_id)
    return session.scalar(of_records.where(_is_of(seals, selector))) or 0


def sightings_far_apart(session: Session, seals: Seals, selector: Canonical) -> frozenset[UUID]:
    """Return the sightings of a phone that are too far from another one, by their matches.

    Cards and mailboxes are used from anywhere: of them there are none.
    """
    if selector.kind is not SelectorKind.PHONE:
        return frozenset()
    chosen = (
        select(MatchRow.id, RecordRow.at, MatchRow.booking_region)
        .join(RecordRow, RecordRow.id == MatchRow.record_id)
        .where(_is_of(seals, selector), MatchRow.booking_region.is_not(None))
        .order_by(RecordRow.at.desc(), MatchRow.id)
        .limit(MOST_COMPARED)
    )
    rows = session.execute(chosen)
    return far_apart(Seen(id_, at, region) for id_, at, region in rows if region is not None)


def _is_of(seals: Seals, selector: Canonical) -> ColumnElement[bool]:
    """Return what is true of a sighting: none is what two logs tell of differently."""
    is_of = MatchRow.map_id.in_(map_ids_of(seals, selector))
    return is_of & RecordRow.is_contested.is_(False)


def delete_sightings(session: Session, seals: Seals, selector: Canonical) -> int:
    """Delete the sightings of a selector, and what was said of them; return how many.

    Records that have no other match go as well.
    """
    chosen = (
        select(MatchRow.id, MatchRow.record_id)
        .where(MatchRow.map_id.in_(map_ids_of(seals, selector)))
        .limit(500)
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


def keep_told_yes(session: Session, seals: Seals, selector: Canonical, change_id: UUID) -> int:
    """Keep which partners were told "match" of a selector that a change has taken off; how many.

    Of what two logs tell of differently nobody knows which of both was told.
    """
    is_known = exists().where(
        ToldYesRow.receipt == RecordRow.receipt, ToldYesRow.row == MatchRow.row
    )
    chosen = (
        select(RecordRow.partner, RecordRow.receipt, MatchRow.row, RecordRow.at)
        .join(RecordRow, RecordRow.id == MatchRow.record_id)
        .where(_is_of(seals, selector), ~is_known)
    )
    rows = [
        ToldYesRow(
            change_set_id=change_id,
            partner=one.partner,
            receipt=one.receipt,
            row=one.row,
            at=one.at,
        )
        for one in session.execute(chosen)
    ]
    session.add_all(rows)
    session.flush()
    return len(rows)


def _delete_feedback(session: Session, match_ids: Sequence[UUID]) -> None:
    chosen = (
        select(FeedbackRow.id)
        .join(RecordRow, RecordRow.receipt == FeedbackRow.receipt)
        .join(MatchRow, MatchRow.record_id == RecordRow.id)
        .where(MatchRow.id.in_(match_ids), MatchRow.row == FeedbackRow.row, IS_OF_ONE_LOG)
    )
    session.execute(delete(FeedbackRow).where(FeedbackRow.id.in_(chosen)))

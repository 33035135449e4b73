"""Sightings of a selector: matches that are known to be of it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session

from intelligence.curation.entries import by_term
from intelligence.disclosure.far_apart import Seen, far_apart
from intelligence.disclosure.tables import (
    MapRow,
    MatchRow,
    RecordRow,
)
from intelligence.store.sealing import Seals
from screening.vocabulary.selector import Canonical, SelectorKind

MOST_COMPARED: Final = 5_000
"""The newest of a selector that a country was told of. Comparing them takes 20 to 130 ms of one
core of an Intel Xeon, and half a second where 250 countries are all in reach of each other."""
_AT_A_TIME: Final = 500
_TOLD: Final[Select[MatchRow, RecordRow, MapRow]] = (
    select(MatchRow, RecordRow, MapRow)
    .join(RecordRow, RecordRow.id == MatchRow.record_id)
    .join(MapRow, (MapRow.id == MatchRow.map_id) & (MapRow.digest == MatchRow.digest))
    .where(RecordRow.is_contested.is_(False))
)


class Sightings(NamedTuple):
    """The newest sightings of a selector; of `unread` some column was changed since."""

    rows: Sequence[tuple[MatchRow, RecordRow]]
    unread: int


def map_ids_of(seals: Seals, selector: Canonical) -> Select[UUID]:
    """Return what chooses the digests that stand for a selector: one for each token key."""
    terms = seals.terms(MapRow, selector)
    return select(MapRow.id).where(
        MapRow.kind == selector.kind.value, MapRow.canonical_term.in_(terms)
    )


def is_as_told(seals: Seals, match: MatchRow, record: RecordRow, of: MapRow) -> bool:
    """Tell whether a match is of a row of the map that opens, and no column of both was changed.

    `of` is held to what was told by whoever opens it.
    """
    return match.digest == of.digest and seals.holds(match) and seals.holds(record)


def sightings_of(session: Session, seals: Seals, selector: Canonical, *, at_most: int) -> Sightings:
    """Return the sightings of a selector, the newest first."""
    newest_first = (RecordRow.at.desc(), RecordRow.receipt, MatchRow.row)
    chosen = told_of(seals, selector).order_by(*newest_first).limit(at_most)
    return as_told(seals, selector, session.execute(chosen).all())


def count_sightings(session: Session, seals: Seals, selector: Canonical) -> int:
    """Count the sightings of a selector, without holding each to what was told."""
    return count_sightings_of(session, seals, [selector])[selector]


def count_sightings_of(
    session: Session, seals: Seals, selectors: Collection[Canonical], *among: ColumnElement[bool]
) -> Mapping[Canonical, int]:
    """Count those of many selectors, asked for together: `among` those of which all this is so."""
    found = dict.fromkeys(selectors, 0)
    for of in by_term(seals, MapRow, selectors):
        counted = (
            _TOLD.with_only_columns(
                *(MapRow.kind, MapRow.canonical_term, func.count()), maintain_column_froms=True
            )
            .where(MapRow.canonical_term.in_([term for _, term in of]), *among)
            .group_by(MapRow.kind, MapRow.canonical_term)
        )
        for kind, term, many in session.execute(counted):
            if (kind, term) in of:
                found[of[kind, term]] += many
    return found


def sightings_far_apart(session: Session, seals: Seals, selector: Canonical) -> frozenset[UUID]:
    """Return the sightings of a phone that are too far from another one, by their matches.

    Cards and mailboxes are used from anywhere: of them there are none. Of two that are too far
    apart both are there, so only those are held to what was told; what does not hold counts not.
    """
    if selector.kind is not SelectorKind.PHONE:
        return frozenset()
    told = told_of(seals, selector)
    chosen = (
        told.with_only_columns(MatchRow.id, RecordRow.at, MatchRow.booking_region)
        .where(MatchRow.booking_region.is_not(None))
        .order_by(RecordRow.at.desc(), MatchRow.id)
        .limit(MOST_COMPARED)
    )
    found = session.execute(chosen)
    seen = {id_: Seen(id_, at, region) for id_, at, region in found if region is not None}
    held: set[UUID] = set()
    for ids in _parted(far_apart(seen.values())):
        rows = session.execute(told.where(MatchRow.id.in_(ids))).all()
        held |= {match.id for match, _ in as_told(seals, selector, rows).rows}
    return far_apart(seen[id_] for id_ in held)


def told_of(seals: Seals, selector: Canonical) -> Select[MatchRow, RecordRow, MapRow]:
    """Return what chooses the sightings of a selector: none is what two logs tell differently."""
    return _TOLD.where(
        MapRow.kind == selector.kind.value,
        MapRow.canonical_term.in_(seals.terms(MapRow, selector)),
    )


def as_told(
    seals: Seals, selector: Canonical, found: Sequence[Row[MatchRow, RecordRow, MapRow]]
) -> Sightings:
    """Return those of what `told_of` chooses of which no column was changed since."""
    maps = {of: seals.find_selector(of) == selector for of in {of for _, _, of in found}}
    rows = [
        (match, record)
        for match, record, of in found
        if maps[of] and is_as_told(seals, match, record, of)
    ]
    return Sightings(rows, unread=len(found) - len(rows))


def _parted(ids: Iterable[UUID]) -> Iterator[Sequence[UUID]]:
    in_order = sorted(ids)
    return (in_order[start : start + _AT_A_TIME] for start in range(0, len(in_order), _AT_A_TIME))

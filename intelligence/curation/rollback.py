"""The operations that undo what files after a version did, as far as operations can.

What somebody is taken off for stays on the ledger and on the indexer's list of those taken off. A
statement that was added to a selector of which something was said already stays, as does that
somebody is a victim, unless by it the selector is answered with yes, and by what was said then it
would be answered with no.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from intelligence.curation.entries import VICTIM, Entries, canonical_of
from intelligence.curation.sealing import Seals
from intelligence.curation.standing import answers_yes, is_retracted
from intelligence.curation.tables import EntryRow
from intelligence.errors import FormRefused, Undecipherable
from screening.spools.changes import Add, Change, Kind, Lift, Retract
from screening.vocabulary.selector import Canonical

MOST_UNDONE: Final = 2_000
"""Written down in some seconds, in which nobody else writes."""


@dataclass(frozen=True, slots=True)
class Undoing:
    """Operations that take off, which one person decides, and apart from them what adds again.

    Without either where there is none of it. `stays` is of how many selectors what
    was added since stays: it lists nobody whom what was said then would not list now.
    """

    sets: Sequence[Sequence[Change]]
    stays: int


def undoing(session: Session, seals: Seals, version: int, now: float, *, most: int) -> Undoing:
    """Return what undoes all later files.

    Raises `FormRefused` where there are more than `most` entries to be taken off or added again.
    """
    entries = Entries(session, seals)
    was_open = EntryRow.ended_by.is_(None) | (EntryRow.ended_by > version)
    then = (EntryRow.begun_by <= version) & was_open
    begun = _rows(session, (EntryRow.begun_by > version) & EntryRow.ended_by.is_(None), most)
    ended = _rows(session, then & EntryRow.ended_by.is_not(None), most)
    retractions, stays = _retractions(entries, seals, begun, (version, now))
    additions = [
        one
        for one in map(entries.addition, ended)
        if (one.expires_at is None or one.expires_at.timestamp() > now)
        and not entries.is_said(one)
        and canonical_of(one) not in retractions
    ]
    lifts = _lifts(session, seals, additions, version)
    sets: list[list[Change]] = [[*retractions.values()], [*lifts, *additions]]
    return Undoing([one for one in sets if one], stays)


def _retractions(
    entries: Entries, seals: Seals, begun: Sequence[EntryRow], of: tuple[int, float]
) -> tuple[dict[Canonical, Change], int]:
    """Return what takes off those that a version would not list now, and how many others stay."""
    version, now = of
    found: dict[Canonical, Change] = {}
    stays: set[Canonical] = set()
    for selector in {_selector(seals, row): None for row in begun}:
        said = entries.said_of(selector)
        if said.unread:
            raise Undecipherable("part of what is said of a selector was changed; restore a backup")
        then = [row for row in (*said.open, *said.ended) if _is_of(row, version)]
        lists_now = answers_yes(said.open, now)
        is_new = all(row.role == VICTIM for row in then)
        if is_new or (lists_now and not answers_yes(then, now)):
            reason = f"taken back to version {version}"
            found[selector] = Retract(selector.kind.value, selector.text, reason)
        else:
            stays.add(selector)
    return found, len(stays)


def _is_of(row: EntryRow, version: int) -> bool:
    is_there = row.ended_by is None or row.ended_by > version
    return row.begun_by <= version and is_there


def _rows(session: Session, which: ColumnElement[bool], most: int) -> Sequence[EntryRow]:
    chosen = select(EntryRow).where(which, EntryRow.role != VICTIM)
    by_age = chosen.order_by(EntryRow.begun_by, EntryRow.id).limit(most + 1)
    rows = session.scalars(by_age).all()
    if len(rows) > most:
        raise FormRefused(
            f"more than {most} entries differ; go back in steps, to a later version first"
        )
    return rows


def _selector(seals: Seals, row: EntryRow) -> Canonical:
    return seals.selector(row)


def _lifts(session: Session, seals: Seals, additions: Sequence[Add], version: int) -> list[Change]:
    """Return what allows again those that were taken off since."""
    kinds: dict[Canonical, Kind] = {canonical_of(one): one.kind for one in additions}
    return [
        Lift(kind, selector.text, f"taken back to version {version}")
        for selector, kind in kinds.items()
        if is_retracted(session, seals, selector)
    ]

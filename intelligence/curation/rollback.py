"""The operations that undo what files after a version did, as far as operations can.

What somebody is taken off for stays on the ledger and on the indexer's list of those taken off. A
statement that another source has added to a selector which was listed already stays, as does that
somebody is a victim: neither lists anybody who was not listed then.
"""

from collections.abc import Sequence
from typing import Final, cast

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from intelligence.curation.entries import Entries, canonical_of
from intelligence.curation.sealing import Seals
from intelligence.curation.standing import is_retracted
from intelligence.curation.tables import EntryRow
from intelligence.errors import FormRefused
from screening.spools.changes import Add, Change, Kind, Lift, Retract
from screening.vocabulary.selector import Canonical, SelectorKind

MOST_UNDONE: Final = 2_000
"""Written down in some seconds, in which nobody else writes."""
_VICTIM: Final = "victim"


def undoing(
    session: Session, seals: Seals, version: int, now: float, *, most: int
) -> list[list[Change]]:
    """Return what takes off, which one person decides, and apart from it what adds again.

    Without either where there is none of it; raises `FormRefused` where either is of more entries
    than `most`.
    """
    entries = Entries(session, seals)
    was_open = EntryRow.ended_by.is_(None) | (EntryRow.ended_by > version)
    then = (EntryRow.begun_by <= version) & was_open
    begun = _rows(session, (EntryRow.begun_by > version) & EntryRow.ended_by.is_(None), most)
    ended = _rows(session, then & EntryRow.ended_by.is_not(None), most)
    listed_then = {_selector(seals, row) for row in ended}
    retractions: dict[Canonical, Change] = {}
    for row in begun:
        selector = _selector(seals, row)
        if selector not in listed_then and not _was_listed(entries, selector, version):
            retractions[selector] = Retract(
                cast("Kind", row.kind), selector.text, f"taken back to version {version}"
            )
    additions = [
        one
        for one in map(entries.addition, ended)
        if (one.expires_at is None or one.expires_at.timestamp() > now) and not entries.is_said(one)
    ]
    lifts = _lifts(session, seals, additions, version)
    return [one for one in ([*retractions.values()], [*lifts, *additions]) if one]


def _rows(session: Session, which: ColumnElement[bool], most: int) -> Sequence[EntryRow]:
    chosen = select(EntryRow).where(which, EntryRow.role != _VICTIM)
    by_age = chosen.order_by(EntryRow.begun_by, EntryRow.id).limit(most + 1)
    rows = session.scalars(by_age).all()
    if len(rows) > most:
        raise FormRefused(
            f"more than {most} entries differ; go back in steps, to a later version first"
        )
    return rows


def _selector(seals: Seals, row: EntryRow) -> Canonical:
    return Canonical(SelectorKind(row.kind), seals.text(row, "canonical"))


def _was_listed(entries: Entries, selector: Canonical, version: int) -> bool:
    """Tell whether something that is still said of a selector was said by then."""
    rows = entries.open_of(selector)
    return any(row.begun_by <= version and row.role != _VICTIM for row in rows)


def _lifts(session: Session, seals: Seals, additions: Sequence[Add], version: int) -> list[Change]:
    """Return what allows again those that were taken off since."""
    kinds: dict[Canonical, Kind] = {canonical_of(one): one.kind for one in additions}
    return [
        Lift(kind, selector.text, f"taken back to version {version}")
        for selector, kind in kinds.items()
        if is_retracted(session, seals, selector)
    ]

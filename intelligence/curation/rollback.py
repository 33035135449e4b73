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

from intelligence.curation.change_sets import operation_of
from intelligence.curation.entries import VICTIM, Entries, Said, canonical_of
from intelligence.curation.sealing import Seals
from intelligence.curation.standing import answers_yes, is_retracted
from intelligence.curation.tables import ChangeRow, ChangeSet, EntryRow
from intelligence.errors import FormRefused, Undecipherable
from screening.spools.changes import Add, Change, Kind, Lift, Retract
from screening.vocabulary.selector import Canonical

MOST_UNDONE: Final = 2_000
"""Written down in some seconds, in which nobody else writes."""
_MOST_READ: Final = 40_000
"""Operations of later files that are looked through: in some six seconds."""
_AT_A_TIME: Final = 500
"""Operations that are in memory."""


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

    Raises `FormRefused` where there are more than `most` entries to be taken off or added again,
    and `Undecipherable` where nobody knows whether somebody is to be taken off.
    """
    entries = Entries(session, seals)
    found = _found(session, seals, version, most)
    retractions: dict[Canonical, Change] = {}
    ended, stays = list[tuple[Said, Add]](), 0
    for selector, said in entries.said_of_each(found).items():
        begun = [row for row in said.open if row.begun_by > version and row.role != VICTIM]
        over = [row for row in said.ended if _is_of(row, version) and row.role != VICTIM]
        if said.unread and (begun or not over):
            raise Undecipherable("part of what is said of a selector was changed; restore a backup")
        if begun and _is_to_go(said, version, now):
            reason = f"taken back to version {version}"
            retractions[selector] = Retract(selector.kind.value, selector.text, reason)
            continue
        stays += bool(begun)
        ended += [(said, entries.addition(row)) for row in over]
    additions = [
        one
        for said, one in ended
        if (one.expires_at is None or one.expires_at.timestamp() > now)
        and not entries.is_said(said, one)
    ]
    lifts = _lifts(session, seals, additions, version)
    sets: list[list[Change]] = [[*retractions.values()], [*lifts, *additions]]
    return Undoing([one for one in sets if one], stays)


def _found(session: Session, seals: Seals, version: int, most: int) -> set[Canonical]:
    """Return the selectors that later files have said something of.

    By their operations as well as by the columns of entries: who has one be hidden has to have
    both be.
    """
    was_open = EntryRow.ended_by.is_(None) | (EntryRow.ended_by > version)
    then = (EntryRow.begun_by <= version) & was_open
    begun = _rows(session, (EntryRow.begun_by > version) & EntryRow.ended_by.is_(None), most)
    ended = _rows(session, then & EntryRow.ended_by.is_not(None), most)
    found = {seals.selector(row) for row in (*begun, *ended)}
    later = (
        select(ChangeRow)
        .join(ChangeSet, ChangeSet.id == ChangeRow.change_set_id)
        .where(ChangeSet.export_sequence > version)
        .execution_options(yield_per=_AT_A_TIME)
    )
    for many, row in enumerate(session.scalars(later), start=1):
        if many > _MOST_READ:
            raise FormRefused(
                f"later files have more than {_MOST_READ} operations; go back in steps, to a later "
                "version first"
            )
        found.add(canonical_of(operation_of(seals, row)))
    return found


def _is_to_go(said: Said, version: int, now: float) -> bool:
    """Tell whether a version would not list a selector of which something was added since."""
    then = [row for row in (*said.open, *said.ended) if _is_of(row, version)]
    is_new = all(row.role == VICTIM for row in then)
    return is_new or (answers_yes(said.open, now) and not answers_yes(then, now))


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


def _lifts(session: Session, seals: Seals, additions: Sequence[Add], version: int) -> list[Change]:
    """Return what allows again those that were taken off since."""
    kinds: dict[Canonical, Kind] = {canonical_of(one): one.kind for one in additions}
    return [
        Lift(kind, selector.text, f"taken back to version {version}")
        for selector, kind in kinds.items()
        if is_retracted(session, seals, selector)
    ]

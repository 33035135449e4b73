"""The operations that undo what files after a version did, as far as operations can.

What somebody is taken off for stays on the ledger and on the indexer's list of those taken off. A
statement that was added to a selector of which something was said already stays, as does that
somebody is a victim, unless by it the selector is answered with yes, and by what was said then it
would be answered with no.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from intelligence.curation.change_sets import operation_of
from intelligence.curation.entries import VICTIM, Entries, Said, by_term, canonical_of
from intelligence.curation.retractions import is_retracted
from intelligence.curation.standing import answers_yes
from intelligence.curation.tables import ChangeRow, ChangeSet, EntryRow
from intelligence.errors import FormRefused, Undecipherable
from intelligence.store.sealing import Seals
from screening.spools.changes import Add, Change, Kind, Lift, Retract
from screening.vocabulary.selector import Canonical

MOST_UNDONE: Final = 2_000
"""Written down in some seconds, in which nobody else writes."""
_AT_A_TIME: Final = 500
"""Operations, and selectors, that are in memory with what is said of them."""


@dataclass(frozen=True, slots=True)
class Undoing:
    """Operations that take off, which one person decides, and apart from them what adds again.

    Without either where there is none of it. `stays` is of how many selectors what
    was added since stays: it lists nobody whom what was said then would not list now.
    """

    sets: Sequence[Sequence[Change]]
    stays: int


def undoing(session: Session, seals: Seals, version: int, now: float, *, most: int) -> Undoing:
    """Return what undoes all later files, of which there may be years: nobody is to wait for it.

    Raises `FormRefused` where there are more than `most` entries to be taken off or added again, or
    nobody knows of whom a later file was, and `Undecipherable` where nobody knows whether somebody
    is to be taken off.
    """
    entries = Entries(session, seals)
    found = iter(_found(session, seals, version, most))
    retractions: dict[Canonical, Change] = {}
    additions, stays = list[Add](), 0
    while some := list(islice(found, _AT_A_TIME)):
        for selector, said in entries.said_of_each(some).items():
            begun = [row for row in said.open if row.begun_by > version and row.role != VICTIM]
            over = [row for row in said.ended if _is_of(row, version) and row.role != VICTIM]
            if said.unread and (begun or not over):
                raise Undecipherable(
                    "part of what is said of a selector was changed; restore a backup"
                )
            if begun and _is_to_go(said, version, now):
                reason = f"taken back to version {version}"
                retractions[selector] = Retract(selector.kind.value, selector.text, reason)
                continue
            stays += bool(begun)
            again = map(entries.addition, over)
            additions += [one for one in again if _is_to_come(entries, said, one, now)]
    _refuse_many(max(len(retractions), len(additions)), most)
    lifts = _lifts(session, seals, additions, version)
    sets: list[list[Change]] = [[*retractions.values()], [*lifts, *additions]]
    return Undoing([one for one in sets if one], stays)


def _found(session: Session, seals: Seals, version: int, most: int) -> set[Canonical]:
    """Return the selectors that later files have said something of.

    By their operations as well as by the columns of entries: who has one be hidden has to have
    both be. An operation that does not open is of a selector that is found anyway, or of nobody
    knows whom.
    """
    was_open = EntryRow.ended_by.is_(None) | (EntryRow.ended_by > version)
    then = (EntryRow.begun_by <= version) & was_open
    begun = _rows(session, (EntryRow.begun_by > version) & EntryRow.ended_by.is_(None), most)
    ended = _rows(session, then & EntryRow.ended_by.is_not(None), most)
    found, unread = {seals.selector(row) for row in (*begun, *ended)}, dict[bytes, int]()
    later = (
        select(ChangeRow, ChangeSet.export_sequence)
        .join(ChangeSet, ChangeSet.id == ChangeRow.change_set_id)
        .where(ChangeSet.export_sequence > version)
        .execution_options(yield_per=_AT_A_TIME)
    )
    for row, sequence in session.execute(later):
        try:
            found.add(canonical_of(operation_of(seals, row)))
        except Undecipherable:
            last = unread.get(row.canonical_term, version)
            unread[row.canonical_term] = max(sequence or version, last)
    terms = {term for of in by_term(seals, ChangeRow, found if unread else ()) for _, term in of}
    if unread := {term: last for term, last in unread.items() if term not in terms}:
        last = max(unread.values())
        raise FormRefused(
            f"part of what file {last} has changed cannot be read; go back to version {last} or a "
            "later one, or restore a backup"
        )
    return found


def _is_to_go(said: Said, version: int, now: float) -> bool:
    """Tell whether a version would not list a selector of which something was added since."""
    then = [row for row in (*said.open, *said.ended) if _is_of(row, version)]
    is_new = all(row.role == VICTIM for row in then)
    return is_new or (answers_yes(said.open, now) and not answers_yes(then, now))


def _is_to_come(entries: Entries, said: Said, one: Add, now: float) -> bool:
    """Tell whether what was said is to be said again: it is not over, nor said."""
    is_over = one.expires_at is not None and one.expires_at.timestamp() <= now
    return not is_over and not entries.is_said(said, one)


def _is_of(row: EntryRow, version: int) -> bool:
    is_there = row.ended_by is None or row.ended_by > version
    return row.begun_by <= version and is_there


def _rows(session: Session, which: ColumnElement[bool], most: int) -> Sequence[EntryRow]:
    chosen = select(EntryRow).where(which, EntryRow.role != VICTIM)
    by_age = chosen.order_by(EntryRow.begun_by, EntryRow.id).limit(most + 1)
    rows = session.scalars(by_age).all()
    _refuse_many(len(rows), most)
    return rows


def _refuse_many(many: int, most: int) -> None:
    if many > most:
        raise FormRefused(
            f"more than {most} entries differ; go back in steps, to a later version first"
        )


def _lifts(session: Session, seals: Seals, additions: Sequence[Add], version: int) -> list[Change]:
    """Return what allows again those that were taken off since."""
    kinds: dict[Canonical, Kind] = {canonical_of(one): one.kind for one in additions}
    return [
        Lift(kind, selector.text, f"taken back to version {version}")
        for selector, kind in kinds.items()
        if is_retracted(session, seals, selector)
    ]

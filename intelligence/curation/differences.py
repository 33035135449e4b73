"""What a change makes of the list as it is in force: begun, ended, and what differs in what."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from intelligence.curation.as_approved import find_retractions_shown
from intelligence.curation.entries import VICTIM, Entries, canonical_of
from intelligence.curation.marks import Mark, Of, mark
from intelligence.curation.retractions import (
    Waiting,
    find_last_retraction,
    find_retraction,
    waiting_lifts,
)
from intelligence.curation.showing import Showing
from intelligence.curation.standing import first_change
from intelligence.curation.tables import OPEN_STATES, ChangeRow, ChangeSet, ChangeState
from intelligence.errors import Undecipherable
from intelligence.staff.privileges import Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.store.sealing import ILLEGIBLE, Seals
from screening.spools.changes import Add, Change, Lift, Retract

_LEFT: Final = (ChangeState.EXPORTED, ChangeState.APPLIED)


class Difference(NamedTuple):
    """A field of which the same source says something else from then on."""

    field: str
    now: object
    then: object


class TakenOff(NamedTuple):
    """Who took a selector off last, and why, and when; of a retraction, who did before it.

    Nobody is named where hands alone did at the indexer, at `by_hand_at` (Unix seconds). `is_since`
    where one of these was after the change was approved, or, where nobody has or it was refused,
    written. `is_lifted` where two people have allowed it again since that.
    """

    record: Shown
    decided_at: int | None
    is_since: bool
    by_hand_at: int | None = None
    is_lifted: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a change, and the page of its selector.

    `ends` are entries that end; where the same source says something else in their place, `differs`
    is what. `is_said` is true where the list says just this already, and `is_unread` where part of
    what it says cannot be read. `keeps_off` is true where it takes off what nothing was said of.
    `excluded_as` names the category of the safety list for which the
    indexer would send the whole change back. `lifts` are what allows again whom it takes off.
    """

    name: str
    selector_id: UUID | None
    says: Shown
    ends: Sequence[Shown] = ()
    differs: Sequence[Difference] = ()
    is_said: bool = False
    is_unread: bool = False
    keeps_off: bool = False
    taken_off: TakenOff | None = None
    excluded_as: str | None = None
    lifts: Sequence[Waiting] = ()


class _Seen(NamedTuple):
    """Up to when somebody has looked at a change; of one that is approved, the `marks` shown."""

    at: int
    marks: frozenset[Mark] | None


def shown_operations(
    showing: Showing, changes: Sequence[Change], row: ChangeSet
) -> list[Operation]:
    """Return operations of a change set, as far as that has come."""
    if row.was_refused:
        seen = _Seen(row.created_at, None)
    else:
        marks = find_retractions_shown(showing.seals, row)
        seen = _Seen(row.decided_at or row.created_at, marks)
    return [_operation(showing, one, row, seen) for one in changes]


def _operation(showing: Showing, change: Change, row: ChangeSet, seen: _Seen) -> Operation:
    name, says = type(change).__name__.lower(), showing.operation(change)
    if not showing.privileges.may(Verb.READ, RecordType.ENTRY):
        return Operation(name, None, says)
    known = first_change(showing.session, showing.seals, canonical_of(change))
    selector_id = None if known is None else known.id
    lifts, taken_off = list[Waiting](), None
    if isinstance(change, Retract):
        lifts = waiting_lifts(showing.session, showing.seals, canonical_of(change))
    # What came back, or was refused, may have for this: of many operations its page says which.
    is_back = row.came_back_at is not None or row.was_refused
    if isinstance(change, Retract) or row.state in OPEN_STATES or is_back:
        taken_off = _taken_off(showing, change, row, seen)
    of_it = Operation(name, selector_id, says, taken_off=taken_off, lifts=lifts)
    if isinstance(change, Retract):
        return _retraction(showing, change, row, of_it)
    if isinstance(change, Lift) or row.state not in OPEN_STATES:
        return of_it
    entries = Entries(showing.session, showing.seals)
    said = entries.said_of(canonical_of(change))
    ends = [showing.entry(row) for row in entries.ended_of(said.open, change)]
    keeping_off, rule = showing.known(), None
    if keeping_off is not None and change.role != VICTIM:
        rule = keeping_off.find(canonical_of(change))
    return replace(
        of_it,
        ends=ends,
        differs=_differences(ends[-1], says) if ends else [],
        is_said=entries.is_said(said, change),
        is_unread=bool(said.unread),
        excluded_as=None if rule is None else rule.category.value,
    )


def _retraction(showing: Showing, change: Retract, row: ChangeSet, of_it: Operation) -> Operation:
    """Return a retraction with what it ends, or has ended where it has left."""
    is_open = row.state in OPEN_STATES
    if not is_open and row.state not in _LEFT:
        return of_it
    entries = Entries(showing.session, showing.seals)
    said = entries.said_of(canonical_of(change))
    if is_open:
        over = entries.ended_of(said.open, change)
    else:
        over = [one for one in said.ended if one.ended_by == row.export_sequence]
    return replace(
        of_it,
        ends=[showing.entry(one) for one in over],
        is_unread=is_open and bool(said.unread),
        keeps_off=not (over or said.unread or of_it.taken_off),
    )


def _taken_off(showing: Showing, change: Change, of_set: ChangeSet, seen: _Seen) -> TakenOff | None:
    """Return what whoever decides of a selector has to know of its retraction."""
    session, seals, known = showing.session, showing.seals, showing.known()
    selector, by_hand_at = canonical_of(change), None
    lists = isinstance(change, Lift) or (isinstance(change, Add) and change.role != VICTIM)
    if lists and known is not None:
        by_hand_at = known.taken_off.get(selector)
    if isinstance(change, Retract):
        row = find_retraction(session, seals, selector, before=of_set.turn)
    else:  # what only adds leaves, where it is taken off behind it alone
        is_any = isinstance(change, Lift) or of_set.was_refused
        before = None if is_any else of_set.turn
        row = find_last_retraction(session, seals, selector, before=before)
    seen = seen if lists else seen._replace(marks=None)  # there is none of anybody else
    by_hand = mark(Of.HANDS, selector, by_hand_at)
    is_since = by_hand_at is not None and _is_unseen(seen, by_hand, by_hand_at)
    if row is None:
        found = TakenOff(Shown(), None, is_since, by_hand_at)
        return None if by_hand_at is None else found
    of = session.get_one(ChangeSet, row.change_set_id)
    record = {"author": showing.author(of), "reason": _reason_of(seals, row)}
    shown = showing.privileges.shown(RecordType.CHANGE, record)
    decision = mark(Of.DECISION, selector, of.id)
    is_since = is_since or _is_unseen(seen, decision, of.decided_at or 0)
    is_lifted = find_retraction(session, seals, selector, before=of_set.turn) is None
    return TakenOff(shown, of.decided_at, is_since, by_hand_at, is_lifted)


def _is_unseen(seen: _Seen, what: Mark, at: int) -> bool:
    """Tell whether what happened `at` a time is unknown to who approved a change.

    By its mark, where those are kept: by that it comes back, and by no clock.
    """
    return at > seen.at if seen.marks is None else what not in seen.marks


def _reason_of(seals: Seals, row: ChangeRow) -> str:
    try:
        return msgspec.json.decode(seals.open(row, "said"), type=Retract).reason
    except Undecipherable:
        return ILLEGIBLE


def _differences(now: Shown, then: Shown) -> list[Difference]:
    return [
        Difference(name, now[name], then[name])
        for name in then
        if name in now and now[name] != then[name]
    ]

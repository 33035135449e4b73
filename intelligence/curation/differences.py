"""What a change makes of the list as it is in force: begun, ended, and what differs in what."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import UUID

import msgspec

from intelligence.curation.entries import VICTIM, Entries, canonical_of
from intelligence.curation.retractions import (
    WaitingLift,
    find_last_retraction,
    find_retraction,
    waiting_lifts,
)
from intelligence.curation.safety_lists import all_taken_off, find_rule
from intelligence.curation.showing import Showing
from intelligence.curation.standing import first_change
from intelligence.curation.tables import OPEN_STATES, ChangeRow, ChangeSet
from intelligence.errors import Undecipherable
from intelligence.staff.privileges import Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.store.sealing import ILLEGIBLE, Seals
from screening.spools.changes import Add, Change, Lift, Retract


class Difference(NamedTuple):
    """A field of which the same source says something else from then on."""

    field: str
    now: object
    then: object


class TakenOff(NamedTuple):
    """Who took a selector off last, and why, and when; of a retraction, who did before it.

    Nobody is named where hands alone did at the indexer, at `by_hand_at` (Unix seconds). `is_since`
    where one of these was after the change was approved, or, where nobody has, written.
    """

    record: Shown
    decided_at: int | None
    is_since: bool
    by_hand_at: int | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a change, and the page of its selector.

    `ends` are entries that end; where the same source says something else in their place, `differs`
    is what. `is_said` is true where the list says just this already, and `is_unread` where part of
    what it says cannot be read. `excluded_as` names the category of the safety list for which the
    indexer would send the whole change back. `lifts` are what allows again whom it takes off.
    """

    name: str
    selector_id: UUID | None
    says: Shown
    ends: Sequence[Shown] = ()
    differs: Sequence[Difference] = ()
    is_said: bool = False
    is_unread: bool = False
    taken_off: TakenOff | None = None
    excluded_as: str | None = None
    lifts: Sequence[WaitingLift] = ()


def shown_operation(showing: Showing, change: Change, row: ChangeSet) -> Operation:
    """Return an operation of a change set, as far as that has come."""
    name, says = type(change).__name__.lower(), showing.operation(change)
    if not showing.privileges.may(Verb.READ, RecordType.ENTRY):
        return Operation(name, None, says)
    known = first_change(showing.session, showing.seals, canonical_of(change))
    selector_id = None if known is None else known.id
    lifts, taken_off = list[WaitingLift](), None
    if isinstance(change, Retract):
        lifts = waiting_lifts(showing.session, showing.seals, canonical_of(change))
    # What came back, or was refused, may have for this: of many operations its page says which.
    is_back = row.came_back_at is not None or row.was_refused
    if isinstance(change, Retract) or row.state in OPEN_STATES or is_back:
        taken_off = _taken_off(showing, change, row)
    if isinstance(change, Lift) or row.state not in OPEN_STATES:
        return Operation(name, selector_id, says, taken_off=taken_off, lifts=lifts)
    entries = Entries(showing.session, showing.seals)
    said = entries.said_of(canonical_of(change))
    ends = [showing.entry(row) for row in entries.ended_of(said.open, change)]
    if not isinstance(change, Add):
        of_it = Operation(name, selector_id, says, ends, taken_off=taken_off, lifts=lifts)
        return replace(of_it, is_unread=bool(said.unread))
    rule = None
    if change.role != "victim":
        rule = find_rule(showing.session, showing.seals, canonical_of(change))
    return Operation(
        name,
        selector_id,
        says,
        ends,
        _differences(ends[-1], says) if ends else [],
        entries.is_said(said, change),
        is_unread=bool(said.unread),
        taken_off=taken_off,
        excluded_as=None if rule is None else rule.category.value,
    )


def _taken_off(showing: Showing, change: Change, of_set: ChangeSet) -> TakenOff | None:
    """Return what whoever decides of a selector has to know of its retraction."""
    session, seals = showing.session, showing.seals
    selector, by_hand_at = canonical_of(change), None
    if isinstance(change, Lift) or (isinstance(change, Add) and change.role != VICTIM):
        by_hand_at = all_taken_off(session, seals).get(selector)
    if isinstance(change, Retract):
        row = find_retraction(session, seals, selector, before=of_set.turn)
    else:  # what only adds leaves, where it is taken off behind it alone
        is_any = isinstance(change, Lift) or of_set.was_refused
        before = None if is_any else of_set.turn
        row = find_last_retraction(session, seals, selector, before=before)
    decided_at = None if of_set.was_refused else of_set.decided_at
    seen_at = decided_at or of_set.created_at
    is_since = (by_hand_at or 0) > seen_at
    if row is None:
        found = TakenOff(Shown(), None, is_since, by_hand_at)
        return None if by_hand_at is None else found
    of = session.get_one(ChangeSet, row.change_set_id)
    record = {"author": showing.author(of), "reason": _reason_of(seals, row)}
    shown = showing.privileges.shown(RecordType.CHANGE, record)
    is_since = is_since or (of.decided_at or 0) > seen_at
    return TakenOff(shown, of.decided_at, is_since, by_hand_at)


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

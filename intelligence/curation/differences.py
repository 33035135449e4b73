"""What a change makes of the list as it is in force: begun, ended, and what differs in what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

import msgspec

from intelligence.curation.entries import Entries, canonical_of
from intelligence.curation.safety_lists import find_rule
from intelligence.curation.showing import Showing
from intelligence.curation.standing import find_retraction, first_change
from intelligence.curation.tables import OPEN_STATES, ChangeSet
from intelligence.staff.privileges import Shown
from intelligence.staff.roles import RecordType, Verb
from screening.spools.changes import Add, Change, Lift, Retract


class Difference(NamedTuple):
    """A field of which the same source says something else from then on."""

    field: str
    now: object
    then: object


class TakenOff(NamedTuple):
    """Of what is to be allowed again: who took it off, and why, and when that was decided."""

    record: Shown
    decided_at: int | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a change, and the page of its selector.

    `ends` are entries that end; where the same source says something else in their place, `differs`
    is what. `is_said` is true where the list says just this already, and `is_unread` where part of
    what it says cannot be read. `excluded_as` names the category of the safety list for which the
    indexer would send the whole change back.
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


def shown_operation(showing: Showing, change: Change, state: str) -> Operation:
    """Return an operation of a change that has come this far."""
    name, says = type(change).__name__.lower(), showing.operation(change)
    if not showing.privileges.may(Verb.READ, RecordType.ENTRY):
        return Operation(name, None, says)
    known = first_change(showing.session, showing.seals, canonical_of(change))
    selector_id = None if known is None else known.id
    if state not in OPEN_STATES:
        return Operation(name, selector_id, says)
    if isinstance(change, Lift):
        return Operation(name, selector_id, says, taken_off=_taken_off(showing, change))
    entries = Entries(showing.session, showing.seals)
    said = entries.said_of(canonical_of(change))
    ends = [showing.entry(row) for row in entries.ended_of(said.open, change)]
    if not isinstance(change, Add):
        return Operation(name, selector_id, says, ends, is_unread=bool(said.unread))
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
        excluded_as=None if rule is None else rule.category.value,
    )


def _taken_off(showing: Showing, change: Change) -> TakenOff | None:
    """Return what whoever allows a selector again has to know of its retraction."""
    session, seals = showing.session, showing.seals
    row = find_retraction(session, seals, canonical_of(change))
    if row is None:
        return None
    of = session.get_one(ChangeSet, row.change_set_id)
    said = msgspec.json.decode(seals.open(row, "said"), type=Retract)
    record = {"author": showing.person(of.author_id), "reason": said.reason}
    return TakenOff(showing.privileges.shown(RecordType.CHANGE, record), of.decided_at)


def _differences(now: Shown, then: Shown) -> list[Difference]:
    return [
        Difference(name, now[name], then[name])
        for name in then
        if name in now and now[name] != then[name]
    ]

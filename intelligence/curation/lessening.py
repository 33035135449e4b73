"""Which operations of a change lessen what the list says: pages show them first, and count them.

What takes somebody off stands as an addition among hundreds of others where a source says from then
on that they are a victim, or says less of them; whoever approves is not to miss it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.curation.entries import VICTIM, Entries, canonical_of
from intelligence.curation.sealing import Seals
from intelligence.curation.standing import LIST_NOBODY, answers_yes, lists
from intelligence.curation.stands import Stands
from intelligence.curation.tables import EntryRow, ExportRow
from screening.spools.changes import Add, Change, Lift, Retract
from screening.vocabulary.selector import Canonical


class Effect(StrEnum):
    """What lessens the list, the weightiest first."""

    TAKES_OFF = "takes off"
    """Somebody who is answered with yes is answered with no from then on; or it is a retraction."""
    PROTECTS = "protects"
    """It says that somebody is a victim."""
    LOWERS = "lowers"
    """The same source says less of somebody who is listed: less surely, in another role,
    for fewer days or places."""

    def words(self, count: int) -> str:
        """Return what so many operations do, as pages and sentences say it."""
        return _WORDS[self][count > 1]


_WORDS: Final[Mapping[Effect, tuple[str, str]]] = {
    Effect.TAKES_OFF: ("takes somebody off the list", "take somebody off the list"),
    Effect.PROTECTS: ("says that somebody is a victim", "say that somebody is a victim"),
    Effect.LOWERS: ("lowers what a source says", "lower what a source says"),
}

_NO_CHANGE_SET: Final = UUID(int=0)
_NO_FILE: Final = -1
"""What an entry is of that is not there yet."""


@dataclass(frozen=True, slots=True)
class Lessening:
    """The operations of a change as they are shown, and what each does that lessens the list."""

    operations: Sequence[Change]
    effects: Sequence[Effect | None]

    @property
    def counts(self) -> Mapping[Effect, int]:
        """How many do what."""
        counted = Counter(self.effects)
        return {effect: counted[effect] for effect in Effect if effect in counted}

    @property
    def to_name(self) -> tuple[Effect, int] | None:
        """What an approver has to name, and how many do it: the weightiest there is.

        None where all operations do that, and so none could hide it.
        """
        for effect, count in self.counts.items():
            return (effect, count) if count < len(self.operations) else None
        return None


def lessening(
    session: Session,
    seals: Seals,
    changes: Sequence[Change],
    now: float,
    *,
    waiting: Mapping[Canonical, Sequence[Change]],
) -> Lessening:
    """Return operations, those that lessen the list first, as of a time in Unix seconds.

    The list is as `waiting` will have made it, which leaves before them. Those that do alike, or
    nothing of it, are in the order in which they were.
    """
    entries, found = Entries(session, seals), dict[int, Effect]()
    for own, said, is_taken_off in _touched(session, seals, changes, now, waiting=waiting):
        for one in own:
            effect = _effect(entries, said, one, now)
            if effect is not None:
                found[id(one)] = Effect.TAKES_OFF if is_taken_off else effect
    ranks = {effect: rank for rank, effect in enumerate(Effect)}
    pairs = [(found.get(id(one)), one) for one in changes]
    pairs.sort(key=lambda pair: len(ranks) if pair[0] is None else ranks[pair[0]])
    return Lessening([one for _, one in pairs], [effect for effect, _ in pairs])


def takes_off_who_came(
    session: Session,
    seals: Seals,
    changes: Sequence[Change],
    now: float,
    *,
    since: int,
    waiting: Mapping[Canonical, Sequence[Change]],
) -> bool:
    """Tell whether somebody is taken off whom the list names `since` a time alone, or not yet.

    So whoever has approved the operations by then was not shown that. An entry that was changed in
    the database shows nothing of it. Of what says in so many words that somebody goes off, or is a
    victim, it is not told.
    """
    later = select(ExportRow.sequence).where(ExportRow.written_at > since)
    entries, new = Entries(session, seals), {_NO_FILE, *session.scalars(later)}
    return any(
        is_taken_off
        and not any(_lists_surely(entries, row, now) for row in said if row.begun_by not in new)
        and all(isinstance(one, Add) and one.role != VICTIM for one in own)
        for own, said, is_taken_off in _touched(session, seals, changes, now, waiting=waiting)
    )


def _touched(
    session: Session,
    seals: Seals,
    changes: Sequence[Change],
    now: float,
    *,
    waiting: Mapping[Canonical, Sequence[Change]],
) -> Iterator[tuple[Sequence[Change], Sequence[EntryRow], bool]]:
    """Yield for each selector its operations, what is said of it, and whether they take it off.

    Or may: of an entry that was changed nobody knows whether it lists.
    """
    of_selector: dict[Canonical, list[Change]] = defaultdict(list)
    for one in changes:
        of_selector[canonical_of(one)].append(one)
    stands, entries = Stands(session, seals, of_selector.keys()), Entries(session, seals)
    for selector, own in of_selector.items():
        said = list(stands.said(selector))
        for one in waiting.get(selector, ()):
            entries.follow(said, one, of=_NO_CHANGE_SET, sequence=_NO_FILE)
        may_list = answers_yes(said, now) or any(map(entries.is_unread, said))
        is_listed = not stands.is_off(selector) and may_list
        yield own, said, is_listed and not _lists_after(entries, said, own, now)


def _effect(
    entries: Entries, said: Sequence[EntryRow], change: Change, now: float
) -> Effect | None:
    """Return what an operation does by itself."""
    if isinstance(change, Retract):
        return Effect.TAKES_OFF
    if isinstance(change, Lift):
        return None
    if change.role == VICTIM:
        return Effect.PROTECTS
    ended = entries.ended_of(said, change)
    is_less = any(_says_less(change, row, now) or entries.is_unread(row) for row in ended)
    return Effect.LOWERS if is_less else None


def _lists_after(
    entries: Entries, said: Sequence[EntryRow], changes: Sequence[Change], now: float
) -> bool:
    """Tell whether a selector is answered with yes by its entries, once changes are in force.

    By those that can be read: what was changed in the database hides nothing from an approver.
    """
    if any(isinstance(one, Retract) for one in changes):
        return False
    adds = [one for one in changes if isinstance(one, Add)]
    ended = {row.id for one in adds for row in entries.ended_of(said, one)}
    left = [row for row in said if row.id not in ended]
    is_protected = VICTIM in (*(row.role for row in left), *(one.role for one in adds))
    is_said = any(_lists(one, now) for one in adds) or any(
        _lists_surely(entries, row, now) for row in left
    )
    return is_said and not is_protected


def _lists_surely(entries: Entries, row: EntryRow, now: float) -> bool:
    return lists(row, now) and not entries.is_unread(row)


def _lists(change: Add, now: float) -> bool:
    is_over = change.expires_at is not None and change.expires_at.timestamp() <= now
    return change.role not in LIST_NOBODY and not is_over


def _says_less(change: Add, row: EntryRow, now: float) -> bool:
    """Tell whether a source says less of somebody than it did, where by that they are listed.

    In another role, too: a partner may be answered for some roles alone.
    """
    return lists(row, now) and (
        change.role != row.role
        or (change.confidence or 0) < (row.confidence or 0)
        or _is_sooner(change, row)
        or _is_narrower(change, row)
    )


def _is_narrower(change: Add, row: EntryRow) -> bool:
    """Tell whether it is for places alone that leave some out; to name none is everywhere."""
    before, then = frozenset(row.jurisdictions.split()), frozenset(change.jurisdictions)
    return bool(then) and (not before or not before <= then)


def _is_sooner(change: Add, row: EntryRow) -> bool:
    """Tell whether it ends sooner than it would have; what never ends has no day."""
    if change.expires_at is None:
        return False
    return row.expires_at is None or change.expires_at.timestamp() < row.expires_at

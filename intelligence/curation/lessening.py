"""Which operations of a change lessen what the list says: pages show them first, and count them.

What takes somebody off stands as an addition among hundreds of others where a source says from then
on that they are a victim, or says less of them; whoever approves is not to miss it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from intelligence.curation.ahead import Ahead
from intelligence.curation.entries import VICTIM, Entries, canonical_of
from intelligence.curation.marks import Mark, Of, mark
from intelligence.curation.retractions import marks_of_retractions
from intelligence.curation.safety_lists import find_rules
from intelligence.curation.standing import LIST_NOBODY, answers_yes, lists
from intelligence.curation.tables import EntryRow
from intelligence.store.sealing import Seals
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
    """The operations of a change as they are shown, and what each does that lessens the list.

    `marks` stand for what lists those whom it takes off, or may: of no other selector, list or
    source is one of them. `retractions` stand for what has taken off whom it lists. `unread` is how
    many entries of its selectors cannot be read, and how many changes ahead of it, which are
    `unread_ahead`, with what they are of by their rows: each may list anybody.
    """

    operations: Sequence[Change]
    effects: Sequence[Effect | None]
    marks: frozenset[Mark]
    retractions: frozenset[Mark]
    unread: int
    unread_ahead: Mapping[UUID, str]

    @property
    def counts(self) -> Mapping[Effect, int]:
        """How many do what."""
        counted = Counter(self.effects)
        return {effect: counted[effect] for effect in Effect if effect in counted}

    @property
    def facts(self) -> dict[str, int]:
        """What goes on record of entries that cannot be read, nothing where all can."""
        return {"unread": self.unread} if self.unread else {}

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
    ahead: Ahead,
) -> Lessening:
    """Return operations, those that lessen the list first, as of a time in Unix seconds.

    The list is as what is `ahead` of them will have made it. Those that do alike, or nothing
    of it, are in the order in which they were.
    """
    entries, found = Entries(session, seals), dict[int, Effect]()
    touched = list(_touched(session, seals, changes, now, ahead=ahead))
    for of in touched:
        for one in of.own:
            effect = _effect(entries, of, one, now)
            if effect is not None:
                found[id(one)] = Effect.TAKES_OFF if of.is_taken_off else effect
    ranks = {effect: rank for rank, effect in enumerate(Effect)}
    pairs = [(found.get(id(one)), one) for one in changes]
    pairs.sort(key=lambda pair: len(ranks) if pair[0] is None else ranks[pair[0]])
    return Lessening(
        [one for _, one in pairs],
        [effect for effect, _ in pairs],
        frozenset(mark for of in touched if of.is_taken_off for mark in _marks(of, now)),
        marks_of_retractions(session, seals, changes),
        len({one for of in touched for one in of.unread}),
        ahead.unread,
    )


def takes_off_others(
    session: Session,
    seals: Seals,
    changes: Sequence[Change],
    now: float,
    *,
    shown: frozenset[Mark],
    ahead: Ahead,
) -> bool:
    """Tell whether somebody is taken off of whom nothing is among the marks that were `shown`.

    So whoever has approved the operations by then was not shown that.
    """
    return any(
        of.is_taken_off and shown.isdisjoint(_marks(of, now))
        for of in _touched(session, seals, changes, now, ahead=ahead)
    )


def hiding_of(changes: Sequence[Change], now: float) -> list[Change]:
    """Return the operations that may take somebody off, and say in no words that they do.

    A retraction does, and so does what says that somebody is a victim.
    """
    each = _by_selector(changes).values()
    return [one for own in each if _may_hide(own, now) for one in own]


def _may_hide(changes: Sequence[Change], now: float) -> bool:
    """Tell whether operations on a selector may take it off, and say nothing of that.

    Where one of them lists it, it goes off for a victim alone, and by that was not on before.
    """
    return all(
        isinstance(one, Add) and one.role != VICTIM and not _lists(one, now) for one in changes
    )


def _by_selector(changes: Sequence[Change]) -> Mapping[Canonical, Sequence[Change]]:
    found: dict[Canonical, list[Change]] = defaultdict(list)
    for one in changes:
        found[canonical_of(one)].append(one)
    return found


class _Touched(NamedTuple):
    """A selector, its operations, what is said of it, and whether they take it off.

    Or may: of what is `unread` nobody knows whether it lists.
    """

    selector: Canonical
    own: Sequence[Change]
    said: Sequence[EntryRow]
    unread: Sequence[tuple[Of, UUID]]
    is_taken_off: bool


def _touched(
    session: Session,
    seals: Seals,
    changes: Sequence[Change],
    now: float,
    *,
    ahead: Ahead,
) -> Iterator[_Touched]:
    """Yield each selector of operations, as what is `ahead` will have made it.

    What was taken off in force has no entry any more, and what waits to be is `ahead`: it rests on
    no column of an earlier change.
    """
    of_selector, entries = _by_selector(changes), Entries(session, seals)
    rules, each = find_rules(session, seals, of_selector), entries.said_of_each(of_selector.keys())
    for selector, own in of_selector.items():
        said = list(each[selector].open)
        unread = [(Of.UNREAD_ENTRY, row.id) for row in each[selector].unread]
        for one in ahead.of(selector):
            entries.follow(said, one, of=_NO_CHANGE_SET, sequence=_NO_FILE)
            unread = [] if isinstance(one, Retract) else unread
        unread += [(Of.UNREAD_CHANGE, one) for one in ahead.unread]
        is_protected = any(row.role == VICTIM for row in said)
        may_list = answers_yes(said, now) or (bool(unread) and not is_protected)
        is_listed = may_list and selector not in rules
        is_taken_off = is_listed and not _lists_after(entries, said, own, now)
        yield _Touched(selector, own, said, unread, is_taken_off)


def _marks(of: _Touched, now: float) -> Iterator[Mark]:
    """Yield what stands for each source in a list by which a selector is listed, or may be.

    How surely, until when and as what one says it is no matter: whoever was shown that somebody is
    taken off was shown that.
    """
    for row in of.said:
        if lists(row, now):
            yield mark(Of.SOURCE, of.selector, row.list, row.source)
    for what, one in of.unread:
        yield mark(what, of.selector, one)


def _effect(entries: Entries, of: _Touched, change: Change, now: float) -> Effect | None:
    """Return what an operation does by itself."""
    if isinstance(change, Retract):
        return Effect.TAKES_OFF
    if isinstance(change, Lift):
        return None
    if change.role == VICTIM:
        return Effect.PROTECTS
    ended = entries.ended_of(of.said, change)
    is_less = bool(of.unread) or any(_says_less(change, row, now) for row in ended)
    return Effect.LOWERS if is_less else None


def _lists_after(
    entries: Entries, said: Sequence[EntryRow], changes: Sequence[Change], now: float
) -> bool:
    """Tell whether a selector is answered with yes by its entries, once changes are in force."""
    if any(isinstance(one, Retract) for one in changes):
        return False
    adds = [one for one in changes if isinstance(one, Add)]
    ended = {row.id for one in adds for row in entries.ended_of(said, one)}
    left = [row for row in said if row.id not in ended]
    is_protected = VICTIM in (*(row.role for row in left), *(one.role for one in adds))
    is_said = any(_lists(one, now) for one in adds) or any(lists(row, now) for row in left)
    return is_said and not is_protected


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

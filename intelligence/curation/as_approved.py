"""What an approver was shown, and when they have it leave, kept beside a change for its leaving.

Whoever writes in the database can have an entry be hidden, or be unreadable, while somebody
approves, and put it back after; and who comes onto the list meanwhile, nobody was shown. Nor was
anybody shown what has taken a selector off since: an approval allows again what was known by then.
"""

from collections.abc import Sequence
from typing import Final, TypeAlias

import msgspec
from sqlalchemy.orm import Session

from intelligence.curation.ahead import Ahead
from intelligence.curation.change_sets import ChangeSets
from intelligence.curation.lessening import Lessening, hiding_of, takes_off_others
from intelligence.curation.marks import Mark, Of
from intelligence.curation.retractions import marks_of_retractions
from intelligence.curation.tables import ChangeSet
from intelligence.errors import FormRefused, Undecipherable
from intelligence.store.sealing import Seals
from screening.spools.changes import Change, Retract

_CAME_SINCE: Final = (
    "by now this takes off somebody of whom its page did not say so; look whether that is right, "
    "and write it anew"
)
_SHOWN_OTHERWISE: Final = (
    "this takes off others by now than the page has shown, or by what other sources say; look it "
    "over again, and sign it then"
)
_TAKEN_OFF_SINCE: Final = (
    "a selector of it was taken off the list after this was approved, so nothing of it is in "
    "force; its page says which, when and why: write the rest anew, and that where it is right all "
    "the same"
)
_TAKEN_OFF_BY_HAND_SINCE: Final = (
    "hands at the indexer took a selector of it off the list, of which its approver was not shown, "
    "so nothing of it is in force; its page says which and when: ask them why, write the rest "
    "anew, and that where it is right all the same"
)
_CHANGED: Final = (
    "its time to leave, or what its approver was shown, was changed in the database; have whoever "
    "runs the service find out who did, and write it anew"
)
_OF_BEFORE: Final = (
    "this was approved before the console was upgraded, and what its page showed then does not "
    "count any more; look it over, and write it anew"
)


class _Kept(msgspec.Struct, frozen=True):
    """What is sealed at an approval: when it leaves, if later, and the marks of what was shown.

    Those of what lists whom it takes off, and of what has taken off whom it lists. What was sealed
    before has none that count: an id that somebody chose may have stood among them for anything.
    """

    leaves_at: int | None
    listing: frozenset[Mark] | None = None
    retractions: frozenset[Mark] | None = None


_Oldest: TypeAlias = frozenset[str]
"""What was sealed before approvals kept their time."""


def digest_of_shown(seals: Seals, found: Lessening) -> str:
    """Return what stands on a page, and in its form, for all that it shows to be taken off."""
    marks = sorted(found.marks | found.retractions)
    return seals.digest(ChangeSet, "shown", msgspec.json.encode(marks))


def keep_shown(sets: ChangeSets, row: ChangeSet, found: Lessening, shown: str | None) -> None:
    """Keep what the approver of a change set was shown, where that has this digest.

    And when it leaves, which has to stand in the row by then.

    Raises `FormRefused` where the page has shown something else.
    """
    if shown not in (None, digest_of_shown(sets.seals, found)):
        raise FormRefused(_SHOWN_OTHERWISE)
    kept = _Kept(row.leaves_at, found.marks, found.retractions)
    row.shown = sets.seals.seal(row, "shown", msgspec.json.encode(kept, order="deterministic"))


def require_as_approved(
    session: Session,
    sets: ChangeSets,
    row: ChangeSet,
    changes: Sequence[Change],
    *,
    ahead: Ahead | None = None,
) -> None:
    """Raise `FormRefused` where its approver was shown something else than what it does by now.

    It takes off whom nobody was shown to be listed, after what is `ahead` of it, all that waits
    where nothing is given; it lists whom something has taken off of which nobody knew; or its time
    to leave is another, or has not come. Raises `Undecipherable` where what was shown does not
    open. What only takes off leaves at any time.
    """
    if all(isinstance(one, Retract) for one in changes):
        return
    now, kept = sets.clock(), _kept(sets.seals, row)
    if kept.leaves_at != row.leaves_at or (kept.leaves_at or 0) > now:
        raise FormRefused(_CHANGED)
    known, shown = kept.retractions or frozenset(), kept.listing or frozenset()
    unknown = marks_of_retractions(session, sets.seals, changes, before=row.turn) - known
    if unknown:
        raise FormRefused(_OF_BEFORE if kept.retractions is None else _since(unknown))
    hiding = hiding_of(changes, now)
    if not hiding:
        return
    ahead = sets.waiting(session, before=None) if ahead is None else ahead
    if takes_off_others(session, sets.seals, hiding, now, shown=shown, ahead=ahead):
        raise FormRefused(_OF_BEFORE if kept.listing is None else _CAME_SINCE)


def find_retractions_shown(seals: Seals, row: ChangeSet) -> frozenset[Mark] | None:
    """Return the marks of what had taken off whom a change lists, of which its approver knew.

    None where nobody has approved it, or nothing that counts was kept.
    """
    try:
        return _kept(seals, row).retractions
    except (FormRefused, Undecipherable):
        return None


def _since(unknown: frozenset[Mark]) -> str:
    is_by_hand = all(of == Of.HANDS for of, *_ in unknown)
    return _TAKEN_OFF_BY_HAND_SINCE if is_by_hand else _TAKEN_OFF_SINCE


def _kept(seals: Seals, row: ChangeSet) -> _Kept:
    """Return what was sealed at the approval of a change set.

    Raises `FormRefused` where nothing was: a value that was taken away says nothing of a time.
    """
    sealed = seals.open(row, "shown")
    if not sealed:
        raise FormRefused(_CHANGED)
    kept = msgspec.json.decode(sealed, type=_Kept | _Oldest)
    return kept if isinstance(kept, _Kept) else _Kept(row.leaves_at)

"""What an approver was shown that a change takes off, kept beside it and held against its leaving.

Whoever writes in the database can have an entry be hidden, or be unreadable, while somebody
approves, and put it back after; and who comes onto the list meanwhile, nobody was shown.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy.orm import Session

from intelligence.curation.ahead import Ahead
from intelligence.curation.change_sets import ChangeSets
from intelligence.curation.lessening import Lessening, hiding_of, takes_off_others
from intelligence.curation.sealing import Seals
from intelligence.curation.tables import ChangeSet
from intelligence.errors import FormRefused
from screening.spools.changes import Change

_CAME_SINCE: Final = (
    "by now this takes off somebody of whom its page did not say so; look whether that is right, "
    "and write it anew"
)
_SHOWN_OTHERWISE: Final = (
    "this takes off others by now than the page has shown, or by what other sources say; look it "
    "over again, and sign it then"
)


def digest_of_shown(seals: Seals, found: Lessening) -> str:
    """Return what stands on a page, and in its form, for all that it shows to be taken off."""
    return seals.digest(ChangeSet, "shown", b"".join(sorted(found.marks)))


def keep_shown(sets: ChangeSets, row: ChangeSet, found: Lessening, shown: str | None) -> None:
    """Keep what the approver of a change set was shown, where that has this digest.

    Raises `FormRefused` where the page has shown something else.
    """
    if shown not in (None, digest_of_shown(sets.seals, found)):
        raise FormRefused(_SHOWN_OTHERWISE)
    row.shown = sets.seals.seal(row, "shown", msgspec.json.encode(sorted(found.marks)))


def require_as_approved(
    session: Session,
    sets: ChangeSets,
    row: ChangeSet,
    changes: Sequence[Change],
    *,
    ahead: Ahead | None = None,
) -> None:
    """Raise `FormRefused` where it takes off whom its approver was not shown to be listed.

    After what is `ahead` of it, all that waits where nothing is given. Raises `Undecipherable`
    where what was shown does not open; nothing was where it was not kept.
    """
    now = sets.clock()
    hiding = hiding_of(changes, now)
    if not hiding:
        return
    shown = msgspec.json.decode(sets.seals.open(row, "shown") or b"[]", type=frozenset[bytes])
    ahead = sets.waiting(session, before=None) if ahead is None else ahead
    if takes_off_others(session, sets.seals, hiding, now, shown=shown, ahead=ahead):
        raise FormRefused(_CAME_SINCE)

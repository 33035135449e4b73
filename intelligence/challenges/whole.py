"""Whether a challenge is as the console has left it: it is answered and concluded only so."""

import hashlib
from typing import Final

import msgspec

from intelligence.challenges.tables import ChallengeRow
from intelligence.errors import FormRefused
from intelligence.journal import CONSOLE, Journal
from intelligence.store.bound import digest_of
from intelligence.store.sealing import Seals

_CHANGED: Final = (
    "this was changed outside of the console; record anew what the letter names, and have whoever "
    "runs the service find out who has changed the database"
)
_HOLDS: Final = "this is as the console has left it; look into it, and conclude what you find"


def is_whole(seals: Seals, row: ChallengeRow) -> bool:
    """Tell whether a letter and all of its selectors hold, and these open.

    What is bound says of a sealed value that it is there, and not that it is the one of before.
    """
    selectors = map(seals.find_selector, row.selectors)
    return seals.holds(row) and all(one is not None for one in selectors)


def letter_of(seals: Seals, row: ChallengeRow) -> bytes:
    """Return the SHA-256 of how a letter and its selectors stand, whether or not they hold.

    It is the same after a rotation, which leaves as it is what does not open.
    """
    selectors = [
        (str(one.id), digest_of(one, {}), seals.find_selector(one) is not None)
        for one in row.selectors
    ]
    said = (digest_of(row, {}), seals.holds(row), selectors)
    return hashlib.sha256(msgspec.json.encode(said)).digest()


def require_whole(seals: Seals, journal: Journal, row: ChallengeRow) -> None:
    """Raise `FormRefused` for a challenge that somebody has changed in the database, on record."""
    if not is_whole(seals, row):
        tell_changed(journal, row)
        raise FormRefused(_CHANGED)


def require_changed(seals: Seals, row: ChallengeRow) -> None:
    """Raise `FormRefused` for a challenge that holds: it is looked into, and not put aside."""
    if is_whole(seals, row):
        raise FormRefused(_HOLDS)


def tell_changed(journal: Journal, row: ChallengeRow) -> None:
    """Put on record that a challenge is as no page has left it; it is met with every look."""
    journal.record_once(CONSOLE, "challenge not read", challenge=str(row.id))

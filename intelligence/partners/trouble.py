"""What is wrong with a partner, as the indexer has told, in words that say what to do next."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from intelligence.partners.tables import PartnerRow
from screening.spools.partners_told import ToldPartner
from screening.vocabulary.suspected import Suspected
from screening.vocabulary.unreadable import UNREADABLE

_HELD: Final = "held: it has used up its matches, or is under suspicion, and is not answered"
_THROTTLED: Final = "under suspicion, and answered at a part of its rate"
_SUSPECTED: Final = "under suspicion, and answered as before"
_LOOK: Final = (
    "Talk to it. Whoever runs the indexer looks at what it asked (screening audit who), and then "
    "lifts that (indexer partner lift {}): nothing else does."
)
_UNREAD: Final = "unreadable here: what the indexer told of it was changed in the database"
_TELL: Final = "Have whoever runs the indexer tell it anew: indexer spool partners --again."
_IN_WORDS: Final[Mapping[Suspected, tuple[str, str]]] = {
    "canary_matched": (
        "a canary of it matched, which is hidden in its part of the list alone, and which nobody "
        "has cause to ask about",
        "Take it for a search until somebody can say who asked, and why. Where nobody can, suspend "
        "it, and give it new keys before it is answered again.",
    ),
    "partner_hit_rate": (
        "its hit rate is unusual: much more of what it asks matches than is usual for it, or, "
        "while it is new, for anybody",
        "Ask it whom it has screened: a list of suspects of its own looks like this, and so does "
        "somebody who tries out what is listed. Suspend it where it cannot say.",
    ),
    "partner_volume": (
        "its volume is unusual: it asks much more than on its other days",
        "Ask it what has changed: a new season or an old stock of customers looks like this, and "
        "so does a search. Suspend it where it cannot say.",
    ),
}


class Trouble(NamedTuple):
    """One thing that is wrong, since when (Unix seconds, None where not known), and what to do."""

    what: str
    since: int | None
    next: str


def find_told(row: PartnerRow) -> ToldPartner | None:
    """Return what was told of a partner, None where it does not open as what was told of that name.

    One such row keeps nobody from the others, nor from the pages that count them. What else is
    changed in it is not found out: it is bound to nothing, and hosts go by the indexer alone.
    """
    try:
        told = msgspec.json.decode(row.told, type=ToldPartner)
    except UNREADABLE:
        return None
    return told if told.partner == row.name else None


def in_short(told: ToldPartner | None) -> str:
    """Return what is wrong as a list has it, nothing where all is well."""
    if told is None:
        return _UNREAD
    if told.is_held:
        return _HELD
    if told.is_throttled:
        return _THROTTLED
    return _SUSPECTED if told.suspected else ""


def is_in_trouble(told: ToldPartner | None) -> bool:
    """Tell whether somebody has to look at it."""
    return bool(in_short(told))


def troubles_of(told: ToldPartner | None) -> list[Trouble]:
    """Return all that is wrong, what weighs most first."""
    return [Trouble(_UNREAD, None, _TELL)] if told is None else list(_troubles(told))


def _troubles(told: ToldPartner) -> Iterator[Trouble]:
    look = _LOOK.format(told.partner)
    if told.is_held:
        yield Trouble("hosts answer it no more", _seconds(told.held_since), look)
    if told.is_throttled:
        since = _seconds(told.throttled_since)
        yield Trouble("hosts answer it at a twentieth of its rate", since, look)
    for one in told.suspected or ():
        what, next_step = _IN_WORDS[one.what]
        yield Trouble(what, _seconds(one.since), next_step)


def _seconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())

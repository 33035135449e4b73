"""What somebody was told of a selector, shown again to them alone when they come back to it.

A selector stands in no address: so it is asked for by a form, and its page has an id that says
nothing of it. That page shows what was told then, word for word. It is no other look, and none is
on record for it; what has changed since is told to whoever asks anew.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from intelligence.console.keeping import Kept
from intelligence.curation.reading import Checked
from intelligence.staff.sessions import SignedIn


@dataclass(frozen=True, slots=True)
class Look:
    """What was told, and when (Unix seconds)."""

    checked: Checked = field(repr=False)
    at: int


class Looks:
    """Looks of all sessions, each for its own session."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._looks: Kept[Look] = Kept(monotonic)

    def keep(self, who: SignedIn, look: Look) -> UUID:
        """Keep what was told; return the id of its page."""
        look_id = uuid4()
        self._looks.find_or_keep(_key(who, look_id), look)
        return look_id

    def find(self, who: SignedIn, look_id: UUID) -> Look | None:
        """Return what was told, None of what is over or was another's."""
        return self._looks.find(_key(who, look_id))


def _key(who: SignedIn, look_id: UUID) -> bytes:
    return who.session_hash + look_id.bytes

"""What somebody was told of a selector, shown again to them alone when they come back to it.

A selector stands in no address: so it is asked for by a form, and its page has an id that says
nothing of it. That page shows what was told then, word for word. It is no other look, and none is
on record for it; what has changed since is told to whoever asks anew.
"""

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID, uuid4

from intelligence.console.keeping import Kept, Memory
from intelligence.curation.shown_changes import Checked
from intelligence.staff.sessions import SignedIn

LOOKS_KEPT_S: Final = 600
"""As long as somebody may go back to what they were told."""
_EACH_BYTES: Final = 1 << 10


@dataclass(frozen=True, slots=True)
class Look:
    """What was told, and when (Unix seconds)."""

    checked: Checked = field(repr=False)
    at: int

    @property
    def size_bytes(self) -> int:
        """About how much memory it takes: twice what its entries spell, and each of them."""
        spelled = sum(len(str(value)) for one in self.checked.entries for value in one.values())
        return 2 * spelled + _EACH_BYTES * (len(self.checked.entries) + len(self.checked.changes))


class Looks:
    """Looks of all sessions, each for its own session."""

    def __init__(self, memory: Memory) -> None:
        self._looks: Kept[Look] = Kept(memory, "look", LOOKS_KEPT_S, lambda look: look.size_bytes)

    def keep(self, who: SignedIn, look: Look) -> UUID:
        """Keep what was told; return the id of its page."""
        look_id = uuid4()
        self._looks.keep(_key(who, look_id), look, of=who.session_hash)
        return look_id

    def find(self, who: SignedIn, look_id: UUID) -> Look | None:
        """Return what was told, None of what is over or was another's."""
        return self._looks.find(_key(who, look_id))


def _key(who: SignedIn, look_id: UUID) -> bytes:
    return who.session_hash + look_id.bytes

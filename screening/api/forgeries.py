"""What stands in Redis without the indexer's signature: judged once, and told as one.

Whoever writes to Redis decides how many names stand there, and what they are.
"""

from collections.abc import Mapping

from screening.alarms import FOREIGN, Alarms
from screening.generations.hashes import sha256_hex


class Forgeries:
    """Documents that do not carry our signature, which they never will."""

    def __init__(self, alarms: Alarms) -> None:
        self._alarms = alarms
        self._found: dict[tuple[str, str], str] = {}
        self._told: set[str] = set()

    def __len__(self) -> int:
        return len(self._found)

    def look_anew(self, stored: Mapping[str, Mapping[str, bytes]]) -> None:
        """Begin another look: forget what does not stand there any more, by hash and name."""
        self._told.clear()
        self._found = {
            (where, name): sha256
            for (where, name), sha256 in self._found.items()
            if name in stored[where]
        }

    def hold(self, where: str, name: str, document: bytes) -> bool:
        """Tell whether this very document was judged before."""
        sha256 = self._found.get((where, name))
        return sha256 is not None and sha256 == sha256_hex(document)

    def add(self, where: str, name: str, document: bytes) -> None:
        """Remember a document that does not carry our signature."""
        self._found[where, name] = sha256_hex(document)

    def raised(self, what: str) -> None:
        """Raise an alarm about names that are not ours: one a look, however many they are."""
        if what not in self._told:
            self._told.add(what)
            self._alarms.raised(what, FOREIGN)

"""What stands in Redis without the indexer's signature: judged once, and told as one.

Whoever writes to Redis decides how many names stand there, and what they are.
"""

from collections.abc import Mapping
from typing import Final

from screening.alarms import FOREIGN, Alarm, Alarms
from screening.generations.hashes import sha256_hex
from screening.generations.manifest import open_head
from screening.store import keys
from screening.store.signed import Verifier
from screening.vocabulary.errors import Untrusted

FORGED_AT_A_LOOK: Final = 500
"""So many are judged at a time: whoever writes to Redis decides how many there are."""


class Forgeries:
    """Documents that do not carry our signature, which they never will."""

    def __init__(self, alarms: Alarms, verifier: Verifier) -> None:
        self._alarms = alarms
        self._verifier = verifier
        # Token keys, and their partners, with a head of ours that no partner record has named.
        self._signed_names: set[str] = set()
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

    def has_judged(self, where: str, name: str, document: bytes) -> bool:
        """Tell whether this very document was judged before."""
        sha256 = self._found.get((where, name))
        return sha256 is not None and sha256 == sha256_hex(document)

    def add(self, where: str, name: str, document: bytes) -> None:
        """Remember a document that does not carry our signature."""
        self._found[where, name] = sha256_hex(document)

    def judge_head(self, key_id: str, document: bytes) -> None:
        """Tell whether a head that no partner record names is ours, and remember it."""
        if key_id in self._signed_names or self.has_judged(keys.HEADS, key_id, document):
            return
        try:
            open_head(document, key_id, self._verifier)
        except Untrusted:
            self.add(keys.HEADS, key_id, document)
        else:
            self._signed_names |= {key_id, key_id.rpartition("-")[0]}

    def raised(self, what: Alarm, name: str, *, is_ours: bool) -> None:
        """Raise an alarm; about names that nobody has signed one a look, however many they are."""
        if is_ours or name in self._signed_names:
            self._alarms.raised(what, name)
        elif what not in self._told:
            self._told.add(what)
            self._alarms.raised(what, FOREIGN)

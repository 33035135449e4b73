"""What a key is called in files, and what two people compare of it: both begin its digest."""

from abc import ABC, abstractmethod


class NamedKey(ABC):
    """A public key, or the public halves of a side."""

    __slots__ = ()

    @property
    def id(self) -> str:
        """Its name in files: the first 64 bits, 16 hex characters.

        Enough to tell keys apart, and too little to compare by voice, where somebody may have
        looked for another key of the same id.
        """
        return self._digest()[:8].hex()

    @property
    def fingerprint(self) -> str:
        """What two people compare: the first 128 bits, in hex, in groups of four."""
        return self._digest()[:16].hex(" ", 2)

    @abstractmethod
    def _digest(self) -> bytes:
        """Return the SHA-256 of a label of this kind of key, and of all that the key is."""

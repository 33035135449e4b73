"""Envelope encryption: values under data keys, data keys under a key that is not in the database.

A sealed value is `key id (8 bytes) | nonce (12) | AES-256-GCM ciphertext and tag`, bound to its
place. A term of the blind index is `key id (8) | HMAC-SHA-256 of place and value, cut to 16`: equal
values of one column have equal terms, and nobody without the key can tell which value it is.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from intelligence.errors import Undecipherable
from intelligence.store.base import Place
from intelligence.store.key_file import NONCE_BYTES

ID_BYTES: Final = 8
TERM_BYTES: Final = 16
"""Two of 10^9 values of a column share a term with a chance of 10^-21."""

_SEALED_LABEL: Final = b"intelligence/v1/sealed\0"
_TERM_LABEL: Final = b"intelligence/v1/term\0"


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key in force: one secret that seals, one that makes terms."""

    id: str
    sealing: bytes = field(repr=False)
    indexing: bytes = field(repr=False)


class Vault:
    """Seals and opens under `keys`, of which the first seals; the others are on their way out."""

    def __init__(self, keys: Sequence[DataKey]) -> None:
        self.current = keys[0].id
        self._keys = {bytes.fromhex(key.id): key for key in keys}
        self._ciphers = {bytes.fromhex(key.id): AESGCM(key.sealing) for key in keys}

    def __repr__(self) -> str:
        return f"Vault({self.current})"

    @property
    def is_in_rotation(self) -> bool:
        """Tell whether keys are being replaced, so that equal values may have several terms."""
        return len(self._keys) > 1

    def seal(self, value: bytes, place: Place) -> bytes:
        """Encrypt a value for the place where it will lie."""
        key_id = bytes.fromhex(self.current)
        nonce = secrets.token_bytes(NONCE_BYTES)
        return (
            key_id
            + nonce
            + self._ciphers[key_id].encrypt(nonce, value, _bound(_SEALED_LABEL, place))
        )

    def open(self, sealed: object, place: Place) -> bytes:
        """Return a value; raises `Undecipherable` for one of another place, or that was changed.

        Also for what is no bytes, nothing at all included: SQLite takes any value in any column.
        """
        if not isinstance(sealed, bytes):
            raise Undecipherable(f"a value of {place.table} was changed; restore a backup")
        cipher = self._ciphers.get(sealed[:ID_BYTES])
        if cipher is None:
            raise Undecipherable("a value is sealed with a key that is gone; restore a backup")
        nonce, box = sealed[ID_BYTES:][:NONCE_BYTES], sealed[ID_BYTES + NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, box, _bound(_SEALED_LABEL, place))
        except (InvalidTag, ValueError):
            raise Undecipherable(
                f"a value of {place.table} was changed, or moved here; restore a backup"
            ) from None

    def term(self, value: bytes, place: Place) -> bytes:
        """Return what the index holds of a value; of its place, the row does not matter."""
        return self.terms(value, place)[0]

    def terms(self, value: bytes, place: Place) -> list[bytes]:
        """Return every term that a value may have while a rotation is under way, for a search."""
        column = place._replace(row="")
        return [
            key_id
            + hmac.digest(key.indexing, _bound(_TERM_LABEL, column) + value, "sha256")[:TERM_BYTES]
            for key_id, key in self._keys.items()
        ]


def _bound(label: bytes, place: Place) -> bytes:
    """Spell a place so that no two are spelled alike: every part is preceded by its length."""
    parts = [part.encode() for part in place]
    return label + b"".join(len(part).to_bytes(4, "big") + part for part in parts)

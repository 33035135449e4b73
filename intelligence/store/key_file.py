"""Key-encryption keys: a private file in the home, which no backup of the database holds."""

import hashlib
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from intelligence.errors import Undecipherable
from screening.private_files import create_private, read_private, replace_private
from screening.vocabulary.errors import OperatorError

KEY_FILE: Final = "key-encryption.keys"
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
"""Random, as SP 800-38D, 8.2.2 has it: for at most 2^32 values under one key."""

_ID_LABEL: Final = b"intelligence/v1/key-encryption-key\0"


class KeyEncryptionKey:
    """Wraps the keys that lie in the database; `id` is 16 hex digits of its hash."""

    def __init__(self, secret: bytes) -> None:
        self.id = hashlib.sha256(_ID_LABEL + secret).hexdigest()[:16]
        self._secret = secret

    def __repr__(self) -> str:
        return f"KeyEncryptionKey({self.id})"

    @classmethod
    def generate(cls) -> "KeyEncryptionKey":
        """Make a new one."""
        return cls(secrets.token_bytes(KEY_BYTES))

    @property
    def line(self) -> str:
        """What the key file holds of it."""
        return self._secret.hex()

    def wrap(self, key: bytes, *, bound_to: bytes) -> bytes:
        """Encrypt a key, to be opened for `bound_to` alone."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self._secret).encrypt(nonce, key, bound_to)

    def unwrap(self, wrapped: bytes, *, bound_to: bytes) -> bytes:
        """Return a key; raises `Undecipherable`."""
        nonce, sealed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            return AESGCM(self._secret).decrypt(nonce, sealed, bound_to)
        except (InvalidTag, ValueError):
            raise Undecipherable(
                "a key in the database was changed; restore the database from a backup"
            ) from None


class KeyFile:
    """One key a line, the current one first; two of them while a rotation is under way."""

    def __init__(self, home: Path) -> None:
        self._path = home / KEY_FILE

    def create(self) -> None:
        """Make the file with a first key, unless it is there."""
        if not self._path.exists():
            create_private(self._path, _content([KeyEncryptionKey.generate()]))

    def read(self) -> list[KeyEncryptionKey]:
        """Return the keys; raises `OperatorError` where there is no file, or no such one."""
        if not self._path.exists():
            raise OperatorError(f"{self._path} is missing; restore it, or run: intelligence init")
        try:
            keys = [bytes.fromhex(line) for line in read_private(self._path).decode().split()]
        except ValueError:
            keys = []
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise OperatorError(f"{self._path} is damaged; restore it from a backup")
        return [KeyEncryptionKey(key) for key in keys]

    def write(self, keys: Sequence[KeyEncryptionKey]) -> None:
        """Write the file anew, durably."""
        replace_private(self._path, _content(keys))


def _content(keys: Sequence[KeyEncryptionKey]) -> bytes:
    return "".join(f"{key.line}\n" for key in keys).encode()

"""Sealing of values in the list file (AES-256-GCM), and the blind tags they are found by."""

import hmac
import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from screening.vocabulary.errors import OperatorError
from screening.vocabulary.prepared_mac import PreparedMac

_NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16


class Sealer:
    """Seals and opens values; `key` is 32 bytes. A value is bound to its `place` in the file."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._cipher = AESGCM(hmac.digest(key, b"screening/v1/list-sealing", "sha256"))
        self._tags = PreparedMac(hmac.digest(key, b"screening/v1/list-tags", "sha256"), b"")

    def __reduce__(self) -> tuple[type["Sealer"], tuple[bytes]]:
        """Pickle, for the processes that share the work of one command."""
        return Sealer, (self._key,)

    def seal(self, value: bytes, place: bytes) -> bytes:
        """Return nonce (12 bytes) || ciphertext || tag (16 bytes)."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, value, place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """Return the value; `OperatorError` where it was altered or moved."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place)
        except (InvalidTag, ValueError):  # the second where not even a nonce is left
            raise OperatorError(
                "a value in the list file does not open; restore it from a backup"
            ) from None

    def tag(self, content: bytes) -> bytes:
        """Return 16 bytes that are equal for equal content, and mean nothing without the key."""
        return self._tags.of(content)[:TAG_BYTES]

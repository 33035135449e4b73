"""HMAC-SHA-256 (RFC 2104) under one key and label, for millions of short messages."""

import hashlib
from typing import Final

_BLOCK_BYTES: Final = 64  # of SHA-256
_INNER_PAD: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER_PAD: Final = bytes(byte ^ 0x5C for byte in range(256))


class PreparedMac:
    """Both halves of the HMAC are hashed up to the message once, and copied for each.

    Takes 0.65 of the time of copying an `hmac` object and 0.36 of `hmac.digest` (measured in one
    run), which also gives up the interpreter lock each time.
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes, label: bytes) -> None:
        """Prepare for messages that begin with `label`; `key` is 32 bytes."""
        if len(key) != 32:
            raise ValueError("the key must have 32 bytes")
        block = key.ljust(_BLOCK_BYTES, b"\0")
        self._inner = hashlib.sha256(block.translate(_INNER_PAD) + label)
        self._outer = hashlib.sha256(block.translate(_OUTER_PAD))

    def of(self, message: bytes) -> bytes:
        """Return the 32 bytes of HMAC-SHA-256(key, label || message)."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()

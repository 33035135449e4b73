"""SHA-256 in hex, as manifests and heads name files by it."""

import hashlib
from typing import Annotated

import msgspec

Sha256Hex = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]


def sha256_hex(content: bytes | memoryview) -> str:
    """Return the SHA-256 of `content`, in hex."""
    return hashlib.sha256(content).hexdigest()

"""Random tokens that a person or a browser holds, and what is kept of them."""

import base64
import hashlib
import secrets
from typing import Final

_BYTES: Final = 32


def new_token() -> str:
    """Return a token of 256 bits, in letters that stand in a cookie or are read out."""
    return base64.b32encode(secrets.token_bytes(_BYTES)).decode().rstrip("=").casefold()


def token_hash(token: str) -> bytes:
    """Return what is stored of a token: nobody who reads it can use it."""
    return hashlib.sha256(b"intelligence/v1/token\0" + token.strip().encode()).digest()

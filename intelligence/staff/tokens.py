"""Random tokens that a person or a browser holds, and what is kept of them."""

import base64
import hashlib
import secrets
from collections.abc import Iterable
from typing import Final

_BYTES: Final = 32
_LETTERS: Final = 52
"""Of a token, whatever it is: so two that stand without a space between are told apart."""


def new_token() -> str:
    """Return a token of 256 bits, in letters that stand in a cookie or are read out."""
    return base64.b32encode(secrets.token_bytes(_BYTES)).decode().rstrip("=").casefold()


def token_hash(token: str) -> bytes:
    """Return what is stored of a token: nobody who reads it can use it.

    One whose halves two people have handed over is both of them, in any order, with a space
    between or none.
    """
    halves = [_hash(half) for word in token.split() for half in _halves(word)]
    return halves[0] if len(halves) == 1 else whole_hash(halves)


def name_of_token(token: str) -> str:
    """Return by what the record tells a token from others: nobody who reads it can use it."""
    return token_hash(token).hex()


def whole_hash(halves: Iterable[bytes]) -> bytes:
    """Return what is stored of the token whose halves have these hashes."""
    return hashlib.sha256(b"intelligence/v1/halves\0" + b"".join(sorted(halves))).digest()


def _halves(word: str) -> tuple[str, ...]:
    """Return the halves of a token that were typed as one word, or what else that is."""
    if len(word) != 2 * _LETTERS:
        return (word,)
    return word[:_LETTERS], word[_LETTERS:]


def _hash(half: str) -> bytes:
    return hashlib.sha256(b"intelligence/v1/token\0" + half.encode()).digest()

"""Private halves, and what they open. For the host of the authorised channel: never an API's."""

import base64
import binascii
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from screening.disclosure.boxes import (
    BOX_BYTES,
    WORK_KEY_BYTES,
    Match,
    SealedKey,
    nonce_start,
    parse_match,
    place_start,
)
from screening.disclosure.keys import KEY_BYTES, SUITE, DisclosureKey
from screening.private_files import ensure_private_directory, read_private
from screening.vocabulary.errors import OperatorError

_MAX_ROW: Final = (1 << 32) - 1
_ROW: Final = re.compile(r"0|[1-9][0-9]{0,4}")
_KEYS_REMEMBERED: Final = 256
"""A worker's key serves for a minute, so that records in a row have the same."""


class PrivateHalf:
    """A private half; its `repr` shows nothing of it."""

    def __init__(self, secret: bytes) -> None:
        """Take the 32 bytes of an X25519 key."""
        self._private = X25519PrivateKey.from_private_bytes(secret)
        self.key = DisclosureKey(self._private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> "PrivateHalf":
        """Make a new pair."""
        return cls(X25519PrivateKey.generate().private_bytes_raw())

    def __repr__(self) -> str:
        return "PrivateHalf(...)"

    @property
    def secret(self) -> bytes:
        """The 32 bytes, as its file holds them."""
        return self._private.private_bytes_raw()

    def open(self, sealed: bytes) -> bytes | None:
        """Return what was sealed to this pair, None where it does not open."""
        try:
            return SUITE.decrypt(sealed, self._private, self.key.info)
        except (InvalidTag, ValueError):  # the second where the other half is no point
            return None


class Opener:
    """Opens the boxes of records with the private halves that it has."""

    def __init__(self, halves: Iterable[PrivateHalf]) -> None:
        self._halves = {half.key.id: half for half in halves}
        self._cipher = lru_cache(_KEYS_REMEMBERED)(self._opened)

    @property
    def ids(self) -> list[str]:
        """The disclosure keys that it has the private halves of."""
        return sorted(self._halves)

    def open(self, key: SealedKey, receipt: str, row: int, box: bytes) -> Match | None:
        """Return the match of a row; None where the box is not what was sealed for that row."""
        cipher = self._cipher(key.to, key.key)
        if cipher is None or len(box) != BOX_BYTES or not 0 <= row <= _MAX_ROW:
            return None
        nonce = nonce_start(key.number) + row.to_bytes(4, "big")
        try:
            content = cipher.decrypt(nonce, box, place_start(receipt) + b"%d" % row)
        except InvalidTag:
            return None
        return parse_match(content)

    def open_row(
        self, key: SealedKey, receipt: str, spelled: tuple[str, str], states: tuple[str, str]
    ) -> Match | None:
        """Return the match of a row as a record spells it: its number, and the box in base64.

        None also where the record `states` another key_id and generation than what was sealed: it
        was changed since.
        """
        row, content = spelled
        if not _ROW.fullmatch(row):
            return None
        try:
            box = base64.b64decode(content, validate=True)
        except (binascii.Error, ValueError):  # the second for what is not ASCII
            return None
        match = self.open(key, receipt, int(row), box)
        return match if match and (match.key_id, match.generation) == states else None

    def _opened(self, to: str, sealed: bytes) -> AESGCM | None:
        half = self._halves.get(to)
        secret = half.open(sealed) if half is not None else None
        return AESGCM(secret) if secret is not None and len(secret) == WORK_KEY_BYTES else None


def read_private_halves(path: Path) -> list[PrivateHalf]:
    """Return the private half in a file, or all in a folder's `*.key`; raises `OperatorError`."""
    if not path.is_dir():
        return [_read_half(path)]
    files = sorted(ensure_private_directory(path).glob("*.key"))
    if not files:
        raise OperatorError(f"{path} holds no private half; name the folder of the *.key files")
    return [_read_half(file) for file in files]


def _read_half(path: Path) -> PrivateHalf:
    secret = read_private(path)
    if len(secret) != KEY_BYTES:
        raise OperatorError(f"{path} is no private half of a disclosure key; take another copy")
    return PrivateHalf(secret)

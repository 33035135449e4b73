"""Public halves of disclosure keys: `disclosure.pub`, one a line, of which the last one seals."""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from screening.private_files import read_private
from screening.vocabulary.errors import OperatorError

PUBLIC_HALVES: Final = "disclosure.pub"
KEY_BYTES: Final = 32
# RFC 9180, section 7: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; base mode.
SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)

_ID_LABEL: Final = b"screening/v1/disclosure-id\0"
_INFO_LABEL: Final = b"screening/v1/disclosure\0"
_MAX_FILE_BYTES: Final = 1 << 16
"""A thousand keys: more than anybody makes."""


@dataclass(frozen=True, slots=True)
class DisclosureKey:
    """A public half, 32 bytes (X25519), and the 16 hex characters that name the pair."""

    public: bytes

    @property
    def id(self) -> str:
        """The name of the pair, which records have."""
        return hashlib.sha256(_ID_LABEL + self.public).digest()[:8].hex()

    @property
    def info(self) -> bytes:
        """What both sides bind into the agreement (RFC 9180, `info`)."""
        return _INFO_LABEL + self.id.encode()

    def seal(self, content: bytes) -> bytes:
        """Return what the private half alone opens: enc (32 bytes) || ciphertext || tag (16)."""
        return SUITE.encrypt(content, X25519PublicKey.from_public_bytes(self.public), self.info)


def read_public_halves(path: Path) -> list[DisclosureKey]:
    """Return the keys of a file, the oldest first, at least one; raises `OperatorError`."""
    if not path.exists():
        raise OperatorError(
            f"{path} is missing, to which matches on record are sealed; run `indexer init`, which "
            "makes what is missing, and bring its secrets folder to this host"
        )
    lines = read_private(path, max_bytes=_MAX_FILE_BYTES).splitlines()
    keys = [key for key in map(_parse_line, lines) if key is not None]
    if not keys or len(keys) != len(lines):
        raise OperatorError(f"{path} is damaged; bring it again from the indexer")
    return keys


def encode_public_halves(keys: Sequence[DisclosureKey]) -> bytes:
    """Return the content of a file: for each key its id, a space and the public half in base64."""
    return b"".join(_line(key) + b"\n" for key in keys)


def _line(key: DisclosureKey) -> bytes:
    return key.id.encode() + b" " + base64.b64encode(key.public)


def _parse_line(line: bytes) -> DisclosureKey | None:
    _, _, encoded = line.partition(b" ")
    try:
        key = DisclosureKey(base64.b64decode(encoded, validate=True))
    except binascii.Error:
        return None
    # The id before it shows that no bit of it was lost.
    if len(key.public) != KEY_BYTES or line != _line(key):
        return None
    try:
        key.seal(b"")
    except ValueError:  # a point of small order (RFC 7748, section 6.1): it agrees on zeros
        return None
    return key


class SealingKeys:
    """The public halves that an API host was given."""

    def __init__(self, folder: Path) -> None:
        """Read them; raises `OperatorError` where there is none."""
        self._path = folder / PUBLIC_HALVES
        self._newest = read_public_halves(self._path)[-1]

    def newest(self) -> DisclosureKey:
        """Return the key that seals now: a newer one may come at any time, without a restart."""
        try:
            self._newest = read_public_halves(self._path)[-1]
        except OperatorError:  # half copied, perhaps
            return self._newest
        return self._newest

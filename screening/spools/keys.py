"""The keys of a side: X25519 opens what is sealed to it, Ed25519 signs what it writes."""

import hashlib
from dataclasses import dataclass
from typing import Final, Literal

import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from screening.disclosure.keys import SUITE
from screening.spools.key_names import NamedKey
from screening.spools.key_points import is_of_large_order
from screening.spools.spelling import Deployment, Key32, KeyId, read_exactly, spell
from screening.vocabulary.errors import SpoolRefused

Side = Literal["console", "indexer"]

_ID_LABEL: Final = b"screening/v1/spool-key-id\0"
_DEPLOYMENT_LABEL: Final = b"screening/v1/deployment\0"


def deployment_of(verifying_key: bytes) -> str:
    """Return the 16 hex characters that name the deployment whose releases this key verifies."""
    return hashlib.sha256(_DEPLOYMENT_LABEL + verifying_key).digest()[:8].hex()


class _KeyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal["screening-spool-key/1"]
    side: Side
    deployment: Deployment
    id: KeyId
    sealing: Key32
    verifying: Key32


@dataclass(frozen=True, slots=True)
class SpoolKey(NamedKey):
    """The public halves of one side, and the deployment that they are for."""

    side: Side
    deployment: str
    sealing: bytes
    verifying: bytes

    def _digest(self) -> bytes:
        of = f"{self.side} {self.deployment}\0".encode() + self.sealing + self.verifying
        return hashlib.sha256(_ID_LABEL + of).digest()

    def seal(self, content: bytes, info: bytes) -> bytes:
        """Return what the private half alone opens: enc (32 bytes) || ciphertext || tag (16)."""
        return SUITE.encrypt(content, X25519PublicKey.from_public_bytes(self.sealing), info)

    def has_signed(self, content: bytes, signature: bytes) -> bool:
        """Tell whether a signature is of this side."""
        try:
            Ed25519PublicKey.from_public_bytes(self.verifying).verify(signature, content)
        except (InvalidSignature, ValueError):
            return False
        return True


def spell_key(key: SpoolKey) -> bytes:
    """Return the content of the file by which one side is told of the other."""
    halves = (key.sealing, key.verifying)
    file = _KeyFile("screening-spool-key/1", key.side, key.deployment, key.id, *halves)
    return spell(file) + b"\n"


def parse_key(content: bytes, side: Side) -> SpoolKey:
    """Return the key of a file; raises `SpoolRefused` where it is damaged, or the other side's."""
    file = read_exactly(content.removesuffix(b"\n"), _KeyFile, what="a spool key")
    key = SpoolKey(file.side, file.deployment, file.sealing, file.verifying)
    try:
        key.seal(b"", b"")
    except ValueError:  # a point of small order (RFC 7748, section 6.1): it agrees on zeros
        raise SpoolRefused("malformed", "a spool key is none; take another copy") from None
    if key.id != file.id:
        raise SpoolRefused("malformed", "a spool key is damaged; take another copy")
    if not is_of_large_order(key.verifying):
        raise SpoolRefused("malformed", "a spool key is none; have another one made")
    if key.side != side:
        raise SpoolRefused("malformed", f"this is not the key of the {side}; take the other file")
    return key


class SpoolSecrets:
    """The private halves of one side; its `repr` shows nothing of them."""

    def __init__(self, opening: bytes, signing: bytes) -> None:
        """Take the 32 bytes of an X25519 key, and of an Ed25519 key."""
        self._opening = X25519PrivateKey.from_private_bytes(opening)
        self._signing = Ed25519PrivateKey.from_private_bytes(signing)

    def __repr__(self) -> str:
        return "SpoolSecrets(...)"

    def public(self, side: Side, deployment: str) -> SpoolKey:
        """Return what the other side is given."""
        opening, signing = self._opening.public_key(), self._signing.public_key()
        return SpoolKey(side, deployment, opening.public_bytes_raw(), signing.public_bytes_raw())

    def sign(self, content: bytes) -> bytes:
        """Return 64 bytes."""
        return self._signing.sign(content)

    def open(self, sealed: bytes, info: bytes) -> bytes | None:
        """Return what was sealed to this side, None where it does not open."""
        try:
            return SUITE.decrypt(sealed, self._opening, info)
        except (InvalidTag, ValueError):  # the second where the other half is no point
            return None

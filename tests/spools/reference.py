"""The spools by docs/protocol.md alone: nothing of our own code. Slow and plain."""

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.disclosure.reference import public_of, seal_hpke

# RFC 3526, section 3, by its formula: floor(2^1918 pi) is given as a number in the vectors.
LABEL = b"screening/v1/"


def spelled(document: Any) -> bytes:
    """Return JSON without white space, in UTF-8, its members in their order."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


def named(label: str, content: bytes) -> str:
    """Return the 16 hex characters that name something."""
    return hashlib.sha256(LABEL + label.encode() + b"\0" + content).hexdigest()[:16]


def signed(label: str, content: bytes, secret: bytes) -> bytes:
    """Return a signature (Ed25519)."""
    key = Ed25519PrivateKey.from_private_bytes(secret)
    return key.sign(LABEL + label.encode() + b"\0" + content)


def verifying(secret: bytes) -> bytes:
    """Return the public half of an Ed25519 key."""
    return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def key_file(side: str, deployment: str, opening: bytes, signing: bytes) -> bytes:
    """Return the file by which one side is told of the other."""
    sealing, checking = public_of(opening), verifying(signing)
    file = {
        "format": "screening-spool-key/1",
        "side": side,
        "deployment": deployment,
        "id": named("spool-key-id", f"{side} {deployment}\0".encode() + sealing + checking),
        "sealing": base64_of(sealing),
        "verifying": base64_of(checking),
    }
    return spelled(file) + b"\n"


def sealed_file(
    direction: str, content: bytes, *, header: tuple[str, int], keys: tuple[bytes, bytes, bytes]
) -> bytes:
    """Return a whole file; `header` is deployment and sequence.

    `keys` are the signing key, the public half that it is sealed to, and the ephemeral key.
    """
    deployment, sequence = header
    signing, public, ephemeral = keys
    label = {"down": "export", "up": "acknowledgement"}[direction]
    signature = signed(label, content, signing)
    inside = {"content": base64_of(content), "signature": base64_of(signature)}
    info = LABEL + f"spool\0{deployment} {direction} {sequence}".encode()
    line = f"screening-spool/1 {direction} {sequence}\n".encode()
    return line + seal_hpke(spelled(inside), info, public=public, ephemeral=ephemeral)


def statement_hash(line: bytes, prime: int) -> int:
    """Return what stands for a statement in the group."""
    hashed = hashlib.shake_256(LABEL + b"statement\0" + line).digest(272)
    return int.from_bytes(hashed, "big") % prime


def list_digest(lines: Iterable[Sequence[Any]], prime: int) -> str:
    """Return the digest of a list with these statements."""
    product = 1
    for line in lines:
        product = product * statement_hash(spelled(line), prime) % prime
    return hashlib.sha256(LABEL + b"list\0" + product.to_bytes(256, "big")).hexdigest()

"""Signed documents: what makes a Redis usable that nobody trusts.

Why so: docs/decisions/0001-redis-is-verified-not-trusted.md.

A document is `signature (64 bytes, Ed25519, RFC 8032) || body`; the signature covers a label that
names the kind of document, so that one kind can never be passed off as another.
"""

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from screening.vocabulary.errors import Untrusted

HEAD_LABEL: Final = b"screening/v1/head\0"
PARTNER_LABEL: Final = b"screening/v1/partner\0"
NOTICES_LABEL: Final = b"screening/v1/notices\0"

_SIGNATURE_BYTES: Final = 64


class Signer:
    """Signs documents; only the indexer holds one. `private_key` is 32 bytes."""

    def __init__(self, private_key: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(private_key)

    def sign(self, label: bytes, body: bytes) -> bytes:
        """Return the signed document for `body`."""
        return self._key.sign(label + body) + body

    def verifier(self) -> "Verifier":
        """Return the verifier of what this signs."""
        return Verifier(self._key.public_key().public_bytes_raw())


class Verifier:
    """Opens signed documents; `public_key` is 32 bytes."""

    def __init__(self, public_key: bytes) -> None:
        self.public_key = public_key
        self._key = Ed25519PublicKey.from_public_bytes(public_key)

    def open(self, label: bytes, document: bytes) -> bytes:
        """Return the body; raises `Untrusted` where it was not signed as this kind of document."""
        signature, body = document[:_SIGNATURE_BYTES], document[_SIGNATURE_BYTES:]
        try:
            self._key.verify(signature, label + body)
        except InvalidSignature:
            raise Untrusted("a document in Redis does not carry the indexer's signature") from None
        return body

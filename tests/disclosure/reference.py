"""Sealed matches by docs/protocol.md and RFC 9180 alone: nothing of our own code, nor of an HPKE.

Slow and plain. `ephemeral` is the sender's key, which is random everywhere but in vectors.
"""

import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# RFC 9180, sections 4.1 and 5.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
KEM_SUITE = b"KEM" + bytes.fromhex("0020")
HPKE_SUITE = b"HPKE" + bytes.fromhex("002000010002")


def public_of(secret: bytes) -> bytes:
    """Return the public half of an X25519 key."""
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def disclosure_id(public: bytes) -> str:
    """Return the name of a disclosure key."""
    return hashlib.sha256(b"screening/v1/disclosure-id\0" + public).hexdigest()[:16]


def seal_key(work_key: bytes, *, public: bytes, ephemeral: bytes) -> bytes:
    """Return `sealed.key` of a record."""
    return seal_hpke(work_key, _info(public), public=public, ephemeral=ephemeral)


def open_key(sealed: bytes, *, secret: bytes) -> bytes:
    """Return the work key that was sealed to the public half of `secret`."""
    return open_hpke(sealed, _info(public_of(secret)), secret=secret)


def seal_hpke(content: bytes, info: bytes, *, public: bytes, ephemeral: bytes) -> bytes:
    """Return one message of HPKE in base mode: enc || ct."""
    enc = public_of(ephemeral)
    agreed = _agreed(_exchanged(ephemeral, public), enc, public)
    return enc + _encryption(agreed, info).seal(content)


def open_hpke(sealed: bytes, info: bytes, *, secret: bytes) -> bytes:
    """Return what was sealed to the public half of `secret`."""
    enc, public = sealed[:32], public_of(secret)
    agreed = _agreed(_exchanged(secret, enc), enc, public)
    return _encryption(agreed, info).open(sealed[32:])


def seal_match(
    work_key: bytes,
    *,
    number: int,
    handle: tuple[str, int],
    match: tuple[bytes, str, str, str, str],
) -> bytes:
    """Return the box of a row; `handle` is receipt and row.

    A match is digest, kind, country of the booking or "", key_id, generation.
    """
    receipt, row = handle
    digest, kind, region, key_id, generation = match
    content = digest + b"".join(
        name.encode().ljust(size, b"\0")
        for name, size in ((kind, 10), (region, 2), (key_id, 32), (generation, 20))
    )
    nonce = number.to_bytes(8, "big") + row.to_bytes(4, "big")
    place = b"screening/v1/match\0" + f"{receipt}.{row}".encode()
    return AESGCM(work_key).encrypt(nonce, content, place)


class _OneMessage:
    def __init__(self, key: bytes, nonce: bytes) -> None:
        self._cipher, self._nonce = AESGCM(key), nonce

    def seal(self, content: bytes) -> bytes:
        return self._cipher.encrypt(self._nonce, content, b"")

    def open(self, sealed: bytes) -> bytes:
        return self._cipher.decrypt(self._nonce, sealed, b"")


def _exchanged(secret: bytes, public: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(secret).exchange(
        X25519PublicKey.from_public_bytes(public)
    )


def _agreed(exchanged: bytes, enc: bytes, public: bytes) -> bytes:
    prk = _extract(KEM_SUITE, b"", b"eae_prk", exchanged)
    return _expand(KEM_SUITE, prk, b"shared_secret", info=enc + public, size=32)


def _info(public: bytes) -> bytes:
    return b"screening/v1/disclosure\0" + disclosure_id(public).encode()


def _encryption(agreed: bytes, info: bytes) -> _OneMessage:
    context = b"\0"  # base mode
    context += _extract(HPKE_SUITE, b"", b"psk_id_hash", b"")
    context += _extract(HPKE_SUITE, b"", b"info_hash", info)
    secret = _extract(HPKE_SUITE, agreed, b"secret", b"")
    return _OneMessage(
        _expand(HPKE_SUITE, secret, b"key", info=context, size=32),
        _expand(HPKE_SUITE, secret, b"base_nonce", info=context, size=12),
    )


def _extract(suite: bytes, salt: bytes, label: bytes, content: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + content, "sha256")


def _expand(suite: bytes, prk: bytes, label: bytes, *, info: bytes, size: int) -> bytes:
    labelled = size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.digest(prk, labelled + b"\1", "sha256")[:size]  # never more than one block

"""canonical -> stretched -> token -> index digest, `key_check` and commitment (docs/protocol.md).

Known answers: `tests/vectors/tokens.json`. The letters P and S in comments are docs/protocol.md's.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import Annotated, Final, Literal

import msgspec
from argon2.low_level import Type, hash_secret_raw

from screening.vocabulary.prepared_mac import PreparedMac
from screening.vocabulary.selector import (
    Canonical,
    IndexDigest,
    SelectorKind,
    Stretched,
    Token,
)

PROTOCOL: Final = "screening/v1"
KEY_ID_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{0,31}$"
TOKEN_BYTES: Final = 32
DIGEST_BYTES: Final = 16

_SELECTOR_LABEL = b"screening/v1/selector\0"
_TOKEN_LABEL = b"screening/v1/token\0"
_INDEX_LABEL = b"screening/v1/index\0"
_COMMITMENT_LABEL = b"screening/v1/commitment\0"
# The self-test names the normaliser version, so that another one is another key_check.
_SELF_TEST = _SELECTOR_LABEL + b"self-test\0normaliser-%d"
_KEY_ID = re.compile(KEY_ID_PATTERN)


class Argon2id(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="algorithm", tag="argon2id"
):
    """Stretch by Argon2id (RFC 9106): `memory_kib` KiB, `iterations` passes, `lanes` lanes."""

    version: Literal[19]
    iterations: Annotated[int, msgspec.Meta(ge=1, le=16)]
    memory_kib: Annotated[int, msgspec.Meta(ge=8, le=1_048_576)]
    lanes: Annotated[int, msgspec.Meta(ge=1, le=16)]


class NoStretch(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="algorithm", tag="none"
):
    """No stretch, for benchmarks and test keys: one HMAC."""


Stretch = Argon2id | NoStretch

STRETCH_PROFILES: Final[dict[str, Stretch]] = {
    # OWASP's minimum; about 19 ms a selector on one core.
    "strong": Argon2id(version=19, iterations=2, memory_kib=19_456, lanes=1),
    # About 0.45 ms a selector: for keys that screen millions of accounts.
    "light": Argon2id(version=19, iterations=1, memory_kib=1_024, lanes=1),
    "none": NoStretch(),
}


def is_key_id(text: str) -> bool:
    """Tell whether `text` has the form of a key_id: `[a-z0-9][a-z0-9-]{0,31}`."""
    return _KEY_ID.fullmatch(text) is not None


def stretch(canonical: Canonical, *, salt: bytes, profile: Stretch) -> Stretched:
    """Return S, 32 bytes; `salt` is 16 bytes. The same for every partner of a deployment."""
    password = b"%b%b\0%b" % (
        _SELECTOR_LABEL,
        canonical.kind.value.encode(),
        canonical.text.encode(),
    )
    return _stretched(password, salt, profile)


def _stretched(password: bytes, salt: bytes, profile: Stretch) -> Stretched:
    if len(salt) != 16:
        raise ValueError("the salt must have 16 bytes")
    if isinstance(profile, NoStretch):
        return Stretched(hmac.digest(salt, password, "sha256"))
    return Stretched(
        hash_secret_raw(
            secret=password,
            salt=salt,
            time_cost=profile.iterations,
            memory_cost=profile.memory_kib,
            parallelism=profile.lanes,
            hash_len=32,
            type=Type.ID,
            version=profile.version,
        )
    )


class TokenDeriver:
    """Derives the tokens of one token key from stretched values; holds its `secret` (32 bytes)."""

    __slots__ = ("_mac",)

    def __init__(self, secret: bytes) -> None:
        self._mac = PreparedMac(secret, _TOKEN_LABEL)

    def token(self, stretched: Stretched) -> Token:
        """Return the token of one stretched selector."""
        return Token(self._mac.of(stretched))

    def key_check(self, *, normaliser: int, salt: bytes, profile: Stretch) -> bytes:
        """Return 8 bytes that differ when secret, salt, profile or normaliser version differ."""
        return self._mac.of(_stretched(_SELF_TEST % normaliser, salt, profile))[:8]


class Digester:
    """Turns the tokens of one `key_id` into index digests; holds the `pepper` (32 bytes)."""

    __slots__ = ("_mac",)

    def __init__(self, pepper: bytes, key_id: str) -> None:
        self._mac = PreparedMac(pepper, _INDEX_LABEL + key_id.encode() + b"\0")

    def digest(self, token: bytes) -> IndexDigest:
        """Return the 16 bytes under which this token is stored, were it listed."""
        return IndexDigest(self._mac.of(token)[:DIGEST_BYTES])

    def mac(self, token: bytes) -> bytes:
        """Return 32 bytes, of which the first 16 are the digest.

        By the others different tokens are counted: nobody without the pepper can tell which digest
        they go with.
        """
        return self._mac.of(token)


def pepper_id(pepper: bytes) -> str:
    """Return 16 hex characters that name a pepper and tell nothing about it."""
    return PreparedMac(pepper, b"screening/v1/pepper-id\0").of(b"")[:8].hex()


RESULT_CODES: Final = {"no_match": b"\0", "match": b"\1", "invalid": b"\2"}
"""How a result stands in a question; an invalid row has an empty kind and an all-zero token."""

_INVALID_ROW = b"\0" + bytes(TOKEN_BYTES) + RESULT_CODES["invalid"]
_KIND_STARTS: Final = {
    kind.value: bytes([len(kind.value)]) + kind.value.encode() for kind in SelectorKind
}


class Commitment:
    """Binds the caller's whole question and our answer, and reveals neither.

    `rows` are added in the order asked, `count` of them in all.
    """

    def __init__(self, count: int) -> None:
        self._inner = hashlib.sha256(count.to_bytes(2, "big"))

    def add(self, rows: Iterable[tuple[str, bytes | None, str]]) -> None:
        """Add rows of (kind, token, result); an invalid one has no token."""
        self._inner.update(
            b"".join(
                [  # a list: of a generator `join` makes one itself, at twice the time
                    _INVALID_ROW
                    if token is None or result == "invalid"
                    else _KIND_STARTS[kind] + token + RESULT_CODES[result]
                    for kind, token, result in rows
                ]
            )
        )

    def opened_by(self, opening: bytes) -> bytes:
        """Return the 32 bytes; `opening` is 32 random ones, for the caller, and never stored."""
        return hashlib.sha256(_COMMITMENT_LABEL + opening + self._inner.digest()).digest()

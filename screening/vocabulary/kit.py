"""The kit: the JSON document a partner is given once (docs/protocol.md, "The kit")."""

import base64
from typing import Annotated, Literal

import msgspec

from screening.vocabulary.api_key import ApiKey, find_api_key
from screening.vocabulary.errors import KitRefused
from screening.vocabulary.normaliser_versions import is_known_version
from screening.vocabulary.tokens import KEY_ID_PATTERN, Stretch, TokenDeriver, is_key_id
from screening.vocabulary.unreadable import UNREADABLE

PARTNER_PATTERN = r"^[a-z0-9](?:[a-z0-9-]{0,22}[a-z0-9])?$"
"""Leaves room in a key_id for `-2026a` behind the name."""


class TokenKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A partner's token-deriving secret.

    `key_id` names the whole tuple, normaliser version included, which never changes.
    """

    key_id: Annotated[str, msgspec.Meta(pattern=KEY_ID_PATTERN, max_length=32)]
    secret: bytes
    salt: bytes
    stretch: Stretch

    def __post_init__(self) -> None:
        if not is_key_id(self.key_id):  # the `$` of a pattern lets a line feed through
            raise ValueError("a key_id is not of its form")

    def __repr__(self) -> str:
        return f"TokenKey({self.key_id})"

    def deriver(self) -> TokenDeriver:
        """Return the deriver of this key's tokens."""
        return TokenDeriver(self.secret)

    def key_check(self, normaliser: int) -> bytes:
        """Derive the 8 bytes that travel in every request; one stretch, so derive it once."""
        return self.deriver().key_check(normaliser=normaliser, salt=self.salt, profile=self.stretch)


class Kit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that a partner holds: where to ask, its API key, and its token keys, newest first."""

    format: Literal["screening-kit/1"]
    partner: Annotated[str, msgspec.Meta(pattern=PARTNER_PATTERN)]
    api_url: str
    api_key: str
    protocol: Literal["screening/v1"]
    normaliser: int
    token_keys: Annotated[list[TokenKey], msgspec.Meta(min_length=1, max_length=4)]

    def __repr__(self) -> str:
        return f"Kit({self.partner})"

    @property
    def token_key(self) -> TokenKey:
        """The token key to use: the first."""
        return self.token_keys[0]

    def key_check(self) -> bytes:
        """Derive the `key_check` of the token key to use; one stretch, so derive it once."""
        return self.token_key.key_check(self.normaliser)

    def parsed_api_key(self) -> ApiKey:
        """Return the API key; `parse_kit` has seen that it is well-formed."""
        key = find_api_key(self.api_key)
        if key is None:
            raise KitRefused("the kit's api_key is damaged; ask for a new kit")
        return key


_decoder = msgspec.json.Decoder(Kit)


def parse_kit(document: bytes) -> Kit:
    """Read a kit; raises `KitRefused`, which says which rule is broken and repeats no member."""
    try:
        kit = _decoder.decode(document)
    except UNREADABLE:
        raise KitRefused(
            "this is not a screening-kit/1 for protocol screening/v1; use the file as it was given"
        ) from None
    if not is_known_version(kit.normaliser):
        raise KitRefused(
            "the kit is for a normaliser version that this client does not know; upgrade the "
            "client or ask for a new kit"
        )
    kit.parsed_api_key()
    for token_key in kit.token_keys:
        if len(token_key.secret) != 32 or len(token_key.salt) != 16:
            raise KitRefused("the kit's secret or salt has a wrong length; ask for a new kit")
        # A key_id starts with its partner's name, so that a kit stitched from two is noticed here.
        if not token_key.key_id.startswith(f"{kit.partner}-"):
            raise KitRefused("the kit's key_id is not its partner's; ask for a new kit")
    if not _is_canonical_base64(document, kit):
        raise KitRefused("the kit's secret or salt is not canonical base64; ask for a new kit")
    return kit


def encode_kit(kit: Kit) -> bytes:
    """Write a kit as indented JSON, for a person to look at."""
    return msgspec.json.format(msgspec.json.encode(kit), indent=1) + b"\n"


class _SpelledTokenKey(msgspec.Struct):
    secret: str
    salt: str

    def __repr__(self) -> str:
        return "_SpelledTokenKey(...)"


class _SpelledKit(msgspec.Struct):
    token_keys: list[_SpelledTokenKey]


def _is_canonical_base64(document: bytes, kit: Kit) -> bool:
    # msgspec accepts non-zero trailing bits: a kit with one changed character would still work.
    spelled = msgspec.json.decode(document, type=_SpelledKit)
    return all(
        base64.b64encode(value) == text.encode()
        for read, written in zip(kit.token_keys, spelled.token_keys, strict=True)
        for value, text in ((read.secret, written.secret), (read.salt, written.salt))
    )

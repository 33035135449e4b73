"""What a slow hash rests on besides its selector; with any of it changed, it is another value."""

from dataclasses import dataclass, field

import msgspec

from screening.vocabulary.kit import TokenKey
from screening.vocabulary.normalise import NORMALISER_VERSION
from screening.vocabulary.tokens import PROTOCOL, Stretch


@dataclass(frozen=True, slots=True)
class Stretching:
    """How selectors are stretched for a token key: under another one, a kept value is none."""

    salt: bytes = field(repr=False)
    parameters: Stretch

    @classmethod
    def of(cls, token_key: TokenKey) -> "Stretching":
        """Return what the kit of `token_key` makes its partner derive with."""
        return cls(token_key.salt, token_key.stretch)

    def described(self) -> bytes:
        """Return all that the slow hash depends on, as bytes that no other stretching has."""
        return msgspec.msgpack.encode((PROTOCOL, NORMALISER_VERSION, self.salt, self.parameters))

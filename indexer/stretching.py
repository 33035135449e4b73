"""What a slow hash rests on besides the form of its selector."""

from dataclasses import dataclass, field

import msgspec

from indexer.keyring import KeptTokenKey
from screening.vocabulary.normaliser_versions import in_version
from screening.vocabulary.selector import Canonical, Stretched
from screening.vocabulary.tokens import PROTOCOL, Stretch, stretch


@dataclass(frozen=True, slots=True)
class Stretching:
    """How selectors are spelled and stretched for a token key."""

    normaliser: int
    salt: bytes = field(repr=False)
    parameters: Stretch

    @classmethod
    def of(cls, token_key: KeptTokenKey) -> "Stretching":
        """Return what the kit of `token_key` makes its partner derive with."""
        return cls(token_key.normaliser, token_key.salt, token_key.stretch)

    def slow_hash(self, canonical: Canonical) -> Stretched:
        """Compute what a partner computes of a selector."""
        form = in_version(canonical, self.normaliser)
        return stretch(form, salt=self.salt, profile=self.parameters)

    def described(self) -> bytes:
        """Return all that the slow hash of one form depends on; that of another is another value.

        Most selectors have one form in all normaliser versions, and are hashed once.
        """
        return msgspec.msgpack.encode((PROTOCOL, self.salt, self.parameters))

"""The nouns: selector kinds, and the distinct types a selector passes through.

    raw text -> Canonical -> Stretched -> Token -> IndexDigest

Each step is made in one place only: `normalise.py` makes a `Canonical`, `tokens.py` the rest.
Their `repr` never shows a value.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType

_FEWEST_WITH_INITIAL: Final = 2


class SelectorKind(StrEnum):
    """What a selector is; the value goes into the token, so kinds never collide."""

    PHONE = "phone"
    CARD = "card"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Canonical:
    """The one spelling of a selector that every party derives, made by `normalise`."""

    kind: SelectorKind
    text: str

    def __repr__(self) -> str:
        return f"Canonical({self.kind.value}, ...)"

    def shown(self) -> str:
        """Return the text for a person's eyes: a card keeps at most its first six and last four."""
        if self.kind is SelectorKind.CARD:
            return f"{self.text[:6]}{'*' * (len(self.text) - 10)}{self.text[-4:]}"
        return self.text

    def masked(self) -> str:
        """Return what tells it from a few others to those who know it, and says it to nobody.

        A card as `shown`; of a phone the first two digits and the last two; of an e-mail address a
        letter of the local part and of the domain, and what stands behind the domain's last dot.
        """
        if self.kind is SelectorKind.CARD:
            return self.shown()
        if self.kind is SelectorKind.PHONE:
            return f"{self.text[:3]}{'*' * (len(self.text) - 5)}{self.text[-2:]}"
        local, _, domain = self.text.rpartition("@")
        name, _, last = domain.rpartition(".")
        return f"{_initial(local)}***@{_initial(name)}***.{last}"


def _initial(part: str) -> str:
    """Return the first letter of what is not said whole by it, or nearly."""
    return part[0] if len(part) > _FEWEST_WITH_INITIAL else ""


class _RedactedBytes(bytes):
    """Bytes that do not show themselves in logs and tracebacks."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"

    __str__ = __repr__


class Stretched(_RedactedBytes):
    """32 bytes: a canonical form after the deployment-wide slow hash (docs/protocol.md, `S`)."""


class Token(_RedactedBytes):
    """32 bytes: what a partner sends instead of a selector, keyed to that partner."""


IndexDigest = NewType("IndexDigest", bytes)
"""16 bytes: what is stored instead of a token, keyed with the pepper. Means nothing without it."""

"""STIX 2.1 patterns (section 9) of equality alone: `[email-addr:value = '...']`, with OR between.

Whatever else a pattern says - AND, NOT, LIKE, qualifiers - narrows what it stands for, so that a
part of it would be too much: such a pattern is not read at all.
"""

import re
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<mark>[\[\]])|(?P<or>OR)\b"
    r"|(?P<object>[a-z0-9][a-z0-9\-]*):(?P<path>[A-Za-z0-9_.\-]+)\s*==?\s*"
    r"'(?P<value>(?:[^'\\]|\\.)*)')",
    re.DOTALL,
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_OBJECT: Final = re.compile(r"([a-z0-9][a-z0-9\-]*):")
# What may follow what: outside of brackets, within, and behind a comparison or a bracket.
_NEXT: Final = {
    ("", "["): "[",
    ("[", "="): "=",
    ("=", "OR"): "[",
    ("=", "]"): "]",
    ("]", "OR"): "",
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One property that is compared, `email-addr` and `value`, and with what. Shows no value."""

    object: str
    path: str
    value: str

    def __repr__(self) -> str:
        return f"Comparison({self.object}:{self.path})"


def find_comparisons(pattern: str) -> list[Comparison] | None:
    """Return what a pattern compares, each of which it stands for; None where it says more."""
    found: list[Comparison] = []
    state, place, pattern = "", 0, pattern.strip()
    while place < len(pattern):
        token = _TOKEN.match(pattern, place)
        if token is None:
            return None
        sign = token["mark"] or token["or"] or "="
        after = _NEXT.get((state, sign))
        if after is None:
            return None
        if sign == "=":
            value = _ESCAPED.sub(r"\1", token["value"])
            found.append(Comparison(token["object"], token["path"], value))
        state, place = after, token.end()
    return found if state == "]" else None


def objects_named(pattern: str) -> set[str]:
    """Return the types of objects that a pattern may be about, whatever it says of them."""
    return set(_OBJECT.findall(pattern))

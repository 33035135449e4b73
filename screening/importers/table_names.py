"""What columns of foreign tables are called, and how their names are shown."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from screening.vocabulary.column_names import shown_name
from screening.vocabulary.country_columns import COUNTRY_NAMES
from screening.vocabulary.recognition import holds_address

_DIGITS_OF_A_NUMBER: Final = 6
"""With so many in it a column's name may hold a selector, and they are not shown."""
_ADDRESS: Final = re.compile(r"\S+\s?@\s?\S+")

# What is called expiry or expiration may be that of a card: it is left to be named by a person.
ATTRIBUTE_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "role": (
        *("role", "subject role", "person role", "suspect role", "rolle", "rôle", "rol", "ruolo"),
        *("rola", "rooli", "роль", "ρόλος", "角色"),
    ),
    "region": COUNTRY_NAMES,
    "source": ("source", "source reference", "source ref", "source name", "reported by"),
    "reason": (
        *("reason", "reasons", "notes", "note", "comment", "comments", "remark", "remarks"),
        *("description", "details"),
    ),
    "confidence": ("confidence", "confidence score", "confidence level"),
    "expires_at": ("expires at", "expires", "expires on", "valid until", "valid to"),
    "first_seen": ("first seen", "first observed", "first reported", "seen first", "valid from"),
    "last_seen": ("last seen", "last observed", "last reported", "seen last"),
    "review_by": ("review by", "review on", "review date"),
    "jurisdictions": ("jurisdictions", "jurisdiction"),
    "list": ("list", "list name", "watchlist", "watch list"),
}
"""How columns of what is said about a selector are called; the first of several names wins."""


def find_attributes(names: Sequence[str]) -> dict[str, int]:
    """Return where each thing that can be said stands, of the plain names of columns."""
    found = {}
    for attribute, spellings in ATTRIBUTE_NAMES.items():
        known = next((name for name in spellings if name in names), None)
        if known is not None:
            found[attribute] = names.index(known)
    return found


def masked_name(name: str, index: int) -> str:
    """Return a name as `shown_name` does, without a number or an address that may be in it."""
    if holds_address(name):
        name = _ADDRESS.sub("#@#", name)
    if sum(map(str.isdigit, name)) >= _DIGITS_OF_A_NUMBER:
        name = "".join("#" if c.isdigit() else c for c in name)
    return shown_name(name, index)

"""Addresses whose sign is lost or another one: `jane#mail.example`, `jane mail.example`.

Only under a name that promises addresses: elsewhere a sentence may end in the name of a site.
"""

import re
from typing import Final

from screening.vocabulary.normalise import MAX_RAW_CHARACTERS
from screening.vocabulary.plain_text import plain

_LABEL: Final = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_UNREAD: Final = re.compile(
    rf"(?P<before>\S+?)(?P<sign>\s+|\s*[^\w\s.@-]+\s*|_)(?P<domain>(?:{_LABEL}\.)+[^\W\d_]{{2,63}})\.?"
)
_BEFORE_SITES: Final = frozenset((
    "see", "via", "on", "at", "from", "by", "use", "web", "www", "url", "site", "website", "http",
    "https", "siehe", "auf", "bei", "von", "über", "voir", "sur", "chez", "ver", "en", "por", "su",
    "da", "zie", "op", "kein", "keine", "no", "not", "sin", "sans",
    "ota", "direct", "expedia", "app", "hotel", "per", "pas", "w/o", "tbc", "through", "guest",
))  # fmt: skip
"""`via booking.example`, `no e.mail`: behind these stands no domain of an address."""


def is_unread_address(value: str) -> bool:
    """Tell whether one word, and something else than an `@`, stand before a domain."""
    text = plain(value)
    if len(text) > MAX_RAW_CHARACTERS or "@" in text or "." not in text:
        return False
    found = _UNREAD.fullmatch(text)
    if found is None or found["before"].casefold().rstrip(":/.") in _BEFORE_SITES:
        return False
    # `Hotel St.Gallen` is a place: people write domains in small letters, or all in large ones.
    last = found["domain"].rpartition(".")[2]
    return last == last.lower() or text == text.upper()

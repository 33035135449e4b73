"""Mail providers that deliver several spellings to one mailbox; data, part of normaliser version 1.

The table is docs/protocol.md's. A change of any row is a new normaliser version.
"""

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class MailProvider:
    """How a provider reads a local part: what it ignores, and the domain all its names stand for.

    Everything from the first `+` is dropped by every provider listed here.
    """

    domain: str | None = None
    ignored_characters: dict[int, None] = field(default_factory=dict)


def _ignoring(characters: str) -> dict[int, None]:
    return dict.fromkeys(map(ord, characters))


_GMAIL = MailProvider("gmail.com", _ignoring("."))
_PROTON = MailProvider("proton.me", _ignoring(".-_"))
_PLUS_ONLY = MailProvider()

MAIL_PROVIDERS: Final[dict[str, MailProvider]] = {
    "gmail.com": _GMAIL,
    "googlemail.com": _GMAIL,
    "proton.me": _PROTON,
    "protonmail.com": _PROTON,
    "pm.me": _PROTON,
    "outlook.com": _PLUS_ONLY,
    "hotmail.com": _PLUS_ONLY,
    "live.com": _PLUS_ONLY,
    "msn.com": _PLUS_ONLY,
    "icloud.com": _PLUS_ONLY,
    "me.com": _PLUS_ONLY,
    "mac.com": _PLUS_ONLY,
    "fastmail.com": _PLUS_ONLY,
    "fastmail.fm": _PLUS_ONLY,
}

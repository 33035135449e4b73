"""The shape of an API key: `gsk_live_<id>_<secret>_<crc32>`, or `gsk_test_...`.

With the checksum, a client or a secret scanner tells a mistyped key from a refused one by itself
(docs/architecture.md, "API keys").
"""

import base64
import re
import secrets
import zlib
from dataclasses import dataclass
from typing import Final, Literal

Mode = Literal["live", "test"]

_PATTERN: Final = re.compile(r"gsk_(live|test)_([a-z2-7]{12})_([a-z2-7]{32})_([0-9a-f]{8})")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One API key; `id` is public, the text as a whole is the secret."""

    mode: Mode
    id: str
    text: str

    def __repr__(self) -> str:
        return f"ApiKey({self.mode}, {self.id})"


def new_api_key(mode: Mode) -> ApiKey:
    """Make a key of 160 random bits."""
    key_id, secret = _random_base32(60)[:12], _random_base32(160)
    start = f"gsk_{mode}_{key_id}_{secret}"
    return ApiKey(mode, key_id, f"{start}_{zlib.crc32(start.encode()):08x}")


def find_api_key(text: str) -> ApiKey | None:
    """Return the key that `text` spells, or None where it has not the form of one."""
    found = _PATTERN.fullmatch(text)
    if found is None or f"{zlib.crc32(text[:-9].encode()):08x}" != found[4]:
        return None
    return ApiKey("live" if found[1] == "live" else "test", found[2], text)


def _random_base32(bits: int) -> str:
    raw = secrets.token_bytes((bits + 39) // 40 * 5)
    return base64.b32encode(raw).decode().lower()

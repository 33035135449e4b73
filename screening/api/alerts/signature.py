"""Signatures of the Standard Webhooks specification 1.0.0, symmetric: HMAC-SHA256, `v1`.

https://www.standardwebhooks.com, "Signature scheme". Test vectors: tests/vectors/webhooks.json.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from screening.private_files import read_private
from screening.vocabulary.errors import OperatorError

_PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = range(24, 65)
"""As the specification has it, "Signature scheme"."""
_SECRETS_AT_ONCE: Final = 4


class WebhookSecrets:
    """What webhooks are signed with, the first first; its `repr` shows none."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = keys

    def __repr__(self) -> str:
        return "WebhookSecrets(...)"

    def headers(self, name: str, timestamp: int, body: bytes) -> dict[str, str]:
        """Return the headers of one attempt: `timestamp` (Unix seconds) is that of the attempt.

        With two secrets it carries two signatures, so that a receiver can go from one to the next.
        """
        signed = b"%s.%d.%s" % (name.encode(), timestamp, body)
        signatures = [hmac.digest(key, signed, hashlib.sha256) for key in self._keys]
        return {
            "webhook-id": name,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": " ".join(
                f"v1,{base64.b64encode(one).decode()}" for one in signatures
            ),
        }


def read_secrets(path: Path) -> WebhookSecrets:
    """Read a file with a `whsec_` secret a line; raises `OperatorError`, which shows none."""
    if not path.exists():
        raise OperatorError(f'{path} is missing; see docs/operations.md, "Webhooks"')
    return parse_secrets(read_private(path).split(), path)


def parse_secrets(lines: Sequence[bytes], path: Path) -> WebhookSecrets:
    """Read secrets that stand in a file; raises `OperatorError`, which shows none."""
    if not 1 <= len(lines) <= _SECRETS_AT_ONCE:
        raise OperatorError(f"{path} must hold one secret a line, and four of them at most")
    return WebhookSecrets([_parse(line, path) for line in lines])


def _parse(line: bytes, path: Path) -> bytes:
    text = line.decode("ascii", "replace")
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith(_PREFIX) or len(key) not in _SECRET_BYTES:
        raise OperatorError(
            f"{path} must hold whsec_ and the base64 of 24 to 64 random bytes, a line each"
        )
    return key

"""The second factor: six digits that change every 30 seconds (TOTP, RFC 6238), and codes on paper.

SHA-1, six digits and 30 seconds are what every authenticator app reads from a QR code.
"""

import base64
import hashlib
import hmac
import secrets
from typing import Final
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

DIGITS: Final = 6
STEP_S: Final = 30
SECRET_BYTES: Final = 20
"""As long as the output of SHA-1 (RFC 4226, section 4, R6)."""
CLOCK_STEPS: Final = 1
"""A clock may be one step off, either way (RFC 6238, section 5.2)."""

RECOVERY_CODES: Final = 10
_RECOVERY_BYTES: Final = 10
ISSUER: Final = "Screening intelligence"


def new_secret() -> bytes:
    """Return a secret to be shared with somebody's app."""
    return secrets.token_bytes(SECRET_BYTES)


def find_step(secret: bytes, code: str, now: float, *, after: int) -> int | None:
    """Return the time step that a code is of, None of a wrong one or one of a step used before.

    A code is heard once: whoever has looked over a shoulder comes too late. `after` is the last
    step that was heard, `now` Unix seconds.
    """
    here = int(now) // STEP_S
    found = None
    for step in range(here - CLOCK_STEPS, here + CLOCK_STEPS + 1):
        if hmac.compare_digest(code_at(secret, step), code.encode()) and step > after:
            found = step
    return found


def code_at(secret: bytes, step: int) -> bytes:
    """Return the code of a time step."""
    sha1 = SHA1()  # noqa: S303 - as an HMAC it is sound, and apps know no other (RFC 6238)
    return TOTP(secret, DIGITS, sha1, STEP_S).generate(step * STEP_S)


def secret_text(secret: bytes) -> str:
    """Spell a secret for someone who types it in, in groups of four."""
    text = base64.b32encode(secret).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def provisioning_uri(secret: bytes, name: str) -> str:
    """Return what the QR code says; apps know its form as otpauth."""
    label = quote(f"{ISSUER}:{name}", safe="")
    parameters = urlencode(
        {"secret": base64.b32encode(secret).decode(), "issuer": ISSUER}, quote_via=quote
    )
    return f"otpauth://totp/{label}?{parameters}"


def new_recovery_codes() -> list[str]:
    """Return codes of 80 random bits each, to be written down."""
    return [_spelled(secrets.token_bytes(_RECOVERY_BYTES)) for _ in range(RECOVERY_CODES)]


def recovery_hash(code: str) -> bytes:
    """Return what is stored of a code; 80 random bits need no slow hash."""
    plain = "".join(code.split()).replace("-", "").casefold()
    return hashlib.sha256(b"intelligence/v1/recovery-code\0" + plain.encode()).digest()


def _spelled(code: bytes) -> str:
    text = base64.b32encode(code).decode().casefold()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))

"""Certificates of clients, which API keys may be bound to."""

import hashlib
import ssl
from pathlib import Path
from typing import Final

from screening.private_files import read_regular
from screening.vocabulary.errors import OperatorError

_BEGIN: Final = "-----BEGIN CERTIFICATE-----"
_END: Final = "-----END CERTIFICATE-----"
_PRIVATE: Final = "PRIVATE KEY-----"


def certificate_sha256(path: Path) -> bytes:
    """Return the SHA-256 of the first certificate in a PEM file, the client's own in a chain.

    Raises `OperatorError` for none, and for a file with a private key: it is the partner's alone.
    """
    try:
        text = read_regular(path).decode("ascii", "replace")
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}") from None
    if _PRIVATE in text:
        raise OperatorError(
            f"{path} holds a private key, which is for nobody but the partner: ask for the "
            "certificate alone, and tell the partner to make another pair"
        )
    begin, end = text.find(_BEGIN), text.find(_END)
    if not 0 <= begin < end:
        raise _no_certificate(path)
    try:
        der = ssl.PEM_cert_to_DER_cert(text[begin : end + len(_END)])
        ssl.create_default_context(cadata=der)  # which reads it
    except (ValueError, ssl.SSLError):
        raise _no_certificate(path) from None
    return hashlib.sha256(der).digest()


def _no_certificate(path: Path) -> OperatorError:
    return OperatorError(f"{path} holds no certificate in PEM; ask for it again")

"""Why a connection could not be made, as far as its error tells: what to do differs by that."""

import socket
import ssl
from collections.abc import Iterator
from typing import Final, Literal

ConnectionFault = Literal[
    "untrusted_certificate",
    "certificate_of_another",
    "certificate_out_of_date",
    "no_tls",
    "client_certificate_wanted",
    "unknown_host",
    "nobody_listens",
]

# X509_V_ERR_* of OpenSSL's x509_vfy.h.
_BY_VERIFY_CODE: Final[dict[int, ConnectionFault]] = {
    9: "certificate_out_of_date",  # not yet valid
    10: "certificate_out_of_date",  # expired
    62: "certificate_of_another",  # host name mismatch
    64: "certificate_of_another",  # IP address mismatch
}


_SAID_WITHOUT_TLS: Final = frozenset(
    ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")
)
_OF_OUR_CERTIFICATE: Final = ("CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE", "BAD_CERTIFICATE")


def find_connection_fault(error: BaseException) -> ConnectionFault | None:
    """Return what went wrong below `error`, or None where nothing of it is known here."""
    for one in _chain(error):
        match one:
            case ssl.SSLCertVerificationError():
                return _BY_VERIFY_CODE.get(one.verify_code, "untrusted_certificate")
            case ssl.SSLError():
                return _find_tls_fault(one)
            case TimeoutError() if "handshake" in str(one):  # as the ssl module words it
                return "no_tls"
            case socket.gaierror():
                return "unknown_host"
            case ConnectionRefusedError():
                return "nobody_listens"
    return None


def _find_tls_fault(error: ssl.SSLError) -> ConnectionFault | None:
    """Return what the other side has said in its alert, or that it speaks no TLS at all."""
    reason = error.reason or ""
    if reason in _SAID_WITHOUT_TLS or isinstance(error, ssl.SSLEOFError):
        return "no_tls"
    # Of TLS 1.2 a refused handshake says no more; the server's own certificate is told before.
    is_refused = any(part in reason for part in _OF_OUR_CERTIFICATE)
    return "client_certificate_wanted" if is_refused else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and what it arose from; libraries wrap it, some within a group."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
        waiting += [under for under in (one.__cause__, one.__context__) if under is not None]

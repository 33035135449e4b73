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


def find_connection_fault(error: BaseException) -> ConnectionFault | None:
    """Return what went wrong below `error`, or None where nothing of it is known here."""
    for one in _chain(error):
        match one:
            case ssl.SSLCertVerificationError():
                return _BY_VERIFY_CODE.get(one.verify_code, "untrusted_certificate")
            case ssl.SSLError():
                return "no_tls"
            case TimeoutError() if "handshake" in str(one):  # as the ssl module words it
                return "no_tls"
            case socket.gaierror():
                return "unknown_host"
            case ConnectionRefusedError():
                return "nobody_listens"
    return None


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

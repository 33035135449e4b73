"""Whose certificates are believed, and what to do where the API could not be connected to."""

import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

import httpx

from screening.connection_faults import ConnectionFault, find_connection_fault
from screening.private_files import read_private
from screening.vocabulary.errors import OperatorError, Unknown

CLIENT_CERT_VARIABLE: Final = "SCREENING_CLIENT_CERT"
"""A file with the client's certificate and its private key (PEM), which an API key is bound to."""

_SENTENCES: Final[dict[ConnectionFault, str]] = {
    "untrusted_certificate": (
        "the certificate of {base} is not trusted; set SSL_CERT_FILE to a file with the "
        "certificate of the authority that signed it"
    ),
    "certificate_of_another": (
        "the certificate of {base} is for another host name; check the kit's api_url"
    ),
    "certificate_out_of_date": (
        "the certificate of {base} is out of date, or the clock here is wrong; check the clock, "
        "then tell the API's operator"
    ),
    "no_tls": "{base} did not answer in TLS; check the kit's api_url and its port",
    "client_certificate_wanted": (
        "{base} refuses the TLS handshake, or wants a certificate of the client's; check the kit's "
        "api_url, and ask the API's operator"
    ),
    "unknown_host": (
        "the host name of {base} is not known here; check the kit's api_url and the name service"
    ),
    "nobody_listens": (
        "nobody listens at {base}; check the kit's api_url and its port, and that the API runs"
    ),
}


class _Stream(Protocol):
    async def aclose(self) -> None: ...


class Handshake:
    """Hears of the steps of one exchange, and ends a connection whose TLS handshake is broken off.

    httpcore 1.0.9 ends it where the handshake fails, and leaves it open for good where the time is
    over meanwhile: a client that asks on would use up its open files. Given as the extension
    `trace` of a request.
    """

    def __init__(self) -> None:
        self._stream: _Stream | None = None

    async def __call__(self, step: str, told: Mapping[str, Any]) -> None:
        """Take note of a step."""
        if step == "connection.connect_tcp.complete":
            self._stream = told["return_value"]
        elif step == "connection.start_tls.failed" and self._stream is not None:
            await self._stream.aclose()


def connection_failed(base: str, error: Exception) -> Unknown:
    """Return what to raise for an exchange with `base`, the API's URL, that `error` ended.

    The error itself is not part of it: httpx's errors know the request, headers and all.
    """
    fault = find_connection_fault(error)
    if fault is None:
        sentence = (
            f"{base} did not answer ({type(error).__name__}); "
            "check the network and the kit's api_url"
        )
    else:
        sentence = _SENTENCES[fault].format(base=base)
    return Unknown(sentence, reason="connection")


def tls_context(base: str) -> ssl.SSLContext:
    """Return what believes the usual authorities, or those of SSL_CERT_FILE or SSL_CERT_DIR.

    It shows the client's certificate of `SCREENING_CLIENT_CERT` where the API asks for one. Nobody
    is believed where the API at `base` speaks no TLS: to read all authorities takes longer than
    most commands. Raises `Unknown` where the environment names a file that is none.
    """
    if base.lower().startswith("http:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context = httpx.create_ssl_context()
    except OSError as error:  # ssl's errors are of its kind
        why = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
    else:
        _show_certificate(context, os.environ.get(CLIENT_CERT_VARIABLE))
        return context
    raise Unknown(
        f"the file or folder in SSL_CERT_FILE or SSL_CERT_DIR cannot be used: {why}; "
        "give one in PEM, or unset it",
        reason="connection",
    )


def _show_certificate(context: ssl.SSLContext, path: str | None) -> None:
    """Let `context` show the client's certificate; raises `Unknown` where that cannot be done."""
    if not path:
        return
    try:
        read_private(Path(path))  # it holds a private key
        context.load_cert_chain(path, password=_refuse_to_ask)
    except (OperatorError, OSError) as error:  # ssl's errors are of the latter kind
        is_none = isinstance(error, ssl.SSLError)
        why = "it holds no certificate with its private key" if is_none else str(error)
    else:
        return
    raise Unknown(
        f"the file in {CLIENT_CERT_VARIABLE} cannot be used: {why}; give both in PEM, the key "
        "without a pass phrase, readable by you alone, or unset it",
        reason="connection",
    )


def _refuse_to_ask() -> str:
    """Stand in for the question for a pass phrase, which would stop whoever has a terminal."""
    raise OperatorError("its private key is encrypted")

"""Whose certificates are believed, and what to do where the API could not be connected to."""

import ssl
from typing import Final

import httpx

from screening.connection_faults import ConnectionFault, find_connection_fault
from screening.vocabulary.errors import Unknown

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

    Nobody where the API at `base` speaks no TLS: to read all authorities takes longer than most
    commands. Raises `Unknown` where the environment names a file that is none.
    """
    if base.lower().startswith("http:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        return httpx.create_ssl_context()
    except OSError as error:  # ssl's errors are of its kind
        why = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
    raise Unknown(
        f"the file or folder in SSL_CERT_FILE or SSL_CERT_DIR cannot be used: {why}; "
        "give one in PEM, or unset it",
        reason="connection",
    )

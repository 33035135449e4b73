"""The client's certificate, as a proxy that ends TLS passes it on (RFC 9440, `Client-Cert`)."""

import base64
import binascii
import hashlib
import hmac

_MARK = b":"


def is_certificate(field: bytes | None, sha256: bytes) -> bool:
    """Tell whether a `Client-Cert` field holds the certificate of that SHA-256.

    It is a byte sequence (RFC 9651, section 3.3.5) of the certificate in DER. Whether the client
    has its private key, the proxy has seen in the handshake; by whom it was signed, nobody has to
    ask: the certificate itself is what the key's record names.
    """
    if field is None or len(field) < 2 or (field[:1], field[-1:]) != (_MARK, _MARK):
        return False
    try:
        certificate = base64.b64decode(field[1:-1], validate=True)
    except binascii.Error:
        return False
    return hmac.compare_digest(hashlib.sha256(certificate).digest(), sha256)

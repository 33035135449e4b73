"""`/.well-known/security.txt` (RFC 9116): whom to tell of a hole, until when that is true."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from litestar import get
from litestar.handlers import HTTPRouteHandler

from screening.api.settings import ApiSettings, is_expired
from screening.connections.refused import HttpRefused

SECURITY_TXT_PATH: Final = "/.well-known/security.txt"


def security_txt_route(
    settings: ApiSettings, clock: Callable[[], float] = time.time
) -> HTTPRouteHandler:
    """Return the route; it is a 404 without a contact, and from the moment of `Expires` on."""
    contacts, expires = settings.security_contact, settings.security_expires
    document = _document(contacts, expires) if contacts and expires is not None else b""

    @get(SECURITY_TXT_PATH, media_type="text/plain", sync_to_thread=False)
    def security_txt() -> bytes:
        if not document or is_expired(expires, clock()):
            raise HttpRefused(404)
        return document

    return security_txt


def _document(contacts: tuple[str, ...], expires: datetime) -> bytes:
    lines = [f"Contact: {contact}" for contact in contacts]
    lines.append(f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}")
    lines.append("Preferred-Languages: en")
    return "".join(f"{line}\n" for line in lines).encode("ascii")

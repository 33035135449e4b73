"""Where to ask: the rules that a kit's `api_url` keeps (docs/protocol.md, "The kit").

The indexer writes no kit, and the client sends nothing, whose address breaks them.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from screening.vocabulary.errors import KitRefused

_PRINTABLE: Final = re.compile(r"[!-~]+")
# RFC 1035, section 2.3.4: labels of 63 bytes; an international one is written in its xn-- form.
_HOST_NAME: Final = re.compile(r"(?!.{254})(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?")
_DOTTED: Final = re.compile(r"[0-9.]+")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A screening API: `base` without a slash at its end; `loopback` never leaves this machine."""

    base: str
    loopback: bool

    def url(self, path: str) -> str:
        """Return the address of a route."""
        return f"{self.base}{path}"


def parse_endpoint(api_url: str) -> Endpoint:
    """Read an `api_url`; raises `KitRefused`.

    An API key in clear text on a network is a key lost, so plain http is for loopback only.
    """
    if "@" in api_url or "?" in api_url or "#" in api_url:
        raise KitRefused("the kit's api_url must be a plain address, without log-in, ? or #")
    url = _find_url(api_url)
    if url is None:
        raise KitRefused("the kit's api_url must be an address such as https://screening.example")
    loopback = _is_loopback(url.hostname or "")
    if url.scheme == "http" and not loopback:
        raise KitRefused("the kit's api_url is plain http; use https, http is for loopback only")
    return Endpoint(url.geturl().rstrip("/"), loopback)


def _find_url(text: str) -> SplitResult | None:
    """Return the parts of a web address whose host and port are certain."""
    if not _PRINTABLE.fullmatch(text):  # urlsplit drops line breaks instead of refusing them
        return None
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        return None
    host = url.hostname or ""
    # A port of 0 is any; and what is written after the colon must be there.
    if url.scheme not in ("http", "https") or port == 0 or url.netloc.endswith(":"):
        return None
    return url if _is_host(host) else None


def _is_host(host: str) -> bool:
    if ":" in host or _DOTTED.fullmatch(host):
        return _find_address(host) is not None
    return _HOST_NAME.fullmatch(host) is not None


def _is_loopback(host: str) -> bool:
    address = _find_address(host)
    return host == "localhost" if address is None else address.is_loopback


def _find_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if "%" in host:  # a zone names an interface of this machine
        return None
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None

"""Where to ask: the rules that a kit's `api_url` must keep before anything is sent to it."""

import ipaddress
from dataclasses import dataclass

import httpx

from screening.vocabulary.errors import KitRefused


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
    try:
        url = httpx.URL(api_url)
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL("")
    # httpx escapes what cannot stand in a host name, instead of refusing it.
    if url.scheme not in ("http", "https") or not url.host or "%" in url.host:
        raise KitRefused("the kit's api_url is no https address; ask for a new kit")
    if url.userinfo or url.query or url.fragment:
        raise KitRefused("the kit's api_url must be a plain address, without log-in, ? or #")
    loopback = _is_loopback(url.host)
    if url.scheme == "http" and not loopback:
        raise KitRefused("the kit's api_url is plain http; use https, http is for loopback only")
    return Endpoint(str(url).rstrip("/"), loopback)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

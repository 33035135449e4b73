"""Networks that an API key may be used from, in CIDR notation (RFC 4632, and RFC 4291 for IPv6)."""

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read networks; an address alone is one of its own. Raises `ValueError`.

    So it does where bits are set behind the prefix: `192.0.2.1/24` may mean either.
    """
    return tuple(ip_network(text) for text in texts)


def find_address(text: str) -> Address | None:
    """Read an address, None for what is none; an IPv4 one in the form of IPv6 is that IPv4 one."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def is_within(address: Address | None, networks: Iterable[Network]) -> bool:
    """Tell whether an address lies in one of them; one that is not known lies in none."""
    return address is not None and any(address in network for network in networks)

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
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_MAPPED: Final = IPv6Network("::ffff:0:0/96")
"""IPv4 addresses in the form of IPv6 (RFC 4291, 2.5.5.2)."""
_UNMAPPED_PREFIX: Final = 80
"""Bits that are 0 in them; a network with a longer prefix can only have meant those."""


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read networks; an address alone is one of its own. Raises `ValueError`.

    So it does where bits are set behind the prefix: `192.0.2.1/24` may mean either. One of IPv4
    addresses in the form of IPv6 is that of the IPv4 ones, as `find_address` reads them.
    """
    return tuple(_parse_network(text) for text in texts)


def _parse_network(text: str) -> Network:
    network = ip_network(text)
    if isinstance(network, IPv4Network) or not network.overlaps(_MAPPED):
        return network
    prefix = network.prefixlen - _MAPPED.prefixlen
    if prefix < 0:
        if network.prefixlen > _UNMAPPED_PREFIX:
            raise ValueError("addresses of IPv4 and of IPv6 are in no network together")
        return network  # of IPv6, such as ::/0; no IPv4 address is in it
    mapped = int(network.network_address) - int(_MAPPED.network_address)
    return IPv4Network((mapped, prefix))


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

"""Where a request comes from: what asks on the connection, or whom a trusted proxy names.

Nobody is believed by default: whoever connects could write any header. Behind a proxy whose address
is trusted, `X-Forwarded-For` is read from its end, where that proxy has written whom it saw.
"""

from collections.abc import Mapping, Sequence

from screening.registry.networks import Address, Network, find_address, is_within

Peer = tuple[str, int] | None
"""Address and port of the other end of a connection, as ASGI has it."""


class Proxies:
    """The proxies that are believed, by their networks."""

    def __init__(self, networks: Sequence[Network] = ()) -> None:
        self._networks = networks

    def are_trusted(self, peer: Peer) -> bool:
        """Tell whether what asks on a connection is one of them."""
        return bool(self._networks) and is_within(_address(peer), self._networks)

    def address_behind(self, peer: Peer, headers: Mapping[bytes, bytes]) -> Address | None:
        """Return where a request comes from; None where a trusted proxy names nobody else.

        The last in the header that is no trusted proxy: what stands before it, anybody may have
        written.
        """
        if not self.are_trusted(peer):
            return _address(peer)
        for text in reversed(headers.get(b"x-forwarded-for", b"").split(b",")):
            address = find_address(text.strip().decode("latin-1"))
            if address is None or not is_within(address, self._networks):
                return address
        return None


def _address(peer: Peer) -> Address | None:
    return None if peer is None else find_address(peer[0])

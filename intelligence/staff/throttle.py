"""How often somebody may try: counted before a password is hashed, in tables of a fixed size."""

import hashlib
import ipaddress
import math
import secrets
import threading
from array import array
from collections.abc import Callable
from typing import Final

from intelligence.errors import TooManyTries

SLOTS: Final = 1 << 16
"""Half a megabyte; no flood of names or addresses makes room by pushing another's count out."""


class Throttle:
    """Gives every key `burst` tries, and one more every `refill_s`; for several threads.

    Keys share slots by a hash that nobody outside can compute: with a thousand of them in use, one
    in 65 shares its count with another.
    """

    def __init__(
        self, *, burst: int, refill_s: float, monotonic: Callable[[], float], slots: int = SLOTS
    ) -> None:
        self._burst = burst
        self._refill_s = refill_s
        self._monotonic = monotonic
        self._secret = secrets.token_bytes(16)
        self._lock = threading.Lock()
        # When each slot will have all its tries back: the virtual time of GCRA.
        self._full_at_s = array("d", [float("-inf")]) * slots

    def take(self, key: str) -> None:
        """Count a try of `key`; raises `TooManyTries`, and counts nothing, where none is left."""
        slot = self._slot(key)
        with self._lock:
            now = self._monotonic()
            full_at_s = max(now, self._full_at_s[slot]) + self._refill_s
            wait_s = full_at_s - now - self._burst * self._refill_s
            if wait_s > 1e-9:
                raise TooManyTries(math.ceil(wait_s))
            self._full_at_s[slot] = full_at_s

    def give_back(self, key: str) -> None:
        """Forget the tries of `key`: the last one was right."""
        with self._lock:
            self._full_at_s[self._slot(key)] = float("-inf")

    def _slot(self, key: str) -> int:
        digest = hashlib.blake2b(key.encode(), key=self._secret, digest_size=8).digest()
        return int.from_bytes(digest) % len(self._full_at_s)


class LogInThrottles:
    """The counts of tries: by name, by address, and by account."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.names = Throttle(burst=5, refill_s=60, monotonic=monotonic)
        # By account, of those signed in: a stranger who tries a name keeps nobody from signing.
        self.own_passwords = Throttle(burst=5, refill_s=60, monotonic=monotonic)
        self.addresses = Throttle(burst=30, refill_s=10, monotonic=monotonic)
        # Three codes are right at any time: 288 tries a day find one with a chance of 0.09 %.
        self.second_factors = Throttle(burst=5, refill_s=300, monotonic=monotonic)


def network_of(address: str) -> str:
    """Return what is counted of an address: of IPv6 its /64, which one customer has whole."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)

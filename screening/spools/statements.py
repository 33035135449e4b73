"""What the list is, in 32 bytes that both sides keep at the cost of a change.

A multiset hash: MSet-Mu-Hash of Clarke, Devadas, van Dijk, Gassend and Suh, "Incremental Multiset
Hash Functions" (ASIACRYPT 2003), in the group of RFC 3526, section 3. The order of changes does not
matter, and what is ended cancels what was begun.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from screening.spools.export import Result

# RFC 3526, section 3: 2^2048 - 2^1984 - 1 + 2^64 * (floor(2^1918 pi) + 124476), a safe prime.
PRIME: Final = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"
    "020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
    "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05"
    "98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB"
    "9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718"
    "3995497CEA956AE515D2261898FA051015728E5A8AACAA68FFFFFFFFFFFFFFFF",
    16,
)
PRODUCT_BYTES: Final = 256

_STATEMENT_LABEL: Final = b"screening/v1/statement\0"
_LIST_LABEL: Final = b"screening/v1/list\0"
_HASH_BYTES: Final = PRODUCT_BYTES + 16
"""128 bits more than the prime has: what is left of the division is even to 2^-128."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStatement:
    """What the list says of a selector; times are Unix seconds. Its `repr` shows nothing of it."""

    kind: str
    canonical: str
    """In normaliser version 1."""
    list: str
    source: str
    role: str
    confidence: int | None
    jurisdictions: Sequence[str]
    last_seen: int
    expires_at: int | None

    def __repr__(self) -> str:
        return "OpenStatement(...)"

    def line(self) -> bytes:
        """Return the bytes that stand for it."""
        what = (self.kind, self.canonical, self.list, self.source, self.role, self.confidence)
        life = (tuple(self.jurisdictions), self.last_seen, self.expires_at)
        return msgspec.json.encode((*what, *life))


@dataclass(frozen=True, slots=True)
class StatementSet:
    """The open statements of a list: how many, and the product of their hashes."""

    statements: int = 0
    product: int = 1

    def changed(
        self, *, begun: Iterable[bytes] = (), ended: Iterable[bytes] = ()
    ) -> "StatementSet":
        """Return the set with the lines `begun` and without those `ended`."""
        more, multiplied = _product(begun)
        fewer, divided = _product(ended)
        product = self.product * multiplied * pow(divided, -1, PRIME) % PRIME
        return StatementSet(self.statements + more - fewer, product)

    def result(self) -> Result:
        """Return what an export says of it."""
        product = self.product.to_bytes(PRODUCT_BYTES, "big")
        return Result(self.statements, hashlib.sha256(_LIST_LABEL + product).hexdigest())


def _product(lines: Iterable[bytes]) -> tuple[int, int]:
    count, product = 0, 1
    for line in lines:
        hashed = hashlib.shake_256(_STATEMENT_LABEL + line).digest(_HASH_BYTES)
        product = product * int.from_bytes(hashed, "big") % PRIME
        count += 1
    return count, product

"""What Redis holds of a release, of one moment and not yet believed."""

from typing import Final, NamedTuple

import redis

from screening.store import keys
from screening.store.bounded_reads import Hash, read_hashes

DOCUMENTS_MAX_BYTES: Final = 8 << 20
"""Of heads, or of partner records, in the memory of Redis: more than 5,000 partners need."""

Documents = dict[str, bytes]


class StoredDocuments(NamedTuple):
    """Signed documents by the name they stand under; None for what cannot be the indexer's."""

    heads: Documents | None
    partners: Documents | None


def read_stored_documents(store: redis.Redis) -> StoredDocuments:
    """Read all heads and partner records of one moment; raises `StoreUnavailable`."""
    hashes = read_hashes(store, [keys.HEADS, keys.PARTNERS], most=DOCUMENTS_MAX_BYTES)
    return StoredDocuments(*map(by_name, hashes))


def by_name(found: Hash | None) -> Documents | None:
    """Return what a hash holds under the names that its fields are; None where it is None."""
    if found is None:
        return None
    return {keys.name_of(field): document for field, document in found.items()}

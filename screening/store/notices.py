"""The heads of notices in Redis, not yet believed: read apart from releases, and after them."""

import redis

from screening.store import keys
from screening.store.bounded_reads import read_hashes
from screening.store.documents import DOCUMENTS_MAX_BYTES, Documents, by_name


def read_stored_notices(store: redis.Redis) -> Documents | None:
    """Return the signed heads by the partner they stand under; raises `StoreUnavailable`.

    None for what cannot be the indexer's: of each partner a head is smaller than its record, of
    which the same number of bytes is read.
    """
    (found,) = read_hashes(store, [keys.NOTICES], most=DOCUMENTS_MAX_BYTES)
    return by_name(found)

"""The notices in Redis, not yet believed: read apart from a release, which waits for none."""

import redis

from screening.store import keys
from screening.store.bounded_reads import read_hashes
from screening.store.documents import DOCUMENTS_MAX_BYTES, Documents, by_name


def read_stored_notices(store: redis.Redis) -> Documents | None:
    """Return the signed notices by the partner they stand under; raises `StoreUnavailable`.

    None for what cannot be the indexer's.
    """
    (found,) = read_hashes(store, [keys.NOTICES], most=DOCUMENTS_MAX_BYTES)
    return by_name(found)

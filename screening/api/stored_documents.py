"""What Redis holds of a release, of one moment and not yet believed."""

from typing import NamedTuple

import redis

from screening.generations.fetch import is_of_wrong_type
from screening.store import keys
from screening.store.connection import store_errors

Documents = dict[str, bytes]


class StoredDocuments(NamedTuple):
    """Signed documents by the name they stand under; None for what is no hash in Redis."""

    heads: Documents | None
    partners: Documents | None


def read_stored_documents(store: redis.Redis) -> StoredDocuments:
    """Read all heads and partner records in one transaction; raises `StoreUnavailable`."""
    with store_errors():
        pipeline = store.pipeline(transaction=True)
        pipeline.hgetall(keys.HEADS)
        pipeline.hgetall(keys.PARTNERS)
        return StoredDocuments(*map(_by_name, pipeline.execute(raise_on_error=False)))


def _by_name(answer: dict[bytes, bytes] | Exception) -> Documents | None:
    if is_of_wrong_type(answer):
        return None
    if isinstance(answer, Exception):
        raise answer
    return {name.decode("ascii", "replace"): document for name, document in answer.items()}

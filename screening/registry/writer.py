"""Put partner records, and notices, in force. Only the indexer imports this."""

from collections.abc import Collection, Mapping

import redis
from redis.exceptions import NoPermissionError

from screening.registry.notices import SignedNotices
from screening.store import keys
from screening.store.connection import store_errors


def put_records(pipeline: "redis.client.Pipeline", records: Mapping[str, bytes]) -> None:
    """Queue the signed `records` (partner -> document) on a transaction."""
    if records:
        pipeline.hset(keys.PARTNERS, items=[part for item in records.items() for part in item])


def remove_records(pipeline: "redis.client.Pipeline", names: Collection[str]) -> None:
    """Queue the removal of what stands under `names`, as `read_stored_documents` has them."""
    if names:
        pipeline.hdel(keys.PARTNERS, *map(keys.field, names))


def put_notices(pipeline: "redis.client.Pipeline", signed: Mapping[str, SignedNotices]) -> None:
    """Queue the notices of all partners on a transaction, in the place of all there."""
    if not signed:
        return
    pipeline.unlink(keys.NOTICES, *map(keys.notices_of, signed))
    heads = [part for name, one in signed.items() for part in (name, one.head)]
    pipeline.hset(keys.NOTICES, items=heads)
    contents = {keys.notices_of(name): one.content for name, one in signed.items() if one.content}
    if contents:
        pipeline.mset(contents)


def may_put_notices(store: redis.Redis) -> bool:
    """Tell whether this user may; raises `StoreUnavailable`. One of an earlier version may not."""
    pipeline = store.pipeline(transaction=False)
    # Of names that nobody has: both change nothing.
    pipeline.hdel(keys.NOTICES, "")
    pipeline.unlink(keys.notices_of(""))
    with store_errors():
        answers = pipeline.execute(raise_on_error=False)
    return not any(isinstance(one, NoPermissionError) for one in answers)

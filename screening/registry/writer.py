"""Put partner records, and notices, in force. Only the indexer imports this."""

from collections.abc import Collection, Mapping

import redis

from screening.store import keys


def put_records(pipeline: "redis.client.Pipeline", records: Mapping[str, bytes]) -> None:
    """Queue the signed `records` (partner -> document) on a transaction."""
    if records:
        pipeline.hset(keys.PARTNERS, items=[part for item in records.items() for part in item])


def remove_records(pipeline: "redis.client.Pipeline", names: Collection[str]) -> None:
    """Queue the removal of what stands under `names`, as `read_stored_documents` has them."""
    if names:
        pipeline.hdel(keys.PARTNERS, *map(keys.field, names))


def put_notices(pipeline: "redis.client.Pipeline", notices: Mapping[str, bytes]) -> None:
    """Queue the signed `notices` (partner -> document) on a transaction, in the place of all there.

    Nothing where there are none: users of Redis that an earlier version has given may not write it.
    """
    if notices:
        pipeline.unlink(keys.NOTICES)
        pipeline.hset(keys.NOTICES, items=[part for item in notices.items() for part in item])

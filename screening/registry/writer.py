"""Put partner records in force. Only the indexer imports this."""

from collections.abc import Mapping

import redis

from screening.store import keys


def put_records(pipeline: "redis.client.Pipeline", records: Mapping[str, bytes]) -> None:
    """Queue the signed `records` (partner -> document) on a transaction."""
    if records:
        pipeline.hset(keys.PARTNERS, items=[part for item in records.items() for part in item])

"""A generation in a cache, and what Redis confirms of it."""

import asyncio
from pathlib import Path

import redis
from pydantic import SecretStr
from redis.asyncio import Redis as AsyncRedis

from screening.generations.fetch import fetch_generation
from screening.generations.reader import Confirmed, load_generation
from screening.generations.writer import upload
from screening.store.connection import open_confirming_client
from screening.store.settings import StoreSettings
from screening.vocabulary.selector import IndexDigest
from tests.generations.conftest import NOW_MINUTE, Published

ALL_LOCAL, NONE_LOCAL = 1 << 30, -1


def laid_down(store: redis.Redis, published: Published, cache: Path, *, local: bool) -> Path:
    upload(store, published.artefacts)
    cache.chmod(0o700)
    allowed = ALL_LOCAL if local else NONE_LOCAL
    return fetch_generation(store, published.head, cache, max_records_bytes=allowed)


def confirming_client(url: str, *, timeout_ms: int = 200) -> AsyncRedis:
    settings = StoreSettings(redis_url=SecretStr(url))
    return open_confirming_client(settings, timeout_ms=timeout_ms)


def confirmed(
    folder: Path, published: Published, url: str, digests: list[IndexDigest]
) -> list[bool | None]:
    """Ask Redis for all digests together; None for each that is not known."""

    async def ask() -> Confirmed:
        client = confirming_client(url)
        try:
            return await load_generation(folder, published.head, client).confirm(
                digests, NOW_MINUTE
            )
        finally:
            await client.aclose()

    certain = asyncio.run(ask())
    return [certain.get(digest) for digest in digests]

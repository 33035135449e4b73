"""Reading from a Redis that is not trusted: whoever can write there fills nobody's memory or disk.

Of a longer value than its reader has use for, just enough is read to notice.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import redis
from redis.client import Pipeline
from redis.exceptions import ResponseError, WatchError

from screening.store.connection import store_errors
from screening.vocabulary.errors import StoreUnavailable

Hash = dict[bytes, bytes]

_ATTEMPTS: Final = 5
"""A publish may change a hash between two commands, and does it once."""


def is_of_wrong_type(answer: object) -> bool:
    """Tell whether Redis answered that a key holds another type than the command is for.

    Someone has written there what the indexer never does: unlike other errors, this one says
    nothing about any other key.
    """
    return isinstance(answer, ResponseError) and "WRONGTYPE" in str(answer)


def read_strings(store: redis.Redis, wanted: Sequence[tuple[str, int]]) -> list[bytes | None]:
    """Return what lies under each key, which may have so many bytes at most; b"" where nothing is.

    An empty one reads as none (`are_there`). None for a longer one, and for another type. Raises
    `StoreUnavailable`.
    """
    with store_errors():
        pipeline = store.pipeline(transaction=False)
        for key, most in wanted:
            pipeline.getrange(key, 0, most)
        answers = pipeline.execute(raise_on_error=False)
        return [_bounded(answer, most) for (_, most), answer in zip(wanted, answers, strict=True)]


def _bounded(answer: object, most: int) -> bytes | None:
    if isinstance(answer, Exception):
        _raise_unless_of_wrong_type(answer)
        return None
    return answer if isinstance(answer, bytes) and len(answer) <= most else None


def are_there(store: redis.Redis, names: Sequence[str]) -> list[bool]:
    """Tell under which keys anything lies, of whatever type and length.

    Also what is over already, where nobody has read it since. Raises `StoreUnavailable`.
    """
    with store_errors():
        pipeline = store.pipeline(transaction=False)
        for name in names:
            pipeline.memory_usage(name)  # the indexer's user may not ask for less
        return [size is not None for size in pipeline.execute()]


def read_hashes(store: redis.Redis, names: Sequence[str], *, most: int) -> list[Hash | None]:
    """Return the hashes of one moment; an absent one is empty.

    None for one that takes more than `most` bytes of the memory of Redis, and for what is no hash.
    Raises `StoreUnavailable`, also where they are changed again and again while they are read.
    """
    for _ in range(_ATTEMPTS):
        with store_errors(), _watching(store) as pipeline:
            try:
                return _read_hashes(pipeline, names, most)
            except WatchError:
                continue
    raise StoreUnavailable("Redis did not stand still while it was read; ask again")


def _read_hashes(pipeline: Pipeline, names: Sequence[str], most: int) -> list[Hash | None]:
    # What is watched cannot grow between its measure and its reading.
    pipeline.watch(*names)  # type: ignore[no-untyped-call]  # it has no hints
    # All fields are measured: a sample of them would miss the one that is large.
    sizes = {name: pipeline.memory_usage(name, samples=0) or 0 for name in names}
    fitting = [name for name in names if int(sizes[name]) <= most]
    pipeline.multi()
    for name in fitting:
        pipeline.hgetall(name)
    answers = dict(zip(fitting, pipeline.execute(raise_on_error=False), strict=True))
    return [_hash(answers.get(name)) for name in names]


def _hash(answer: object) -> Hash | None:
    if isinstance(answer, Exception):
        _raise_unless_of_wrong_type(answer)
        return None
    return answer if isinstance(answer, dict) else None


@contextmanager
def _watching(store: redis.Redis) -> Iterator[Pipeline]:
    pipeline = store.pipeline(transaction=True)
    try:
        yield pipeline
    finally:
        # Where Redis fails amid a watch, redis-py asks it to end that, and where it does not answer
        # keeps the connection from the pool for good. To end the connection ends the watch as well.
        if pipeline.watching and pipeline.connection is not None:
            pipeline.connection.disconnect()  # type: ignore[no-untyped-call]  # it has no hints
        pipeline.watching = False
        pipeline.reset()


def _raise_unless_of_wrong_type(error: Exception) -> None:
    if not is_of_wrong_type(error):
        raise error

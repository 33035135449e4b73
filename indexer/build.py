"""selectors -> slow hashes -> one generation for one token key, on all cores.

The slow hash runs in threads (argon2-cffi releases the interpreter lock) and is kept, so that it is
paid once; tokens, digests and filter are computed in processes, each of which fills a part.
"""

import os
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice, starmap
from multiprocessing import get_context
from typing import Final, TypeVar

from indexer.list_file import ListFile
from indexer.progress import Progress
from indexer.stretching import Stretching
from screening.generations.bloom import FilterBuilder
from screening.generations.manifest import Files, Manifest
from screening.generations.writer import Artefacts, count_missing, describe_files
from screening.vocabulary.api_key import Mode
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.kit import TokenKey
from screening.vocabulary.normalise import NORMALISER_VERSION, PHONE_METADATA_VERSION
from screening.vocabulary.selector import Canonical, Stretched
from screening.vocabulary.tokens import (
    DIGEST_BYTES,
    PROTOCOL,
    Digester,
    NoStretch,
    TokenDeriver,
    pepper_id,
    stretch,
)

Item = TypeVar("Item")
Result = TypeVar("Result")

_STRETCHED_BYTES: Final = 32
_STRETCH_BATCH: Final = 64
_KEEP_EVERY_S: Final = 2.0
"""What an interrupted publish may have to stretch again; more often would wait for the disk."""
_OTHER_COUNT: Final = "an index has not as many digests as selectors; publish again"
_POOL_FROM: Final = 20_000
"""Below this many selectors one process is done before others would have started."""


def stretch_missing(list_file: ListFile, stretching: Stretching, progress: Progress) -> int:
    """Compute and keep the slow hashes that the resolved selectors lack; return how many."""
    missing = list_file.unstretched(stretching)

    def stretched(row: tuple[bytes, str, bytes]) -> tuple[bytes, Stretched]:
        canonical = list_file.open_statement(*row)
        return row[0], stretch(canonical, salt=stretching.salt, profile=stretching.parameters)

    # Without a slow hash, handing a selector to another thread costs more than the work itself.
    threads = 1 if isinstance(stretching.parameters, NoStretch) else os.cpu_count()
    ready: list[tuple[bytes, Stretched]] = []
    kept_at = time.monotonic()
    with (
        progress.stage("stretching", len(missing)) as advance,
        ThreadPoolExecutor(threads) as pool,
    ):
        mapped = map if threads == 1 else pool.map
        for batch in _batches(missing, _STRETCH_BATCH):
            ready += mapped(stretched, batch)
            advance(len(batch))
            if time.monotonic() - kept_at > _KEEP_EVERY_S:
                list_file.keep_stretched(stretching, ready)
                ready, kept_at = [], time.monotonic()
        list_file.keep_stretched(stretching, ready)
    return len(missing)


def stretch_all(selectors: Iterable[Canonical], stretching: Stretching) -> Iterator[Stretched]:
    """Compute slow hashes without keeping them: for the few selectors of the test list."""
    salt, parameters = stretching.salt, stretching.parameters
    return (stretch(one, salt=salt, profile=parameters) for one in selectors)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be built: an index for `token_key`, through list revision `seq`."""

    token_key: TokenKey
    mode: Mode
    seq: int
    build: int
    built_at: int


def build_generation(
    values: Iterable[Stretched], count: int, order: Order, *, pepper: bytes, progress: Progress
) -> Artefacts:
    """Build and verify one generation from `count` slow hashes."""
    workers = (os.cpu_count() or 1) if count >= _POOL_FROM else 0
    share = max(_POOL_FROM, -(-count // (2 * max(workers, 1))))
    builder = FilterBuilder(count)
    packed = []
    with (
        progress.stage(f"indexing {order.token_key.key_id}", 2 * count) as advance,
        _Pool(workers) as pool,
    ):
        for part, bits in pool.starmap(_index_part, _parts(values, share, count, order, pepper)):
            builder.merge(bits)
            packed.append(part)
            advance(len(part) // DIGEST_BYTES)
        filter_file = builder.encoded()
        digests = _merge_sorted(packed)
        for missing in pool.starmap(count_missing, _checks(filter_file, digests, share)):
            if missing:
                raise OperatorError("a filter lost what was put into it; publish again")
            advance(share)
    if len(digests) != count * DIGEST_BYTES:
        raise OperatorError(_OTHER_COUNT)
    table, files = describe_files(filter_file, digests)
    return Artefacts(_manifest(order, files, pepper), filter_file, table, digests)


def _manifest(order: Order, files: Files, pepper: bytes) -> Manifest:
    token_key = order.token_key
    return Manifest(
        format="screening-generation/1",
        key_id=token_key.key_id,
        generation=f"{order.build:08d}-{secrets.token_hex(4)}",
        mode=order.mode,
        protocol=PROTOCOL,
        normaliser=NORMALISER_VERSION,
        phone_metadata=PHONE_METADATA_VERSION,
        stretch=token_key.stretch,
        key_check=token_key.key_check(),
        pepper_id=pepper_id(pepper),
        seq=order.seq,
        built_at=order.built_at,
        files=files,
    )


def _checks(filter_file: bytes, digests: bytes, share: int) -> Iterator[tuple[bytes, bytes]]:
    step = share * DIGEST_BYTES
    return ((filter_file, digests[at : at + step]) for at in range(0, len(digests), step))


def _parts(
    values: Iterable[Stretched], share: int, count: int, order: Order, pepper: bytes
) -> Iterator[tuple[bytes, bytes, bytes, str, int]]:
    key = order.token_key
    drawn = 0
    for batch in _batches(values, share):
        drawn += len(batch)
        if drawn > count:  # a filter that is too small for them would raise, or answer wrongly
            raise OperatorError(_OTHER_COUNT)
        yield b"".join(batch), key.secret, pepper, key.key_id, count


def _index_part(
    stretched: bytes, secret: bytes, pepper: bytes, key_id: str, expected: int
) -> tuple[bytes, bytes]:
    """Return the packed digests of one part, sorted, and its share of the filter's bits."""
    token, digest = TokenDeriver(secret).token, Digester(pepper, key_id).digest
    digests = sorted(
        digest(token(Stretched(stretched[start : start + _STRETCHED_BYTES])))
        for start in range(0, len(stretched), _STRETCHED_BYTES)
    )
    builder = FilterBuilder(expected)
    builder.add_all(digests)
    return b"".join(digests), builder.bits()


def _merge_sorted(packed: list[bytes]) -> bytes:
    digests = [
        part[start : start + DIGEST_BYTES]
        for part in packed
        for start in range(0, len(part), DIGEST_BYTES)
    ]
    digests.sort()  # Timsort merges the sorted runs
    return b"".join(digests)


class _Pool:
    """Worker processes, or this process where `workers` is 0."""

    def __init__(self, workers: int) -> None:
        # Spawned, not forked: a fork would inherit the locks and connections of this process.
        self._pool = ProcessPoolExecutor(workers, get_context("spawn")) if workers else None
        self._ahead = 2 * workers

    def __enter__(self) -> "_Pool":
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def starmap(
        self, function: Callable[..., Result], calls: Iterable[tuple[object, ...]]
    ) -> Iterator[Result]:
        """Yield the results in order; calls are drawn only as workers become free."""
        if self._pool is None:
            yield from starmap(function, calls)
            return
        running: deque[Future[Result]] = deque()
        try:
            for call in calls:
                running.append(self._pool.submit(function, *call))
                if len(running) > self._ahead:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        except BrokenProcessPool:
            raise OperatorError(
                "a process that builds the index died, perhaps for lack of memory; run it again"
            ) from None


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch

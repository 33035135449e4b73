"""selectors -> slow hashes -> one generation for one token key, on all cores.

The slow hash runs in threads (argon2-cffi releases the interpreter lock) and is kept, so that it is
paid once; tokens, digests and filter are computed and verified in processes (`share.py`).
"""

import os
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from indexer.index.share import Keys, Share, check_range, index_share
from indexer.keyring import KeptTokenKey
from indexer.list.draft_rows import open_statement
from indexer.list.file import ListFile
from indexer.list.resolved import Resolved
from indexer.list.slow_hashes import SlowHashes, Unhashed
from indexer.progress import Progress
from indexer.stretching import Stretching
from indexer.workers import Workers, batches
from screening.generations.bloom import FilterBuilder
from screening.generations.buckets import slice_buckets
from screening.generations.manifest import Files, Manifest, TestOutcome
from screening.generations.records import RECORD_BYTES
from screening.generations.writer import Artefacts, describe_files
from screening.vocabulary.api_key import Mode
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.normalise import PHONE_METADATA_VERSION
from screening.vocabulary.selector import Canonical, Stretched
from screening.vocabulary.tokens import PROTOCOL, NoStretch, pepper_id

_STRETCH_BATCH: Final = 64
_KEEP_EVERY_S: Final = 2.0
"""What an interrupted publish may have to stretch again; more often would wait for the disk."""
_OTHER_COUNT: Final = "an index has not as many digests as selectors; do it again"
_WORTH_SHARING: Final = 20_000
"""Below this many selectors one process is done before others would have started."""


def stretch_missing(
    list_file: ListFile, resolved: Resolved, stretching: Stretching, progress: Progress
) -> SlowHashes:
    """Compute and keep the slow hashes that the resolved selectors lack; return those of all."""
    slow_hashes = SlowHashes(list_file, stretching)
    missing = slow_hashes.missing(resolved)

    def stretched(row: Unhashed) -> tuple[bytes, Stretched]:
        canonical = open_statement(row.tag, row.kind, row.sealed, list_file.sealer)
        return row.form, stretching.slow_hash(canonical)

    # Without a slow hash, handing a selector to another thread costs more than the work itself.
    threads = 1 if isinstance(stretching.parameters, NoStretch) else os.cpu_count()
    ready: list[tuple[bytes, Stretched]] = []
    kept_at = time.monotonic()
    with (
        progress.stage("stretching", len(missing)) as advance,
        ThreadPoolExecutor(threads) as pool,
    ):
        mapped = map if threads == 1 else pool.map
        for batch in batches(missing, _STRETCH_BATCH):
            ready += mapped(stretched, batch)
            advance(len(batch))
            if time.monotonic() - kept_at > _KEEP_EVERY_S:
                slow_hashes.keep(ready)
                ready, kept_at = [], time.monotonic()
        slow_hashes.keep(ready)
    return slow_hashes


def stretch_all(selectors: Iterable[Canonical], stretching: Stretching) -> Share:
    """Compute slow hashes without keeping them: for the test list, and a partner's canaries."""
    return [(stretching.slow_hash(one), None) for one in selectors]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be built: an index for `token_key`, through list revision `seq`.

    `outcomes` are those of the manifest, for a test key, and `canaries` for a live one.
    """

    token_key: KeptTokenKey
    mode: Mode
    seq: int
    build: int
    built_at: int
    outcomes: Mapping[str, TestOutcome] = field(default_factory=dict)
    canaries: Sequence[str] = ()


def share_size(count: int) -> int:
    """Return how many of `count` slow hashes make a share: several for each core."""
    return max(_WORTH_SHARING, -(-count // (8 * (os.cpu_count() or 1))))


def build_generation(
    shares: Iterable[Share], count: int, order: Order, *, pepper: bytes, progress: Progress
) -> Artefacts:
    """Build and verify one generation from `count` slow hashes."""
    token_key = order.token_key
    keys = Keys(token_key.key_id, token_key.secret, pepper)
    builder = FilterBuilder(count)
    parts, records = [], []
    with (
        progress.stage(f"indexing {token_key.key_id}", 2 * count) as advance,
        Workers(worth_it=count >= _WORTH_SHARING) as workers,
    ):
        indexing = ((share, keys, count) for share in _as_many_as(count, shares))
        for part, bits in workers.starmap(index_share, indexing):
            builder.merge(bits)
            parts.append(part)
            advance(len(part) // RECORD_BYTES)
        filter_file = builder.encoded()
        checking = ((packed, filter_file) for packed in _by_prefix(parts))
        for packed, missing in workers.starmap(check_range, checking):
            if missing:
                raise OperatorError("a filter lost what was put into it; do it again")
            records.append(packed)
            advance(len(packed) // RECORD_BYTES)
    return _artefacts(order, count, filter_file, b"".join(records), pepper=pepper)


def _as_many_as(count: int, shares: Iterable[Share]) -> Iterator[Share]:
    drawn = 0
    for share in shares:
        drawn += len(share)
        if drawn > count:  # a filter that is too small for them would answer wrongly
            raise OperatorError(_OTHER_COUNT)
        yield share


def _by_prefix(parts: list[bytes]) -> Iterator[bytes]:
    """Yield the records of all parts, each of which is sorted, in about as many ranges."""
    bits = max(0, len(parts) - 1).bit_length()
    sliced = (slice_buckets(memoryview(part), bits) for part in parts)
    return (b"".join(pieces) for pieces in zip(*sliced, strict=True))


def _artefacts(
    order: Order, count: int, filter_file: bytes, records: bytes, *, pepper: bytes
) -> Artefacts:
    if len(records) != count * RECORD_BYTES:
        raise OperatorError(_OTHER_COUNT)
    table, files = describe_files(filter_file, records)
    return Artefacts(_manifest(order, files, pepper), filter_file, table, records)


def _manifest(order: Order, files: Files, pepper: bytes) -> Manifest:
    token_key = order.token_key
    return Manifest(
        format="screening-generation/2",
        key_id=token_key.key_id,
        generation=f"{order.build:08d}-{secrets.token_hex(4)}",
        mode=order.mode,
        protocol=PROTOCOL,
        normaliser=token_key.normaliser,
        phone_metadata=PHONE_METADATA_VERSION,
        stretch=token_key.stretch,
        key_check=token_key.key_check(token_key.normaliser),
        pepper_id=pepper_id(pepper),
        seq=order.seq,
        built_at=order.built_at,
        files=files,
        outcomes=dict(order.outcomes),
        canaries=list(order.canaries),
    )

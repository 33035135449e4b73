"""Building a generation: every selector in it, on one core or on all."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from indexer.index.build import Order, build_generation, stretch_all, stretch_missing
from indexer.index.share import Share
from indexer.keyring import KeptTokenKey
from indexer.list.file import ListFile
from indexer.list.slow_hashes import SlowHashes
from indexer.progress import Advance
from indexer.stretching import Stretching
from indexer.workers import batches
from screening.generations.bloom import Filter, FilterBuilder
from screening.generations.buckets import BucketTable, bucket_of
from screening.generations.records import NO_END, find_record, pack_record, unpack_records
from screening.generations.writer import Artefacts
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.normalise import normalise
from screening.vocabulary.selector import IndexDigest, Stretched
from screening.vocabulary.tokens import (
    STRETCH_PROFILES,
    Digester,
    NoStretch,
    TokenDeriver,
    pepper_id,
    stretch,
)
from tests.indexer.listed import (
    NONE,
    SALT,
    entry,
    hashed,
    kept_hashes,
    listed,
    open_list,
    phone,
    publish,
)
from tests.indexer.silent import Silent

SECRET, PEPPER = b"\x22" * 32, b"\x11" * 32
TOKEN_KEY = KeptTokenKey(
    "acme-2026a", secret=SECRET, salt=SALT, stretch=STRETCH_PROFILES["light"], normaliser=1
)
ORDER = Order(token_key=TOKEN_KEY, mode="live", seq=5, build=42, built_at=1_795_000_000)


def slow_hashes(count: int) -> list[Stretched]:
    """Return what could be slow hashes of `count` selectors."""
    return [Stretched(hashlib.sha256(f"{number}".encode()).digest()) for number in range(count)]


def digests_of(values: list[Stretched]) -> list[IndexDigest]:
    token, digest = TokenDeriver(SECRET).token, Digester(PEPPER, "acme-2026a").digest
    return [digest(token(value)) for value in values]


def shared(values: list[Stretched]) -> Iterator[Share]:
    """Return `values`, which never expire, in shares, as a long list is indexed."""
    return batches([(value, None) for value in values], 15_000)


def count_missing(filter_file: bytes, artefacts: Artefacts) -> int:
    listed = Filter(memoryview(filter_file))
    return listed.count_missing(digest for digest, _ in unpack_records(artefacts.records))


def records_of(digests: list[IndexDigest]) -> bytes:
    return b"".join(pack_record(digest, NO_END) for digest in sorted(digests))


def built(values: list[Stretched]) -> Artefacts:
    return build_generation(shared(values), len(values), ORDER, pepper=PEPPER, progress=Silent())


def lists_exactly(artefacts: Artefacts, digests: list[IndexDigest]) -> bool:
    files = artefacts.manifest.files
    table = BucketTable(artefacts.table, bucket_bits=files.bucket_bits, count=files.count)
    might_contain = Filter(memoryview(artefacts.filter)).might_contain
    return files.count == len(digests) and all(
        might_contain(digest)
        and find_record(
            artefacts.records, digest, *table.bounds(bucket_of(digest, files.bucket_bits))
        )
        == NO_END
        for digest in digests
    )


@pytest.mark.parametrize("count", [0, 1, 2_000])
def test_every_selector_is_found_and_nothing_else(count: int) -> None:
    values = slow_hashes(count)
    artefacts = built(values)
    assert lists_exactly(artefacts, digests_of(values))
    assert artefacts.records == records_of(digests_of(values))


def test_all_cores_build_what_one_would() -> None:
    # Three parts, in processes of their own.
    values = slow_hashes(41_000)
    artefacts = built(values)
    digests = digests_of(values)
    assert artefacts.records == records_of(digests)
    assert lists_exactly(artefacts, digests)
    assert count_missing(artefacts.filter, artefacts) == 0


def test_the_manifest_says_what_was_ordered() -> None:
    manifest = built(slow_hashes(3)).manifest
    assert (manifest.key_id, manifest.mode, manifest.seq) == ("acme-2026a", "live", 5)
    assert (manifest.key_check, manifest.stretch) == (TOKEN_KEY.key_check(1), TOKEN_KEY.stretch)
    assert (manifest.pepper_id, manifest.built_at) == (pepper_id(PEPPER), 1_795_000_000)
    assert manifest.generation.startswith("00000042-")
    assert manifest.generation != built(slow_hashes(3)).manifest.generation


@pytest.mark.parametrize("given", [1_500, 41_000])
def test_more_selectors_than_were_counted_are_refused(given: int) -> None:
    with pytest.raises(OperatorError, match="do it again"):
        build_generation(shared(slow_hashes(given)), 1_200, ORDER, pepper=PEPPER, progress=Silent())


@pytest.mark.parametrize("count", [99, 101])
def test_a_count_that_is_not_that_of_the_selectors_is_refused(count: int) -> None:
    with pytest.raises(OperatorError, match="do it again"):
        build_generation(shared(slow_hashes(100)), count, ORDER, pepper=PEPPER, progress=Silent())


def test_another_secret_or_pepper_gives_an_index_that_shares_nothing() -> None:
    values = slow_hashes(50)
    other_key = msgspec.structs.replace(TOKEN_KEY, secret=bytes(32), stretch=NoStretch())
    other_order = Order(token_key=other_key, mode="live", seq=5, build=43, built_at=0)
    indexes = [
        built(values),
        build_generation(shared(values), 50, ORDER, pepper=bytes(32), progress=Silent()),
        build_generation(shared(values), 50, other_order, pepper=PEPPER, progress=Silent()),
    ]
    digests = [{digest for digest, _ in unpack_records(one.records)} for one in indexes]
    assert len(set().union(*digests)) == 150


def test_a_filter_that_lacks_a_digest_is_not_published(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = FilterBuilder.encoded

    def damaged(builder: FilterBuilder) -> bytes:
        content = whole(builder)
        return content[:-100] + bytes(100)

    monkeypatch.setattr(FilterBuilder, "encoded", damaged)
    with pytest.raises(OperatorError, match="do it again"):
        built(slow_hashes(1_000))


def test_a_damaged_filter_is_noticed() -> None:
    artefacts = built(slow_hashes(1_000))
    header, bits = artefacts.filter[:40], artefacts.filter[40:]
    assert count_missing(artefacts.filter, artefacts) == 0
    for damaged in (bytes(len(bits)), bits[:-100] + bytes(100), bytes(100) + bits[100:]):
        assert count_missing(header + damaged, artefacts) > 0


class Interrupted:
    """Progress of a slow command that dies as soon as some of its work is kept."""

    def __init__(self, list_file: ListFile) -> None:
        self._sql = list_file.connection

    @contextmanager
    def stage(self, name: str, total: int | None) -> Iterator[Advance]:
        del name, total

        def advance(_: int) -> None:
            if self._sql.execute("SELECT 1 FROM stretched").fetchone():
                raise KeyboardInterrupt
            time.sleep(0.3)  # as long as a batch takes with a slow hash; work is kept by the clock

        yield advance


def test_an_interrupted_stretch_keeps_what_it_has_paid_for(tmp_path: Path) -> None:
    list_file = open_list(tmp_path)
    publish(list_file, [entry(normalise("email", f"a{n}@hotel.example")) for n in range(1_000)])
    resolved = listed(list_file, 1)
    with pytest.raises(KeyboardInterrupt):
        stretch_missing(list_file, resolved, NONE, Interrupted(list_file))
    left = len(SlowHashes(list_file, NONE).missing(resolved))
    assert 0 < left < 1_000
    assert hashed(list_file, resolved, NONE) == left
    assert len(kept_hashes(list_file, resolved, NONE)) == 1_000


@pytest.mark.parametrize("profile", ["none", "light"])
def test_stretching_gives_the_protocols_values_kept_or_not(tmp_path: Path, profile: str) -> None:
    selectors = [phone(number) for number in range(3)]
    expected = sorted(
        bytes(stretch(one, salt=SALT, profile=STRETCH_PROFILES[profile])) for one in selectors
    )
    list_file = open_list(tmp_path)
    publish(list_file, [entry(one) for one in selectors])
    resolved = listed(list_file, 1)
    stretching = Stretching(1, SALT, STRETCH_PROFILES[profile])
    stretch_missing(list_file, resolved, stretching, Silent())
    assert kept_hashes(list_file, resolved, stretching) == expected
    assert sorted(bytes(value) for value, _ in stretch_all(selectors, stretching)) == expected

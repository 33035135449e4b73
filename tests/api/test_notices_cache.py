"""Notices on the disk of a host: what cannot be read or written is not known, and no more."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from screening.api.held_notices import HeldNotices
from screening.api.notices import LoadedNotices
from screening.api.notices_cache import NoticesCache
from screening.private_files import replace_private
from screening.vocabulary.errors import Unavailable
from tests.api.noticed_host import numbers, put_notices, release, signed_notices
from tests.api.sync_host import ACME, SECOND, SIGNER, Host
from tests.harness.descriptors import descriptors_left


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let the system take no larger file from us, as a disk that is full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_damaged_files_of_the_host_are_not_taken_for_none_and_are_written_anew(
    host: Host, loaded: LoadedNotices
) -> None:
    put_notices(host, 8, 3, 4)
    host.sync.beat()
    replace_private(host.cache.directory / "notices", b"\xc1")
    with pytest.raises(Unavailable):
        loaded.of("acme")
    host.sync.beat()
    assert numbers(loaded.of("acme")) == [3, 4]
    assert ("cache_untrusted", "notices") in host.told.alarms


def test_a_worker_believes_no_document_that_another_process_has_put_into_the_cache(
    host: Host, loaded: LoadedNotices
) -> None:
    put_notices(host, 8, 3, 4)
    host.sync.beat()
    assert numbers(loaded.of("acme")) == [3, 4]
    for document, what in (
        (b"x" * 200, "notices_untrusted"),
        (signed_notices(7).head, "notices_rolled_back"),
    ):
        NoticesCache(host.cache.directory).write_heads({"acme": document})
        with pytest.raises(Unavailable):
            loaded.of("acme")
        assert (what, "acme") in host.told.alarms


def test_a_file_that_cannot_be_read_is_not_known_and_no_fault_of_ours(
    host: Host, loaded: LoadedNotices
) -> None:
    put_notices(host, 7, 3)
    host.sync.beat()
    with descriptors_left(0), pytest.raises(Unavailable):
        loaded.of("acme")
    assert ("cache_untrusted", "notices") in host.told.alarms
    assert numbers(loaded.of("acme")) == [3]


def test_where_the_disk_was_full_once_the_next_beat_lays_them_down(
    host: Host, loaded: LoadedNotices
) -> None:
    host.sync.beat()
    put_notices(host, 8, 3)
    for number in range(50):
        put_notices(host, 8, partner=f"p{number}")
    with files_of_at_most(4_096):  # the heads of all have more
        host.sync.beat()
    assert host.told.alarms == [("cache_unwritable", "notices")]
    assert numbers(loaded.of("acme")) == []
    host.sync.beat()
    assert numbers(loaded.of("acme")) == [3]
    put_notices(host, 9, 3, *range(100, 200))
    with files_of_at_most(4_096):  # its content has more
        host.sync.beat()
    host.sync.beat()
    assert len(loaded.of("acme")) == 101


def test_notices_that_cannot_be_written_keep_no_list_back(
    host: Host, loaded: LoadedNotices
) -> None:
    host.sync.beat()
    in_the_way = host.cache.directory / "notices-of"
    in_the_way.touch()
    release(host, SECOND, 9, 3)
    host.sync.beat()
    assert host.heads()[ACME].generation == SECOND
    assert host.told.alarms == [("cache_unwritable", "notices")]
    assert numbers(loaded.of("acme")) == []
    in_the_way.unlink()
    host.sync.beat()
    assert numbers(loaded.of("acme")) == [3]


def test_a_sync_begins_also_where_the_notices_of_the_one_before_cannot_be_read(
    host: Host, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    cache = NoticesCache(tmp_path / "file")  # in which nothing can be opened
    HeldNotices(host.store, cache, SIGNER.verifier(), host.told)
    assert host.told.alarms == [("cache_untrusted", "notices")]


def test_a_content_that_is_damaged_here_is_fetched_again(host: Host, loaded: LoadedNotices) -> None:
    put_notices(host, 8, 3)
    host.sync.beat()
    (content,) = (host.cache.directory / "notices-of").iterdir()
    content.write_bytes(b"[]")
    with pytest.raises(Unavailable):
        loaded.of("acme")
    assert host.told.alarms == [("cache_untrusted", "notices")]
    host.sync.beat()
    assert numbers(loaded.of("acme")) == [3]

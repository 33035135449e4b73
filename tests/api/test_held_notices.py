"""What a host takes for notices: what the indexer has signed, of the partner, and nothing older."""

import os
import resource
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import pytest
import redis

from screening.api.notices import LoadedNotices
from screening.private_files import replace_private
from screening.registry.notices import Notice, PartnerNotices, sign_notices
from screening.store import keys
from screening.store.signed import Signer
from screening.vocabulary.errors import Unavailable
from tests.api.sync_host import ACME, FIRST, SECOND, SIGNER, Host

RECEIPT: Final = "a2b3c4d5e6f7a2b3c4d5e6f7gh"


def put_notices(
    host: Host,
    sequence: int,
    *numbers: int,
    partner: str = "acme",
    under: str = "acme",
    signer: Signer = SIGNER,
) -> None:
    notices = [Notice(one, f"{RECEIPT}.{one}", "retracted", 1_795_000_000) for one in numbers]
    signed = PartnerNotices("screening-notices/1", partner, sequence, 1_795_000_000, notices)
    host.store.hset(keys.NOTICES, under, sign_notices(signed, signer))


@pytest.fixture
def loaded(host: Host) -> LoadedNotices:
    """What a worker of the host reads."""
    host.release(FIRST, 7)
    return LoadedNotices(host.cache, SIGNER.verifier(), host.told)


def numbers(notices: Sequence[Notice]) -> list[int]:
    return [one.number for one in notices]


def test_what_is_signed_is_laid_down_and_read_by_its_partner_alone(
    host: Host, loaded: LoadedNotices
) -> None:
    put_notices(host, 7, 3, 4)
    host.sync.beat()
    assert numbers(loaded.of("acme")) == [3, 4]
    assert numbers(loaded.of("beta")) == []
    put_notices(host, 8, 3, 4, 9)
    host.sync.beat()
    assert numbers(loaded.of("acme")) == [3, 4, 9]
    assert host.told.alarms == []


def test_before_sync_has_looked_nothing_is_known_rather_than_none_there(
    host: Host, loaded: LoadedNotices
) -> None:
    with pytest.raises(Unavailable):
        loaded.of("acme")
    host.sync.beat()
    assert loaded.of("acme") == ()


@pytest.mark.parametrize("how", ["older", "of another", "unsigned", "forged", "gone", "no hash"])
def test_what_is_not_the_newest_of_the_indexer_changes_nothing_but_alarms(
    host: Host, loaded: LoadedNotices, how: str
) -> None:
    put_notices(host, 8, 3, 4)
    host.sync.beat()
    assert numbers(loaded.of("acme")) == [3, 4]
    match how:
        case "older":
            put_notices(host, 7, 3)
        case "of another":
            put_notices(host, 9, 5, partner="beta")
        case "unsigned":
            host.store.hset(keys.NOTICES, "acme", b"x" * 200)
        case "forged":
            put_notices(host, 9, 5, signer=Signer(bytes(32)))
        case "gone":
            host.store.delete(keys.NOTICES)
        case _:
            host.spoil(keys.NOTICES)
    host.sync.beat()
    assert numbers(loaded.of("acme")) == [3, 4]
    expected = {
        "older": [("notices_rolled_back", "acme")],
        "gone": [],
        "no hash": [("store_untrusted", keys.NOTICES)],
    }
    assert host.told.alarms == expected.get(how, [("notices_untrusted", "acme")])


def test_a_sync_that_starts_again_takes_nothing_older_than_what_lies_here(
    host: Host, loaded: LoadedNotices
) -> None:
    put_notices(host, 8, 3, 4)
    host.sync.beat()
    host.start()
    put_notices(host, 7, 3)
    host.sync.beat()
    assert ("notices_rolled_back", "acme") in host.told.alarms
    assert numbers(loaded.of("acme")) == [3, 4]


def test_a_redis_that_does_not_give_them_keeps_nothing_else_from_the_host(
    host: Host, loaded: LoadedNotices
) -> None:
    put_notices(host, 8, 3, 4)
    host.sync.beat()
    allowed = ["heads", "partners", "generation:*", "run:*"]
    host.store.acl_setuser(
        "narrow", enabled=True, passwords=["+narrow"], commands=["+@all"], keys=allowed
    )
    socket = host.store.connection_pool.connection_kwargs["path"]
    host.store = redis.Redis(unix_socket_path=socket, username="narrow", password="narrow")
    host.start()
    host.release(SECOND, 9)
    host.sync.beat()
    assert host.heads()[ACME].generation == SECOND
    assert ("notices_unread", keys.NOTICES) in host.told.alarms
    assert numbers(loaded.of("acme")) == [3, 4]


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
    older = PartnerNotices("screening-notices/1", "acme", 7, 1_795_000_000, [])
    for document, what in (
        (b"x" * 200, "notices_untrusted"),
        (sign_notices(older, SIGNER), "notices_rolled_back"),
    ):
        host.cache.write_notices({"acme": document})
        with pytest.raises(Unavailable):
            loaded.of("acme")
        assert (what, "acme") in host.told.alarms


def test_a_file_that_cannot_be_read_is_not_known_and_no_fault_of_ours(
    host: Host, loaded: LoadedNotices
) -> None:
    put_notices(host, 7, 3)
    host.sync.beat()
    highest = max(int(one) for one in os.listdir("/proc/self/fd"))
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, limits[1]))
    try:
        with suppress(OSError):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        with pytest.raises(Unavailable):
            loaded.of("acme")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        for one in taken:
            os.close(one)
    assert ("cache_untrusted", "notices") in host.told.alarms
    assert numbers(loaded.of("acme")) == [3]

"""What a host takes for notices: what the indexer has signed, of the partner, and nothing older."""

import msgspec
import pytest
import redis

from screening.api.notices import LoadedNotices, NoticePages
from screening.registry.notices import MAX_NOTICES, Notice, SignedNotices, sign_notices
from screening.store import keys
from screening.store.signed import Signer
from screening.vocabulary.errors import Unavailable
from tests.api.noticed_host import RECEIPT, numbers, put, put_notices, release, signed_notices
from tests.api.sync_host import ACME, FIRST, SECOND, SIGNER, Host


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
            put(host, signed_notices(9, 5, partner="beta"))
        case "unsigned":
            host.store.hset(keys.NOTICES, "acme", b"x" * 200)
        case "forged":
            put(host, signed_notices(9, 5, signer=Signer(bytes(32))))
        case "gone":
            host.store.delete(keys.NOTICES)
        case _:
            host.spoil(keys.NOTICES)
    host.sync.beat()
    assert numbers(loaded.of("acme")) == [3, 4]
    expected = {
        "older": [("notices_rolled_back", "acme")],
        "gone": [("notices_withheld", keys.NOTICES)],
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
    host.release(SECOND, 9)
    with redis.Redis(unix_socket_path=socket, username="narrow", password="narrow") as host.store:
        host.start()
        host.sync.beat()
        assert host.heads()[ACME].generation == SECOND
        assert ("notices_unread", keys.NOTICES) in host.told.alarms
        assert numbers(loaded.of("acme")) == [3, 4]


def test_what_is_absent_is_not_known_and_no_release_is_held_back_unnoticed(
    host: Host, loaded: LoadedNotices
) -> None:
    host.store.delete(keys.NOTICES)
    host.sync.beat()
    assert host.told.alarms == [("notices_withheld", keys.NOTICES)]
    with pytest.raises(Unavailable):
        loaded.of("acme")
    put_notices(host, 7, 3)
    host.told.alarms.clear()
    host.sync.beat()
    assert host.told.alarms == [("notices_withheld", "beta")]
    assert numbers(loaded.of("acme")) == [3]
    with pytest.raises(Unavailable):
        loaded.of("beta")
    host.store.hset(keys.NOTICES, "beta", b"x" * 200)
    host.sync.beat()
    with pytest.raises(Unavailable):
        loaded.of("beta")


def test_an_older_head_beside_a_newer_record_is_an_alarm(host: Host, loaded: LoadedNotices) -> None:
    host.sync.beat()
    host.release(SECOND, 9)
    put_notices(host, 7)
    host.store.hdel(keys.NOTICES, "beta")
    host.sync.beat()
    assert host.told.alarms == [("notices_withheld", "acme"), ("notices_withheld", "beta")]
    assert numbers(loaded.of("acme")) == []


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (None, "notices_withheld"),
        (b"[]", "notices_untrusted"),
        (b"x" * 300_000, "notices_untrusted"),
    ],
)
def test_a_content_that_is_not_the_signed_one_leaves_what_was_told(
    host: Host, loaded: LoadedNotices, content: bytes | None, what: str
) -> None:
    put_notices(host, 8, 3)
    host.sync.beat()
    good = signed_notices(9, 3, 4)
    put(host, SignedNotices(good.head, content or b""))
    host.sync.beat()
    assert host.told.alarms == [], "a release may just have come in between"
    host.sync.beat()
    assert host.told.alarms == [(what, "acme")]
    assert numbers(loaded.of("acme")) == [3]
    put(host, good)
    host.sync.beat()
    assert numbers(loaded.of("acme")) == [3, 4]


def test_a_release_that_changes_no_notice_fetches_and_writes_none(
    host: Host, loaded: LoadedNotices
) -> None:
    release(host, FIRST, 8, *range(1, MAX_NOTICES + 1))
    host.sync.beat()
    (content,) = (host.cache.directory / "notices-of").iterdir()
    written = content.stat().st_mtime_ns
    host.release(SECOND, 9)
    put(host, SignedNotices(signed_notices(9, *range(1, MAX_NOTICES + 1)).head, b""))
    host.sync.beat()
    host.sync.beat()
    assert host.told.alarms == []
    assert len(loaded.of("acme")) == MAX_NOTICES
    assert content.stat().st_mtime_ns == written
    put_notices(host, 10, 5)
    host.sync.beat()
    assert not content.exists(), "what nobody is told any more is not kept"


def test_as_many_partners_as_there_may_be_hear_all_of_it(host: Host, loaded: LoadedNotices) -> None:
    for number in range(120):  # 100 KB each: together more than one hash may have
        put_notices(host, 8, *range(2**52, 2**52 + MAX_NOTICES), partner=f"p{number}")
    put_notices(host, 8, 3)
    for _ in range(3):
        host.sync.beat()
    assert host.told.alarms == []
    assert numbers(loaded.of("acme")) == [3]
    assert {len(loaded.of(f"p{number}")) for number in range(120)} == {MAX_NOTICES}


def test_the_bound_of_heads_is_passed_after_that_of_records(host: Host) -> None:
    """So the release that has too many partners is refused on account of their records."""
    host.put_partner(ACME, 7)
    put_notices(host, 7, *range(1, MAX_NOTICES + 1))
    sizes = [host.store.memory_usage(one, samples=0) or 0 for one in (keys.NOTICES, keys.PARTNERS)]
    assert sizes[0] < sizes[1]


@pytest.mark.parametrize("member", [{"number": 1 << 53}, {"at": 1 << 40}, {"at": -1}])
def test_what_no_answer_could_say_is_refused_where_it_is_read(
    host: Host, loaded: LoadedNotices, member: dict[str, int]
) -> None:
    host.sync.beat()
    notice = msgspec.structs.replace(Notice(3, f"{RECEIPT}.0", "retracted", 1), **member)
    put(host, sign_notices("acme", [notice], SIGNER, sequence=8, issued_at=1_795_000_000))
    host.sync.beat()
    host.sync.beat()
    assert ("notices_untrusted", "acme") in host.told.alarms
    assert numbers(loaded.of("acme")) == []


def test_who_asks_the_same_again_is_given_the_bytes_of_before_until_they_change(
    host: Host, loaded: LoadedNotices
) -> None:
    put_notices(host, 8, *range(1, MAX_NOTICES + 1))
    host.sync.beat()
    pages = NoticePages(loaded)
    first = pages.of("acme", 0)
    assert pages.of("acme", 0) is first
    assert b'"next":50,"has_more":true' in first
    assert b'"next":990,"has_more":true' in pages.of("acme", 940)
    assert b'"next":1000,"has_more":false' in pages.of("acme", 990)
    assert pages.of("acme", 0) == first
    put_notices(host, 9, 7)
    host.sync.beat()
    assert b'"next":7,"has_more":false' in pages.of("acme", 0)

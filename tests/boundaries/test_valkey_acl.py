"""Valkey's users, on a real server that is started with the shipped configuration and ACL."""

import subprocess
from pathlib import Path

import pytest
import redis

from screening.store import keys
from tests.boundaries.shipped_valkey import (
    DEPLOY,
    REFUSED_TO_BOTH,
    ShippedValkey,
    is_refused,
    password_of,
)
from tests.harness.deployment import Deployed

PHONE, ABSENT = ("phone", "+12025550100"), ("phone", "+12025550199")
LISTED = [("phone", "+12025550100", "trafficker"), ("email", "list@seller.example", "facilitator")]


# All that a thief of the API's password would try first; each is refused by name or by key.
REFUSED_TO_API = [
    ("SET", keys.HEADS, "x"),
    ("SET", keys.manifest("k", "g"), "x"),
    ("SET", keys.bucket("k", "g", 0), "x"),
    ("SET", keys.HEADS, "x", "GET"),
    ("SET", "anything", "x"),
    ("HSET", keys.HEADS, "k", "x"),
    ("HDEL", keys.PARTNERS, "acme"),
    ("EVAL", "return redis.call('SET', KEYS[1], 'x')", "1", keys.HEADS),
    ("EVAL", "return redis.call('HSET', 'heads', 'k', 'x')", "0"),
    ("EVAL", "return redis.call('PFMERGE', KEYS[1], 'run:x')", "1", keys.table("k", "g")),
    ("EVAL", "return redis.call('DEL', KEYS[1])", "1", keys.host("h")),
    ("PEXPIRE", keys.HEADS, "1"),
    ("MSET", keys.host("h"), "x", keys.HEADS, "x"),
    ("DEL", keys.HEADS),
    ("UNLINK", keys.table("k", "g")),
    ("EXPIRE", keys.HEADS, "1"),
    ("RENAME", keys.HEADS, "run:heads"),
    ("COPY", keys.PARTNERS, "run:partners"),
    ("RESTORE", keys.HEADS, "0", "x"),
    ("APPEND", keys.filter_piece("k", "g", 0), "x"),
    ("SETRANGE", keys.bucket("k", "g", 0), "0", "x"),
    ("GETDEL", keys.manifest("k", "g")),
]
REFUSED_TO_INDEXER = [
    ("SET", keys.HEADS, "x"),
    ("MSET", keys.host("h"), "x"),
    ("MSET", "anything", "x"),
    ("HSET", "run:x", "k", "x"),
    ("UNLINK", keys.host("h")),
    ("EVAL", "return 1", "0"),
]


@pytest.mark.slow
def test_publishing_serving_and_rolling_back_need_nothing_that_the_acl_refuses(
    shipped: ShippedValkey, tmp_path: Path
) -> None:
    indexer = Deployed(tmp_path, redis_url=shipped.url("indexer"))
    api_host = Deployed(tmp_path, redis_url=shipped.url("api"))
    try:
        indexer.indexer("init")
        indexer.publish(LISTED)
        partner = indexer.add_partner("acme", "--stretch", "light")
        # No digests on this machine: every hit is confirmed in Valkey, by the workers themselves.
        api = api_host.serve(SCREENING_LOCAL_DIGESTS_MB="0")
        api_host.wait_ready(api)
        assert partner.results(api, PHONE, ABSENT) == ["match", "no_match"]
        # Exit 0 of the next two says that the host's attestation was written and read.
        published = indexer.publish([*LISTED, ("phone", ABSENT[1], "buyer")])
        assert "in force on 1 API host" in published.stdout
        assert partner.results(api, PHONE, ABSENT) == ["match", "match"]
        indexer.indexer("rollback")
        assert partner.results(api, PHONE, ABSENT) == ["match", "no_match"]
        assert "up to date" in indexer.indexer("status").stdout
        api.stop()
        # An ended host says so at once: its attestation would have stood for half a minute.
        assert "none is running" in indexer.indexer("status").stdout
    finally:
        api_host.close()
    assert shipped.refusals() == []


def test_the_api_reads_every_key_and_writes_its_own_attestation(shipped: ShippedValkey) -> None:
    with shipped.client("api") as api:
        for name in (keys.HEADS, keys.PARTNERS):
            assert api.hgetall(name) == {}
        strings = [
            keys.manifest("k", "g"),
            keys.filter_piece("k", "g", 0),
            keys.table("k", "g"),
            keys.bucket("k", "g", 0),
            keys.host("h"),
        ]
        assert api.set(keys.host("h"), b"x", ex=30)
        assert [api.getrange(name, 0, 9) for name in strings] == [b"", b"", b"", b"", b"x"]


@pytest.mark.parametrize("command", REFUSED_TO_API + REFUSED_TO_BOTH, ids=" ".join)
def test_the_api_is_refused_whatever_could_change_an_answer(
    shipped_once: ShippedValkey, command: tuple[str, ...]
) -> None:
    with shipped_once.client("api") as api:
        assert is_refused(api, command)


def test_a_transaction_of_the_api_with_a_forbidden_write_does_nothing(
    shipped: ShippedValkey,
) -> None:
    with shipped.client("api") as api:
        pipeline = api.pipeline(transaction=True)
        pipeline.set(keys.host("h"), b"x")
        pipeline.hset(keys.HEADS, "k", "x")
        with pytest.raises(redis.RedisError):
            pipeline.execute()
        assert api.hgetall(keys.HEADS) == {}
        assert api.getrange(keys.host("h"), 0, 9) == b""


@pytest.mark.parametrize("command", REFUSED_TO_INDEXER + REFUSED_TO_BOTH, ids=" ".join)
def test_the_indexer_is_refused_whatever_publishing_does_not_need(
    shipped_once: ShippedValkey, command: tuple[str, ...]
) -> None:
    with shipped_once.client("indexer") as indexer:
        assert is_refused(indexer, command)


@pytest.mark.parametrize(
    ("user", "password"), [("default", ""), ("default", "x"), ("api", ""), ("api", "x")]
)
def test_nobody_gets_in_without_a_password(
    shipped_once: ShippedValkey, user: str, password: str
) -> None:
    with shipped_once.client(user, password) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_a_user_s_password_is_no_other_user_s(shipped_once: ShippedValkey) -> None:
    passwords = shipped_once.passwords
    assert passwords["api"] != passwords["indexer"]
    with (
        shipped_once.client("indexer", passwords["api"]) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()


def test_the_shipped_configuration_loses_and_evicts_nothing(shipped_once: ShippedValkey) -> None:
    wanted = {
        "maxmemory-policy": "noeviction",
        "appendonly": "yes",
        "appendfsync": "always",
        "enable-debug-command": "no",
        "protected-mode": "yes",
    }
    with shipped_once.client("auditor") as client:
        stated = {name: client.config_get(name)[name] for name in wanted}
        assert client.config_get("maxmemory")["maxmemory"] != "0"
    assert stated == wanted


@pytest.mark.parametrize("command", [("DEBUG", "SLEEP", "0"), ("MODULE", "LOAD", "/x.so")])
@pytest.mark.parametrize("user", ["api", "indexer", "auditor"])
def test_debugging_and_modules_are_off_whoever_asks(
    shipped_once: ShippedValkey, user: str, command: tuple[str, ...]
) -> None:
    with (
        shipped_once.client(user) as client,
        pytest.raises(redis.ResponseError, match="command not allowed"),
    ):
        client.execute_command(*command)


def test_make_secrets_overwrites_nothing_and_keeps_passwords_to_its_owner(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    subprocess.run([DEPLOY / "make-secrets", folder], check=True, capture_output=True)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert before.keys() == {"users.acl", "api.env", "indexer.env", "admin.password"}
    assert folder.stat().st_mode & 0o777 == 0o700
    for name in ("api.env", "indexer.env", "admin.password"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600
    passwords = {password_of(folder, user).encode() for user in ("api", "indexer")}
    passwords.add(before["admin.password"].strip())
    assert len(passwords) == 3
    assert not any(one in before["users.acl"] for one in passwords)

    again = subprocess.run(
        [DEPLOY / "make-secrets", folder], capture_output=True, text=True, check=False
    )
    assert again.returncode == 1
    assert "move it away" in again.stderr
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert list(tmp_path.iterdir()) == [folder]

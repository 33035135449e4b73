"""Valkey's users, on a real server that is started with the shipped configuration and ACL."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from screening.store import keys
from tests.boundaries.shipped_valkey import DEPLOY, ShippedValkey, password_of
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
    ("HSET", keys.host("h"), "k", "x"),
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
REFUSED_TO_BOTH = [
    ("FLUSHALL",),
    ("FLUSHDB",),
    ("SWAPDB", "0", "1"),
    ("KEYS", "*"),
    ("DUMP", keys.HEADS),
    ("CONFIG", "GET", "*"),
    ("CONFIG", "SET", "maxmemory-policy", "allkeys-lru"),
    ("CONFIG", "REWRITE"),
    ("SHUTDOWN", "NOSAVE"),
    ("REPLICAOF", "127.0.0.1", "1"),
    ("MIGRATE", "127.0.0.1", "1", "heads", "0", "1"),
    ("EVAL", "return 1", "0"),
    ("FUNCTION", "FLUSH"),
    ("ACL", "SETUSER", "api", "+@all"),
    ("ACL", "LIST"),
    ("MONITOR",),
    ("INFO",),
    ("CLIENT", "LIST"),
    ("CLIENT", "KILL", "TYPE", "normal"),
    ("SAVE",),
    ("BGREWRITEAOF",),
    ("PUBLISH", "c", "x"),
    ("SUBSCRIBE", "c"),
]
REFUSED_TO_INDEXER = [
    ("SET", keys.HEADS, "x"),
    ("MSET", keys.host("h"), "x"),
    ("MSET", "anything", "x"),
    ("HSET", "run:x", "k", "x"),
    ("UNLINK", keys.host("h")),
]


@pytest.fixture
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShippedValkey]:
    # A short name: a socket's path has 108 bytes at the most.
    server = ShippedValkey(tmp_path_factory.mktemp("acl"))
    yield server
    server.process.kill()


@pytest.fixture(scope="module")
def shipped_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShippedValkey]:
    """One server for all that leaves nothing behind in it."""
    server = ShippedValkey(tmp_path_factory.mktemp("acl1"))
    yield server
    server.process.kill()


def _is_refused(client: redis.Redis, command: tuple[str, ...]) -> bool:
    try:
        client.execute_command(*command)  # type: ignore[no-untyped-call]  # it has no hints
    except redis.exceptions.NoPermissionError:
        return True
    except redis.ResponseError:
        return False  # permitted, and failed for another reason
    return False


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
        assert _is_refused(api, command)


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
        assert _is_refused(indexer, command)


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


def administration(heading: str) -> list[str]:
    """Return what `docs/operations.md` has its reader run as the administrator, block by block."""
    page = (DEPLOY.parent / "docs" / "operations.md").read_text()
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [one for one in re.findall(r"```sh\n(.*?)```", section, re.DOTALL) if "admin" in one]


def run_as_the_page_says(block: str, shipped: ShippedValkey) -> list[str]:
    """Run a block but for the container; return what the server answers to what it is told."""
    client = "docker compose exec -T valkey valkey-cli"
    assert client in block
    script = block.replace(client, "cat >&3").replace("deploy/secrets", str(shipped.secrets))
    script = script.replace(
        "deploy/make-secrets --again", f"{DEPLOY}/make-secrets --again {shipped.secrets}"
    )
    told = shipped.folder / "told"
    subprocess.run(["sh", "-euc", f"exec 3>{told}\n{script}"], check=True, capture_output=True)
    shipped.bring_users((shipped.secrets / "users.acl").read_text())
    return shipped.told(told.read_bytes())


def test_the_administrator_has_the_append_only_file_written_anew_as_the_page_says(
    shipped: ShippedValkey,
) -> None:
    rewriting, _ = administration("Redis")
    answers = run_as_the_page_says(rewriting, shipped)
    assert answers == ["+OK", "+Background append only file rewriting started"]


def test_users_are_brought_up_to_date_without_a_restart_as_the_page_says(
    shipped: ShippedValkey,
) -> None:
    users = (shipped.secrets / "users.acl").read_text()
    former = users.replace(" +getrange", "")
    assert former != users
    (shipped.secrets / "users.acl").write_text(former)
    shipped.bring_users(former)
    _, loading = administration("Redis")
    admin = (shipped.secrets / "admin.password").read_text().strip()
    with shipped.client("admin", admin) as client:
        client.acl_load()
    with shipped.client("api") as api:
        assert _is_refused(api, ("GETRANGE", keys.manifest("k", "g"), "0", "9"))
    inode = (shipped.secrets / "users.acl").stat().st_ino
    assert run_as_the_page_says(loading, shipped) == ["+OK", "+OK"]
    assert (shipped.secrets / "users.acl").read_text() == users
    assert (shipped.secrets / "users.acl").stat().st_ino == inode
    with shipped.client("api") as api:
        assert api.getrange(keys.manifest("k", "g"), 0, 9) == b""


REFUSED_TO_ADMIN = [
    ("HGETALL", keys.HEADS),
    ("GETRANGE", keys.manifest("k", "g"), "0", "9"),
    *(one for one in REFUSED_TO_BOTH if one[0] not in ("INFO", "BGREWRITEAOF")),
]


@pytest.mark.parametrize("command", REFUSED_TO_ADMIN, ids=" ".join)
def test_the_administrator_reads_no_key_and_changes_nothing_else(
    shipped_once: ShippedValkey, command: tuple[str, ...]
) -> None:
    admin = (shipped_once.secrets / "admin.password").read_text().strip()
    with shipped_once.client("admin", admin) as client:
        assert _is_refused(client, command)


@pytest.mark.parametrize("missing", ["api.env", "admin.password"])
def test_users_are_not_brought_up_to_date_without_every_password(
    tmp_path: Path, missing: str
) -> None:
    folder = tmp_path / "secrets"
    subprocess.run([DEPLOY / "make-secrets", folder], check=True, capture_output=True)
    before = (folder / "users.acl").read_bytes()
    (folder / missing).write_text("")
    again = subprocess.run(
        [DEPLOY / "make-secrets", "--again", folder], capture_output=True, text=True, check=False
    )
    assert again.returncode == 1
    assert "lacks a password" in again.stderr
    assert (folder / "users.acl").read_bytes() == before

"""A real Valkey, started with the shipped configuration and its users."""

import socket
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from screening.store import keys
from screening.store.server_binary import known_binaries
from tests.harness.processes import Process, eventually

DEPLOY = Path(__file__).parents[2] / "deploy"


# No user of the shipped file may look into the log of what was refused; this one is the test's own.
AUDITOR = "user auditor reset on nopass +acl|log +acl|list +config|get +dbsize +ping\n"

# Nor may either of the two that services are given do any of these.
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
    ("SCRIPT", "FLUSH"),
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


class ShippedValkey:
    """A server with `valkey.conf` and an ACL of `make-secrets`; only paths and port differ."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "v.sock"
        self.folder = folder
        secrets = folder / "secrets"
        subprocess.run([DEPLOY / "make-secrets", secrets], check=True, capture_output=True)
        self.passwords = {user: password_of(secrets, user) for user in ("api", "indexer")}
        self.secrets = secrets
        self.acl = folder / "users.acl"
        self.bring_users((secrets / "users.acl").read_text())
        data = folder / "data"
        data.mkdir()
        options = {"dir": data, "aclfile": self.acl, "port": 0, "unixsocket": self.socket}
        self.process = Process(
            [
                str(known_binaries()[0]),
                str(DEPLOY / "valkey.conf"),
                *(str(word) for name, value in options.items() for word in (f"--{name}", value)),
            ],
            folder / "valkey.log",
            environment={},
            cwd=folder,
        )
        eventually(self._answers, what="an answer of Valkey")

    def bring_users(self, users: str) -> None:
        """Write the file that the server loads its users from."""
        self.acl.write_text(users + AUDITOR)

    def told(self, commands: bytes) -> list[str]:
        """Return the answers to lines as a person gives them to valkey-cli."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(str(self.socket))
            connection.sendall(commands)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode().splitlines()

    def url(self, user: str) -> str:
        return f"unix://{user}:{self.passwords[user]}@{self.socket}"

    def client(self, user: str, password: str | None = None) -> redis.Redis:
        return redis.Redis(
            unix_socket_path=str(self.socket),
            username=user,
            password=self.passwords.get(user, "any") if password is None else password,
            socket_timeout=5,
            retry=Retry(NoBackoff(), 0),  # a refusal is asked for once, and not after a wait
        )

    def refusals(self) -> list[tuple[str, str, str]]:
        """Return what was refused to the two users, as (user, reason, command or key)."""
        with self.client("auditor") as client:
            entries = client.acl_log()
        return [
            (entry["username"], entry["reason"], entry["object"])
            for entry in entries
            if entry["username"] in self.passwords
        ]

    def _answers(self) -> bool:
        assert self.process.popen.poll() is None, self.process.logged()
        try:
            with self.client("auditor") as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def password_of(secrets: Path, user: str) -> str:
    name, _, url = (secrets / f"{user}.env").read_text().strip().partition("=")
    parts = urlsplit(url)
    assert (name, parts.username) == ("SCREENING_REDIS_URL", user)
    assert parts.password is not None
    return parts.password


def is_refused(client: redis.Redis, command: tuple[str, ...]) -> bool:
    try:
        client.execute_command(*command)  # type: ignore[no-untyped-call]  # it has no hints
    except redis.exceptions.NoPermissionError:
        return True
    except redis.ResponseError as error:
        # Of a script, what it may not do is refused; anything else was permitted, and failed.
        return "ACL failure in script" in str(error)
    return False

"""A real Valkey of a test's own, on a unix socket, that can be stopped, killed and brought back."""

import os
import signal
from pathlib import Path

import redis

from screening.store.server_binary import known_binaries
from tests.harness.processes import Process, eventually


class Valkey:
    """One server with an empty data directory, append-only as in production."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "valkey.sock"
        self.url = f"unix://{self.socket}"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._process: Process | None = None
        self.start()

    def start(self) -> None:
        arguments = [str(known_binaries()[0]), "--port", "0", "--unixsocket", str(self.socket)]
        arguments += ["--unixsocketperm", "700", "--dir", str(self.folder), "--appendonly", "yes"]
        arguments += ["--save", "", "--enable-debug-command", "no"]
        self._process = Process(
            arguments, self.folder / "valkey.log", environment=os.environ, cwd=self.folder
        )
        try:
            eventually(self._answers, what="an answer of Valkey")
        except BaseException:
            self.kill()
            raise

    def client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=5)

    def bytes_sent(self) -> int:
        """Return how much it has sent to all of its clients."""
        return self._stats("total_net_output_bytes")

    def connections_made(self) -> int:
        return self._stats("total_connections_received")

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()

    def freeze(self) -> None:
        assert self._process is not None
        self._process.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.signal(signal.SIGCONT)

    def _stats(self, name: str) -> int:
        with self.client() as client:
            return int(client.info("stats")[name])

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

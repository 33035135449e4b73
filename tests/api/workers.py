"""Which worker answers on which connection, so that a test can ask every one of them."""

import http.client
import json
import socket
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from tests.harness.deployment import Api, Partner
from tests.harness.processes import eventually

_ATTEMPTS = 500


class WorkerConnection:
    """A kept connection to one worker."""

    def __init__(self, api: Api) -> None:
        parts = urlsplit(api.url)
        assert parts.hostname
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
        try:
            # The first answer comes once a worker has taken the connection on.
            assert self.get("/livez")[0] == 200
            self.pid = _holder(api, self._connection.sock)
        except BaseException:
            self.close()
            raise

    def get(self, path: str) -> tuple[int, Any]:
        self._connection.request("GET", path)
        return self._read()

    def ask(self, partner: Partner, body: dict[str, Any], route: str = "check") -> tuple[int, Any]:
        """Return status and document."""
        headers = {"content-type": "application/json", **partner.headers}
        self._connection.request("POST", f"/v1/{route}", json.dumps(body), headers)
        return self._read()

    def close(self) -> None:
        self._connection.close()

    def _read(self) -> tuple[int, Any]:
        response = self._connection.getresponse()
        return response.status, json.loads(response.read())


class EveryWorker:
    """One connection to each worker of an API, by pid; a context manager."""

    def __init__(self, api: Api) -> None:
        self.by_pid: dict[int, WorkerConnection] = {}
        wanted = set(api.worker_pids())
        with ExitStack() as undo:
            for _ in range(_ATTEMPTS):
                if self.by_pid.keys() == wanted:
                    self._stack = undo.pop_all()
                    return
                connection = WorkerConnection(api)
                undo.callback(connection.close)
                self.by_pid.setdefault(connection.pid, connection)
        raise AssertionError("a worker takes no connections")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def __iter__(self) -> "Any":
        return iter(self.by_pid.values())


def wait_until_every_worker_is_ready(api: Api, workers: int) -> None:
    """Wait until so many workers have loaded a list: one may be ready before another."""
    eventually(lambda: len(api.worker_pids()) == workers, what="all workers")
    with EveryWorker(api) as every:
        eventually(
            lambda: all(worker.get("/readyz")[0] == 200 for worker in every), what="ready workers"
        )


def _holder(api: Api, client: socket.socket) -> int:
    """Return the pid of the worker that holds the other end of a connection (Linux)."""
    ends = [client.getpeername()[1], client.getsockname()[1]]
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    (inode,) = {  # a set: a row may be told twice where others come and go meanwhile
        row[9]
        for row in rows
        # Established: of an ended one with the same ports a row may stay for a while.
        if row[3] == "01" and [int(end.rpartition(":")[2], 16) for end in row[1:3]] == ends
    }
    for pid in api.worker_pids():
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            try:
                if str(descriptor.readlink()) == f"socket:[{inode}]":
                    return pid
            except FileNotFoundError:
                continue
    raise AssertionError("no worker holds the connection")

"""A generator that costs little: prepared requests on raw sockets, one thread, no event loop.

In an open loop a request leaves when it is due. HTTP/1.1 without pipelining takes one request of a
connection at a time, so where each waits for an answer a request that is due finds none, and is
lost: it counts as failed. Latency is taken from the moment a request was due. Loopback only.
"""

import re
import select
import socket
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

_LENGTH: Final = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_READ_BYTES: Final = 64 * 1024
_PATIENCE_S: Final = 30.0
_WAIT_S: Final = 0.001
"""At most for so long the generator sleeps: what is due then leaves that late."""


@dataclass(slots=True)
class Told:
    """What came of a load: counts, and (seconds since its start, seconds it took) of each `200`."""

    due: int = 0
    lost: int = 0
    broken: int = 0
    statuses: Counter[bytes] = field(default_factory=Counter)
    answered: list[tuple[float, float]] = field(default_factory=list)
    refused_s: list[float] = field(default_factory=list)

    def quantile_ms(self, quantile: float, *, begin: float = 0, end: float = float("inf")) -> float:
        """Return a quantile of the latencies of what was answered between two moments."""
        took = sorted(took for at, took in self.answered if begin <= at < end)
        if not took:
            return float("nan")
        return took[min(len(took) - 1, int(quantile * len(took)))] * 1_000


class _Connection:
    __slots__ = ("due", "load", "received", "socket")

    def __init__(self, load: "Load") -> None:
        self.load = load
        self.due = 0.0
        self.received = b""
        self.socket = socket.create_connection(load.address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)

    def ask(self, due: float) -> None:
        self.due = due
        self.socket.send(self.load.request)

    def status(self) -> bytes | None:
        """Return the status of a whole answer, None where some of it is not here, b"" at the end.

        Raises `OSError` where the connection was reset.
        """
        read = self.socket.recv(_READ_BYTES)
        self.received += read
        end = self.received.find(b"\r\n\r\n")
        if not read or end < 0:
            return None if read else b""
        length = _LENGTH.search(self.received, 0, end)
        if length is None or len(self.received) < end + 4 + int(length[1]):
            return None
        status, self.received = self.received[9:12], b""
        return status


class Load:
    """The same request at a rate, or without one again as soon as it is answered."""

    def __init__(
        self, url: str, request: bytes, *, per_second: float | None, connections: int
    ) -> None:
        parts = urlsplit(url)
        if parts.hostname not in ("127.0.0.1", "localhost", "::1") or parts.port is None:
            raise ValueError("load goes to loopback only")
        self.address = (parts.hostname, parts.port)
        self.request = request
        self.connections = connections
        self.told = Told()
        self.free: list[_Connection] = []
        self._per_second = per_second

    def send_what_is_due(self, now_s: float) -> None:
        """Send; `now_s` in seconds since the start."""
        told, free, rate = self.told, self.free, self._per_second
        first, due = told.due, told.due + len(free) if rate is None else int(now_s * rate)
        told.lost += max(0, due - first - len(free))
        told.due = due
        for number in range(first, min(due, first + len(free))):
            free.pop().ask(now_s if rate is None else number / rate)

    def hear(self, connection: _Connection, now_s: float) -> bool:
        """Take in what has come on a connection; False where it has ended."""
        try:
            status = connection.status()
        except OSError:
            status = b""
        if status:
            took = now_s - connection.due
            self.told.statuses[status] += 1
            if status == b"200":
                self.told.answered.append((connection.due, took))
            else:
                self.told.refused_s.append(took)
            self.free.append(connection)
        elif status is not None and connection in self.free:
            self.free.remove(connection)
        elif status is not None:
            self.told.broken += 1
        return status != b""


class _Connections:
    """All connections of some loads, each by its descriptor."""

    def __init__(self, loads: Sequence[Load]) -> None:
        self.poll = select.epoll()
        self._open: dict[int, _Connection] = {}
        for load in loads:
            for _ in range(load.connections):
                self._connect(load)

    def be_accepted(self) -> None:
        """Ask once on each, one after the other: the server accepts one in a turn of its loop."""
        for connection in self._open.values():
            connection.socket.settimeout(_PATIENCE_S)
            connection.ask(0.0)
            while connection.status() is None:
                pass
            connection.socket.setblocking(False)

    def hear(self, descriptor: int, now_s: float) -> None:
        """Take in what has come; where a connection has ended, make another."""
        connection = self._open[descriptor]
        if not connection.load.hear(connection, now_s):
            del self._open[descriptor]
            connection.socket.close()
            self._connect(connection.load)

    def close(self) -> None:
        """End them all."""
        for connection in self._open.values():
            connection.socket.close()
        self.poll.close()

    def _connect(self, load: Load) -> None:
        connection = _Connection(load)
        load.free.append(connection)
        self._open[connection.socket.fileno()] = connection
        self.poll.register(connection.socket, select.EPOLLIN)


def run(*loads: Load, seconds: float) -> None:
    """Send so long; wait for no answer that is missing then."""
    with closing(_Connections(loads)) as connections:
        connections.be_accepted()
        start = time.perf_counter()
        while (now_s := time.perf_counter() - start) < seconds:
            for load in loads:
                load.send_what_is_due(now_s)
            for descriptor, _ in connections.poll.poll(_WAIT_S):
                connections.hear(descriptor, time.perf_counter() - start)

"""An open-loop generator: requests leave on schedule, whether or not the ones before are answered.

A closed loop waits for the slow answers it should complain about (coordinated omission). Latency is
taken from the moment a request was due. Loopback only; bounded in rate and time.
"""

import asyncio
import contextlib
import http.client
import socket
import time
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Latencies:
    """What one run measured; all in milliseconds."""

    sent: int
    failed: int
    p50_ms: float
    p99_ms: float
    max_ms: float


class _Connection(asyncio.Protocol):
    """One keep-alive connection that knows when each outstanding request was due."""

    def __init__(self, run: "_Run") -> None:
        self._run = run
        self._due: list[float] = []
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def ask(self, due: float) -> None:
        self._due.append(due)
        self._transport.write(self._run.request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:end].lower()
            at = head.index(b"content-length:") + len(b"content-length:")
            length = int(head[at:].split(b"\r\n", 1)[0])
            if len(self._received) < end + 4 + length:
                return
            self._received = self._received[end + 4 + length :]
            self._run.answered(self._due.pop(0), ok=b" 200 " in head[:16])


class _Run:
    def __init__(self, request: bytes) -> None:
        self.request = request
        self.latencies_s: list[float] = []
        self.failed = 0
        self._expected: int | None = None
        self._complete = asyncio.Event()

    def answered(self, due: float, *, ok: bool) -> None:
        self.latencies_s.append(time.perf_counter() - due)
        self.failed += not ok
        if self._expected is not None and len(self.latencies_s) >= self._expected:
            self._complete.set()

    async def all_answered(self, total: int) -> None:
        self._expected = total
        if len(self.latencies_s) < total:
            await self._complete.wait()


def http_request(url: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Return one request as bytes."""
    parts = urlsplit(url)
    lines = [f"POST {parts.path} HTTP/1.1", f"host: {parts.netloc}", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


async def measure(
    url: str, request: bytes, *, per_second: float, seconds: float, connections: int = 16
) -> Latencies:
    """Send `request` at a fixed rate over loopback; return the latencies of all answers."""
    parts = urlsplit(url)
    if parts.hostname not in ("127.0.0.1", "localhost", "::1") or parts.port is None:
        raise ValueError("load goes to loopback only")
    run = _Run(request)
    loop = asyncio.get_running_loop()
    made = [
        (await loop.create_connection(lambda: _Connection(run), parts.hostname, parts.port))[1]
        for _ in range(connections)
    ]
    total = int(per_second * seconds)
    start = time.perf_counter()
    sent = 0
    while sent < total:
        due_count = min(total, int((time.perf_counter() - start) * per_second) + 1)
        while sent < due_count:
            made[sent % connections].ask(start + sent / per_second)
            sent += 1
        await asyncio.sleep(0)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(run.all_answered(total), timeout=5)
    ordered = sorted(run.latencies_s)
    return Latencies(
        sent=total,
        failed=run.failed + total - len(ordered),
        p50_ms=_quantile(ordered, 0.5),
        p99_ms=_quantile(ordered, 0.99),
        max_ms=_quantile(ordered, 1.0),
    )


def ask_again_and_again(url: str, request: bytes, seconds: float) -> None:
    """Send `request` on one connection, each time its answer is there; fail on any but a 200."""
    parts = urlsplit(url)
    if parts.hostname not in ("127.0.0.1", "localhost", "::1") or parts.port is None:
        raise ValueError("load goes to loopback only")
    ending_at = time.monotonic() + seconds
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as connection:
        while time.monotonic() < ending_at:
            connection.sendall(request)
            response = http.client.HTTPResponse(connection)
            response.begin()
            response.read()
            if response.status != 200:
                raise RuntimeError(f"status {response.status}")


def _quantile(ordered_s: list[float], quantile: float) -> float:
    if not ordered_s:
        return float("nan")
    return ordered_s[min(len(ordered_s) - 1, int(quantile * len(ordered_s)))] * 1_000

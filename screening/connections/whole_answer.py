"""One HTTP answer in one piece, and none where nobody is left to take it."""

import asyncio
from typing import Final

_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"  # as uvicorn writes it


class WholeAnswer:
    """The transport of one answer: its head waits for what follows, and both leave at once.

    One packet and one system call instead of two; throughput gains no more than noise (measured).
    """

    __slots__ = ("_head", "_transport", "is_closing")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head: bytes | None = None
        self.is_closing = transport.is_closing

    def write(self, content: bytes) -> None:
        """Send, but for a head, which is written first, and alone."""
        if self._head is None and content != _CONTINUE:
            self._head = content
            return
        if self._head:
            content, self._head = self._head + content, b""
        if not self.is_closing():
            self._transport.write(content)

    def flush(self) -> None:
        """Send what waits."""
        if self._head:
            self.write(b"")

    def close(self) -> None:
        """Send what waits, and no more."""
        self.flush()
        self._transport.close()

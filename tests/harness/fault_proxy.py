"""A TCP proxy on loopback, in front of Redis, that does to a connection what networks do to it."""

import contextlib
import random
import socket
import struct
import threading
from types import TracebackType
from typing import Final, Literal, Self

Fault = Literal["pass", "delay", "drop", "reset", "cut", "garbage", "half-open"]
"""What happens to replies, on connections that exist already too.

`delay`: each comes late. `drop`: nothing passes, either way. `reset`: half of the next reply, then
RST. `cut`: so many bytes, then FIN. `garbage`: other bytes in their place, well-formed ones among
them. `half-open`: Redis's side ends, and ours says nothing of it.
"""
FAULTS: Final[tuple[Fault, ...]] = ("delay", "drop", "reset", "cut", "garbage", "half-open")

_PIECE_BYTES: Final = 65_536
_LINGER_0: Final = struct.pack("ii", 1, 0)
_WRONG_REPLIES: Final = (b"$-1\r\n", b"*0\r\n", b"+OK\r\n", b"-ERR no\r\n", b":1\r\n", b"%0\r\n")


class FaultProxy:
    """Takes connections at `url`, and passes them on to the unix socket `upstream`."""

    def __init__(self, upstream: str, *, seed: int = 0) -> None:
        self._upstream = upstream
        self._draw = random.Random(seed)  # noqa: S311 - the same bytes each time
        self._fault: Fault = "pass"
        self._delay_s = 0.0
        self._cut_after = 0
        self._ended = threading.Event()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def set(self, fault: Fault, *, delay_s: float = 0.2, cut_after: int = 100) -> None:
        """Do so from now on; `pass` ends it, and every connection that was held up."""
        self._delay_s, self._cut_after = delay_s, cut_after
        before, self._fault = self._fault, fault
        if fault == "pass" and before in ("drop", "half-open"):
            # What was swallowed is lost for good, as it is where a host comes back.
            self._end_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._end_all()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            behind = socket.socket(socket.AF_UNIX)
            try:
                behind.connect(self._upstream)
            except OSError:  # Redis is down: so is what stands before it
                behind.close()
                _reset(client)
                continue
            self._open |= {client, behind}
            for passing in (self._pass_questions, self._pass_replies):
                threading.Thread(target=passing, args=(client, behind), daemon=True).start()

    def _pass_questions(self, client: socket.socket, behind: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := client.recv(_PIECE_BYTES):
                if self._fault not in ("drop", "half-open"):
                    behind.sendall(piece)
        client.close()  # and no shutdown: where it was to be reset, that would end it in order
        self._open.discard(client)
        self._end(behind)

    def _pass_replies(self, client: socket.socket, behind: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while (piece := behind.recv(_PIECE_BYTES)) and self._pass_reply(client, piece):
                pass
        if self._fault == "half-open":
            behind.close()
        else:
            self._end(client, behind)

    def _pass_reply(self, client: socket.socket, piece: bytes) -> bool:
        """Do to a reply what is asked; tell whether the connection goes on."""
        match self._fault:
            case "delay":
                self._ended.wait(self._delay_s)
                client.sendall(piece)
            case "reset":
                client.sendall(piece[: len(piece) // 2])
                _reset(client)
                return False
            case "cut":
                self._cut_after -= len(piece)
                client.sendall(piece[: max(0, len(piece) + min(0, self._cut_after))])
                return self._cut_after > 0
            case "garbage":
                client.sendall(self._other_than(piece))
            case "half-open":
                return False
            case "pass":
                client.sendall(piece)
        return True

    def _other_than(self, piece: bytes) -> bytes:
        wrong = self._draw.choice(_WRONG_REPLIES)
        changed = bytearray(piece)
        changed[self._draw.randrange(len(piece))] ^= 1 << self._draw.randrange(8)
        noise = self._draw.randbytes(len(piece))
        return self._draw.choice((wrong, bytes(changed), noise, piece + piece, piece[1:]))

    def _end_all(self) -> None:
        self._end(*self._open)

    def _end(self, *ends: socket.socket) -> None:
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
            self._open.discard(end)


def _reset(client: socket.socket) -> None:
    with contextlib.suppress(OSError):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_0)
        # Whoever still reads from it would keep the kernel from ending it.
        client.shutdown(socket.SHUT_RD)
    client.close()

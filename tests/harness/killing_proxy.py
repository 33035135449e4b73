"""A Redis proxy that kills who talks to it, in the middle of the conversation."""

import contextlib
import os
import select
import signal
import socket
import struct
import threading
from pathlib import Path
from typing import Final, Literal

Moment = Literal["torn", "done", "unheard", "garbled", "gone", "lost"]
"""Kill when half of the command was passed on, or when Redis has done it and nobody was told.

`unheard`: as `done`, but only the connection ends. `garbled`: behind an answer to some other
command. `gone`: and no other is taken any more. `lost`: the connection ends, and nothing was passed
on.
"""

_PEER: Final = struct.Struct("3i")  # pid, uid, gid: struct ucred of unix(7)
_ANSWER_TIMEOUT_S: Final = 5.0


class KillingProxy:
    """Passes Redis commands on one by one; a client that reaches the one armed for is killed."""

    def __init__(self, folder: Path, upstream: Path) -> None:
        self._upstream = str(upstream)
        self._armed: tuple[int, Moment] | None = None
        self._is_gone = False
        self.commands: list[str] = []
        """The names of the commands that the last client has sent."""
        self._path = folder / "proxy.sock"
        self.url = f"unix://{self._path}"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def arm(self, number: int | None, moment: Moment = "done") -> None:
        """Kill the next client at its command `number`, from 0; None kills nobody."""
        self._armed = None if number is None else (number, moment)
        self._is_gone = False
        self.commands = []

    def find_flip(self) -> int:
        """Return the number of the command that put a release in force."""
        return self.commands.index("EXEC", self.commands.index("HSET"))

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(_ANSWER_TIMEOUT_S)
        self._path.unlink()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self._is_gone:
                    client.close()
                    continue
                threading.Thread(target=self._converse, args=(client,), daemon=True).start()

    def _converse(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as redis, contextlib.suppress(OSError):
            redis.settimeout(_ANSWER_TIMEOUT_S)
            redis.connect(self._upstream)
            unread = b""
            while True:
                readable, _, _ = select.select([client, redis], [], [])
                if redis in readable:
                    reply = redis.recv(1 << 16)
                    if not reply:
                        return
                    client.sendall(reply)
                if client in readable:
                    chunk = client.recv(1 << 16)
                    if not chunk:
                        return
                    unread = self._pass_on(client, redis, unread + chunk)

    def _pass_on(self, client: socket.socket, redis: socket.socket, unread: bytes) -> bytes:
        while length := _command_length(unread):
            command, unread = unread[:length], unread[length:]
            self.commands.append(_command_name(command))
            if self._armed is None or len(self.commands) - 1 != self._armed[0]:
                redis.sendall(command)
                continue
            if self._armed[1] == "lost":
                raise ConnectionAbortedError
            if self._armed[1] == "torn":
                redis.sendall(command[: length // 2])
            else:
                redis.sendall(command)
                # Of a transaction the first byte comes before its last command is done.
                redis.shutdown(socket.SHUT_WR)
                while redis.recv(1 << 16):
                    pass
            if self._armed[1] == "garbled":
                since = self.commands[::-1].index("MULTI")
                client.sendall(since * b"+QUEUED\r\n" + b":1\r\n")
            if self._armed[1] in ("unheard", "garbled", "gone"):
                self._is_gone = self._armed[1] == "gone"
                raise ConnectionAbortedError
            pid = _PEER.unpack(
                client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
            )[0]
            os.kill(pid, signal.SIGKILL)
            raise ConnectionAbortedError
        return unread


def _command_length(content: bytes) -> int:
    """Return the bytes of the first command (RESP: an array of strings), 0 if it is not whole."""
    end = content.find(b"\r\n")
    if end < 0:
        return 0
    position = end + 2
    for _ in range(int(content[1:end])):
        end = content.find(b"\r\n", position)
        if end < 0:
            return 0
        position = end + 2 + int(content[position + 1 : end]) + 2
    return position if position <= len(content) else 0


def _command_name(command: bytes) -> str:
    return command.split(b"\r\n", 3)[2].decode()

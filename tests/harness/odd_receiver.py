"""A receiver of webhooks that misbehaves once it has read a request: what it does is a test's."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

Behaviour = Callable[[socket.socket], object]


@contextlib.contextmanager
def receiving_oddly(behave: Behaviour) -> Iterator[str]:
    """Yield its address; each connection is read to the end of one request, and then `behave`'s."""
    ended: list[threading.Thread] = []

    def accept(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the test has ended
            while True:
                accepted, _ = listener.accept()
                thread = threading.Thread(target=answer, args=(accepted,))
                ended.append(thread)
                thread.start()

    def answer(accepted: socket.socket) -> None:
        with contextlib.suppress(OSError), accepted:  # the sender has had enough
            read_request(accepted)
            behave(accepted)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepting = threading.Thread(target=accept, args=(listener,))
        accepting.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/alerts"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for thread in (accepting, *ended):
                thread.join(10)


def read_request(connected: socket.socket) -> bytes:
    """Read one request with a length, as the sender's are."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _some(connected)
    head, _, body = received.partition(b"\r\n\r\n")
    (length,) = [
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    while len(body) < length:
        body += _some(connected)
    return body


def _some(connected: socket.socket) -> bytes:
    received = connected.recv(65_536)
    if not received:
        raise ConnectionAbortedError  # the sender has had enough
    return received

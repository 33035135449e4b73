"""A proxy that ends TLS, asks for the client's certificate, and passes it on (RFC 9440)."""

import base64
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.harness.tls import Certificate

_END_OF_HEAD = b"\r\n\r\n"


@contextlib.contextmanager
def ending_tls(
    certificate: Certificate, clients: Path, *, source: str, to: tuple[str, int]
) -> Iterator[int]:
    """Yield a port of localhost; who is in `clients` (PEM) may show a certificate, others none.

    It asks `to` from the address `source`, once for each connection.
    """
    certificate.context.verify_mode = ssl.CERT_OPTIONAL
    certificate.context.load_verify_locations(clients)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with contextlib.suppress(OSError):  # the test has ended
                while True:
                    accepted, _ = listener.accept()
                    threading.Thread(target=answer, args=(accepted,), daemon=True).start()

        def answer(accepted: socket.socket) -> None:
            with (
                contextlib.suppress(OSError),
                accepted,
                certificate.context.wrap_socket(accepted, server_side=True) as speaking,
                socket.create_connection(to, timeout=10, source_address=(source, 0)) as behind,
            ):
                behind.sendall(_passed_on(speaking))
                while received := behind.recv(65_536):
                    speaking.sendall(received)

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)


def _passed_on(speaking: ssl.SSLSocket) -> bytes:
    """Return one request as it goes on: nobody but the proxy says who the client is."""
    received = b""
    while _END_OF_HEAD not in received:
        received += _some(speaking)
    head, _, body = received.partition(_END_OF_HEAD)
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"client-cert")]
    lengths = [line for line in lines if line.lower().startswith(b"content-length:")]
    length = int(lengths[0].partition(b":")[2]) if lengths else 0
    while len(body) < length:
        body += _some(speaking)
    shown = speaking.getpeercert(binary_form=True)
    if shown:
        lines.append(b"client-cert: :%b:" % base64.b64encode(shown))
    return b"\r\n".join([*lines, b"connection: close"]) + _END_OF_HEAD + body


def _some(speaking: ssl.SSLSocket) -> bytes:
    received = speaking.recv(65_536)
    if not received:
        raise ConnectionAbortedError  # the client has hung up
    return received

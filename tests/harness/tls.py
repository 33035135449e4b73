"""An authority of a test's own, and a relay that speaks TLS in front of a real server."""

import contextlib
import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_LIFE = datetime.timedelta(days=1)


class Certificate:
    """A self-signed certificate for `host`: it is its own authority, which `path` is for."""

    def __init__(self, folder: Path, host: str, *, ended: bool = False) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A test's own")])
        begins = datetime.datetime.now(datetime.UTC) - (3 * _LIFE if ended else _LIFE)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(begins)
            .not_valid_after(begins + 2 * _LIFE)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        folder.mkdir()
        self.path = folder / "certificate.pem"
        self.path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        private = folder / "key.pem"
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.path, private)


@contextlib.contextmanager
def relay(certificate: Certificate, connect: Callable[[], socket.socket]) -> Iterator[int]:
    """Yield a port of localhost that speaks TLS, and passes on what is said to `connect()`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(
            target=_accept, args=(listener, certificate.context, connect), daemon=True
        ).start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)


def _accept(
    listener: socket.socket, context: ssl.SSLContext, connect: Callable[[], socket.socket]
) -> None:
    while True:
        try:
            accepted, _ = listener.accept()
        except OSError:  # the test has ended
            return
        with contextlib.suppress(OSError):  # a client that does not trust us hangs up
            speaking = context.wrap_socket(accepted, server_side=True)
            try:
                behind = connect()
            except OSError:
                speaking.close()
                raise
            for ends in ((speaking, behind), (behind, speaking)):
                threading.Thread(target=_pass_on, args=ends, daemon=True).start()


def _pass_on(source: socket.socket, destination: socket.socket) -> None:
    with contextlib.suppress(OSError), source, destination:
        while received := source.recv(65536):
            destination.sendall(received)

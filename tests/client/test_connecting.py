"""Where the API cannot be reached, one sentence says what to do about it."""

import os
import socket
import sys
from pathlib import Path

import msgspec
import pytest

from screening.client import ScreeningClient
from screening.vocabulary.errors import Unknown
from screening.vocabulary.kit import Kit
from tests.client.conftest import PHONE, Check, Document, GenScreen, WriteKit
from tests.client.peer import Peer
from tests.harness.processes import eventually, held_by
from tests.harness.tls import Certificate, relay

TIMEOUT_MS = 20_000


def refusal(check: Check, kit: Kit) -> str:
    """Return why there is no answer."""
    with pytest.raises(Unknown) as unknown:
        check(kit, [PHONE], timeout_ms=TIMEOUT_MS)
    assert unknown.value.reason == "connection"
    assert unknown.value.__cause__ is unknown.value.__context__ is None
    return str(unknown.value)


def kit_at(kit: Kit, url: str) -> Kit:
    """Return the kit with another address."""
    return msgspec.structs.replace(kit, api_url=url)


def connected_to(peer: Peer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", peer.port))


def test_an_authority_of_ones_own_is_believed_when_ssl_cert_file_names_it(
    check: Check, kit: Kit, peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = Certificate(tmp_path / "own", "localhost")
    with relay(certificate, lambda: connected_to(peer)) as port:
        kit = kit_at(kit, f"https://localhost:{port}")
        said = refusal(check, kit)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
        assert check(kit, [PHONE], timeout_ms=TIMEOUT_MS).results == ("no_match",)
    assert said.startswith(f"the certificate of https://localhost:{port} is not trusted; ")
    assert "SSL_CERT_FILE" in said


@pytest.mark.parametrize(
    ("host", "ended", "why"),
    [("api.example", False, "is for another host name"), ("localhost", True, "is out of date")],
)
def test_a_certificate_that_is_anothers_or_has_ended_is_said_to_be(
    check: Check,
    kit: Kit,
    peer: Peer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    ended: bool,
    why: str,
) -> None:
    certificate = Certificate(tmp_path / "another", host, ended=ended)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    with relay(certificate, lambda: connected_to(peer)) as port:
        assert why in refusal(check, kit_at(kit, f"https://localhost:{port}"))


def test_a_port_without_tls_is_said_to_have_none(check: Check, kit: Kit, peer: Peer) -> None:
    said = refusal(check, kit_at(kit, peer.url.replace("http:", "https:")))
    assert "did not answer in TLS" in said


def test_a_port_where_nobody_listens_is_said_to_be_one(check: Check, kit: Kit) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert refusal(check, kit_at(kit, f"http://127.0.0.1:{port}")).startswith("nobody listens at ")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at its own open files")
def test_a_handshake_that_nobody_answers_in_time_leaves_no_connection_open(kit: Kit) -> None:
    def connections() -> int:
        return sum(one.startswith("socket:") for one in held_by(os.getpid()))

    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent_kit = kit_at(kit, f"https://127.0.0.1:{silent.getsockname()[1]}")
        with ScreeningClient(silent_kit, timeout_ms=200) as client:
            before = connections()
            for _ in range(3):
                with pytest.raises(Unknown) as unknown:
                    client.check([PHONE])
                assert unknown.value.reason == "timeout"
            eventually(lambda: connections() == before, within_s=10, what="no connection more")


def test_a_host_that_no_name_service_knows_is_said_to_be_one(check: Check, kit: Kit) -> None:
    said = refusal(check, kit_at(kit, "https://no-such-host.test"))
    assert said.startswith("the host name of https://no-such-host.test is not known here")


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_of_authorities_that_is_none_is_a_sentence(
    gen_screen: GenScreen,
    kit_document: Document,
    write_kit: WriteKit,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: str | None,
) -> None:
    path = tmp_path / "authorities.pem"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    done = gen_screen("check", "--kit", write_kit(kit_document), ":".join(PHONE))
    assert done.code == 69
    assert "SSL_CERT_FILE" in done.err
    assert len(done.err.splitlines()) == 1

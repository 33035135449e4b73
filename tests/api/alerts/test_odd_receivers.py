"""Receivers that answer slowly, never, too much or as somebody else: no alert is lost to them."""

import contextlib
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.api.alerts.telling import Told
from tests.harness.odd_receiver import receiving_oddly
from tests.harness.receiver import SECRET, Receiver, receiving
from tests.harness.tls import Certificate, relay

RECEIPT = "a" * 26


def never(connected: socket.socket) -> None:
    """Wait until the sender gives up."""
    connected.recv(1)


def byte_by_byte(connected: socket.socket) -> None:
    """Send a byte now and then, each within the time-out of one step, and never an end."""
    connected.settimeout(0.05)
    while True:
        connected.sendall(b"H")
        with contextlib.suppress(TimeoutError):
            if not connected.recv(1):
                return


def headers_without_end(connected: socket.socket) -> None:
    connected.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connected.sendall(b"x-more: and more\r\n")


def nonsense(connected: socket.socket) -> None:
    connected.sendall(bytes(range(256)))


def nothing(connected: socket.socket) -> None:
    del connected


def elsewhere(connected: socket.socket) -> None:
    connected.sendall(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\n\r\n")


def only_begun(connected: socket.socket) -> None:
    connected.sendall(b"HTTP/1.1 102 Processing\r\n\r\n")


@pytest.mark.parametrize(
    "behave",
    [never, byte_by_byte, headers_without_end, nonsense, nothing, elsewhere, only_begun],
)
def test_what_is_not_taken_waits_and_arrives_elsewhere_under_the_same_id(
    tmp_path: Path, behave: Callable[[socket.socket], None], capsys: pytest.CaptureFixture[str]
) -> None:
    with receiving_oddly(behave) as url:
        told = Told(tmp_path, url, timeout_s=0.3)
        told.canary(RECEIPT)
        told.beat()
    (waiting,) = told.outbox.waiting()
    assert told.value("screening_alarms_total", what="webhook_failing") == 1
    assert told.value("screening_alerts_sent_total") == 0
    logged = capsys.readouterr().out
    assert "a webhook is not taken" in logged
    assert not any(one in logged for one in (SECRET, SECRET[6:], RECEIPT, url, "acme"))
    with receiving() as receiver:
        Told(tmp_path, receiver.url).beat()
        assert receiver.attempts == [waiting]
        assert [one["data"]["receipt"] for one in receiver.events.values()] == [RECEIPT]


def test_where_there_is_no_answer_the_others_are_not_tried_in_the_same_round(
    tmp_path: Path,
) -> None:
    asked: list[socket.socket] = []

    def hang_up(connected: socket.socket) -> None:
        asked.append(connected)

    with receiving_oddly(hang_up) as url:
        told = Told(tmp_path, url)
        for letter in "abc":  # each would cost the whole time-out
            told.canary(letter * 26)
        told.beat()
        assert len(asked) == 1
        told.beat()
        assert len(asked) == 2  # the next one: the first waits for its pause to be over
    assert len(told.outbox.waiting()) == 3


def endless_body(connected: socket.socket) -> None:
    connected.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connected.sendall(bytes(65_536))


def body_that_never_comes(connected: socket.socket) -> None:
    connected.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n")
    connected.recv(1)


@pytest.mark.parametrize("behave", [endless_body, body_that_never_comes])
def test_any_2xx_takes_it_whatever_follows_and_the_next_is_not_held_up(
    tmp_path: Path, behave: Callable[[socket.socket], None]
) -> None:
    with receiving_oddly(behave) as url:
        told = Told(tmp_path, url, timeout_s=5)
        for letter in "ab":
            told.canary(letter * 26)
        told.beat()
    assert told.outbox.waiting() == []
    assert told.value("screening_alerts_sent_total") == 2


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("host", ["localhost", "other.example"])
def test_a_receiver_is_believed_by_its_certificate_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, trusted: bool, host: str
) -> None:
    certificate = Certificate(tmp_path / "tls", host)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    with receiving() as receiver, relay(certificate, lambda: connected_to(receiver)) as port:
        told = Told(tmp_path, f"https://localhost:{port}/alerts")
        told.canary(RECEIPT)
        told.beat()
        is_it = trusted and host == "localhost"
        assert (len(receiver.events), len(told.outbox.waiting())) == ((1, 0) if is_it else (0, 1))
        assert len(receiver.attempts) == is_it  # not even a byte of it


def connected_to(receiver: Receiver) -> socket.socket:
    return socket.create_connection(("127.0.0.1", receiver.server.server_port))


def test_what_was_taken_and_cannot_be_removed_is_not_sent_again_at_each_beat(
    tmp_path: Path,
) -> None:
    with receiving() as receiver:
        told = Told(tmp_path, receiver.url)
        told.canary(RECEIPT)
        told.canary("b" * 26)
        assert told.alerts.write_down()
        names = told.outbox.waiting()
        for name in names:  # in the way of what was sent: a folder is replaced by no file
            (tmp_path / "outbox" / f"{name}.sent").mkdir()
        for _ in range(5):
            told.sending.beat()
        assert sorted(receiver.attempts) == sorted(names)
        assert told.value("screening_alarms_total", what="webhook_failing") == 2
        told.clock.now += 300
        told.sending.beat()
        assert len(receiver.attempts) == 4  # never given up, and under the same ids
        assert len(receiver.events) == 2

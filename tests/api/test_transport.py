"""What is not HTTP, or lies about itself, gets a problem or a closed connection, never a 5xx."""

import json
from contextlib import ExitStack
from pathlib import Path

import pytest

from screening.connections.http_connection import MAX_HEAD_BYTES
from tests.api.raw_http import JSON, Connection, RawResponse, request_head
from tests.api.standing import TEST_LISTED, Standing, encode
from tests.harness.processes import eventually


def require_refusal(response: RawResponse) -> None:
    """Fail where it is not our problem with our headers."""
    assert response.problem()["code"] == "invalid_request"
    assert response.status == 400
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-request-id"]


NOT_HTTP = {
    "noise": b"\x00\x01\x02\xff\r\n\r\n",
    "TLS": bytes.fromhex("16030100c8010000c40303") + bytes(64),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "an unknown method": b"FROB /livez HTTP/1.1\r\nHost: a\r\n\r\n",
    "a tunnel": b"CONNECT other.example:80 HTTP/1.1\r\nHost: a\r\n\r\n",
    "bytes in the path": b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
    "no version": b"GET /livez HTTP/\r\nHost: a\r\n\r\n",
    "a space in a header's name": b"GET /livez HTTP/1.1\r\nX Y: z\r\n\r\n",
    "NUL in a header": b"GET /livez HTTP/1.1\r\nX: a\x00b\r\n\r\n",
    "a folded header": b"GET /livez HTTP/1.1\r\nX: a\r\n b\r\n\r\n",
    "a bare line feed": b"GET /livez HTTP/1.1\nX: a\n\n",
    "two lengths": b"POST /v1/check HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a negative length": b"POST /v1/check HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    "a signed length": b"POST /v1/check HTTP/1.1\r\nContent-Length: +1\r\n\r\na",
    "a length beyond 64 bits": b"POST /v1/check HTTP/1.1\r\nContent-Length: 1"
    + b"0" * 30
    + b"\r\n\r\n",
    "length and chunks": b"POST /v1/check HTTP/1.1\r\nContent-Length: 5\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "an encoding that is none": b"POST /v1/check HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
    "nothing but line feeds": b"\r\n" * 18_000,
}


@pytest.mark.parametrize("content", NOT_HTTP.values(), ids=NOT_HTTP)
def test_what_cannot_be_read_as_http_is_refused_in_our_form(
    standing: Standing, content: bytes
) -> None:
    with Connection(standing.api.url) as connection:
        connection.send(content)
        require_refusal(connection.response())
        assert connection.is_closed()


def test_a_head_that_does_not_end_is_cut_off(standing: Standing) -> None:
    with Connection(standing.api.url) as connection:
        connection.send(b"GET /livez HTTP/1.1\r\nX-Filler: ")
        for _ in range(64):
            connection.send(b"a" * 1_024)
            if connection.is_answered(within_s=0.02):
                break
        require_refusal(connection.response())
        assert connection.is_closed()


@pytest.mark.parametrize("pieces", [1, 2_000])
@pytest.mark.parametrize("part", ["path", "headers"])
def test_a_head_is_bounded_to_the_byte_however_it_arrives(
    standing: Standing, part: str, pieces: int
) -> None:
    for excess, status in ((0, 404 if part == "path" else 200), (1, 400)):
        head = head_of_size(MAX_HEAD_BYTES + excess, part)
        size = -(-len(head) // pieces)
        with Connection(standing.api.url) as connection:
            for start in range(0, len(head), size):
                connection.send(head[start : start + size])
            response = connection.response()
        assert response.status == status
        if excess:
            require_refusal(response)


def head_of_size(size: int, part: str) -> bytes:
    """Return a request whose path and headers count for `size` bytes."""
    path, host = "/livez", len("Host") + len("api.example") + 4
    if part == "path":
        return request_head("GET", "/" + "a" * (size - host - 1), {})
    left = size - host - len(path)
    fillers = {f"X-{number:03}": "a" * 91 for number in range(left // 100 - 1)}
    last = left - 100 * len(fillers) - len("X-Last") - 4
    return request_head("GET", path, {**fillers, "X-Last": "a" * last})


SILENCES = {
    "nothing": (b"", None),
    "line feeds": (b"\r\n", None),
    "half a head": (b"GET /livez HTTP/1.1\r\nHost: a\r\n", 408),
    "half a head after an answer": (request_head("GET", "/livez", {}) + b"GET /livez", 408),
    "half a body after its answer": (request_head("GET", "/livez", {}, length=9) + b"a", None),
}


@pytest.mark.slow
def test_a_connection_on_which_no_head_arrives_is_ended_in_time(standing: Standing) -> None:
    with ExitStack() as stack:
        silent = {
            name: (stack.enter_context(Connection(standing.api.url)), *silence)
            for name, silence in SILENCES.items()
        }
        for connection, content, _ in silent.values():
            connection.send(content)
        # All of them at once: each takes ten seconds.
        for name, (connection, content, status) in silent.items():
            if b"\r\n\r\n" in content:
                assert connection.response().status == 200, name
            if name == "half a body after its answer":
                connection.send(b"b")  # what arrives is no sign of life: no head is among it
            response = connection.find_response()
            assert (response.status if response else None) == status, name
            if response:
                assert response.problem()["code"] == "request_timeout"
            assert connection.is_closed(), name


@pytest.mark.slow
def test_a_peer_that_does_not_take_its_answers_is_given_up(standing: Standing) -> None:
    with Connection(standing.api.url) as connection:
        # Some 20 MB of answers: far more than both ends' systems have room for.
        connection.send(request_head("GET", "/openapi.json", {}) * 400)
        eventually(
            lambda: not is_established(connection), within_s=30, what="the end of the connection"
        )


def is_established(connection: Connection) -> bool:
    """Tell whether the server has not closed its end (Linux)."""
    remote = f":{connection.local_port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    return any(row[2].endswith(remote) and row[3] == "01" for row in rows)


def test_a_chunk_that_is_none_is_refused(standing: Standing) -> None:
    headers = {**standing.tester.headers, **JSON, "Transfer-Encoding": "chunked"}
    with Connection(standing.api.url) as connection:
        connection.send(request_head("POST", "/v1/check", headers) + b"xyz\r\n\r\n")
        require_refusal(connection.response())


@pytest.mark.parametrize(("route", "limit"), [("check", 16 * 1024), ("bulk", 2 * 1024 * 1024)])
def test_a_length_over_the_limit_is_refused_before_a_byte_of_the_body(
    standing: Standing, route: str, limit: int
) -> None:
    headers = {**standing.tester.headers, **JSON}
    for length in (limit + 1, 10**12, 2**63):
        with Connection(standing.api.url) as connection:
            connection.send(request_head("POST", f"/v1/{route}", headers, length=length))
            response = connection.response()
        assert (response.status, response.problem()["code"]) == (413, "content_too_large")


def test_chunks_without_end_are_refused_at_the_limit(standing: Standing) -> None:
    headers = {**standing.tester.headers, **JSON, "Transfer-Encoding": "chunked"}
    chunk = b"1000\r\n" + b"[" * 4_096 + b"\r\n"
    with Connection(standing.api.url) as connection:
        connection.send(request_head("POST", "/v1/check", headers) + 5 * chunk)
        response = connection.response()
    assert (response.status, response.problem()["code"]) == (413, "content_too_large")


def test_a_stranger_is_refused_without_their_body_being_waited_for(standing: Standing) -> None:
    with Connection(standing.api.url) as connection:
        connection.send(request_head("POST", "/v1/bulk", JSON, length=1_000_000))
        assert connection.response().status == 401


def test_a_body_shorter_than_its_length_is_never_answered_as_a_question(
    standing: Standing,
) -> None:
    body = encode(standing.tester.body(*TEST_LISTED))
    headers = {**standing.tester.headers, **JSON}
    with Connection(standing.api.url) as connection:
        connection.send(request_head("POST", "/v1/check", headers, length=len(body) + 1) + body)
        connection.end_sending()
        response = connection.find_response()
    assert response is None or response.status == 400


@pytest.mark.slow
def test_a_body_that_does_not_arrive_is_not_waited_for_without_end(standing: Standing) -> None:
    body = encode(standing.tester.body(*TEST_LISTED))
    headers = {**standing.tester.headers, **JSON}
    with Connection(standing.api.url) as connection:
        connection.send(request_head("POST", "/v1/check", headers, length=len(body)) + body[:-1])
        response = connection.response()
    assert (response.status, response.problem()["code"]) == (408, "request_timeout")


def test_a_body_longer_than_its_length_is_cut_there_and_the_rest_is_no_request(
    standing: Standing,
) -> None:
    body = encode(standing.tester.body(*TEST_LISTED))
    headers = {**standing.tester.headers, **JSON}
    with Connection(standing.api.url) as connection:
        connection.send(request_head("POST", "/v1/check", headers, length=len(body) - 1) + body)
        statuses = []
        while (response := connection.find_response()) is not None:
            statuses.append(response.status)
            assert response.problem()["code"] == "invalid_request"
    assert statuses
    assert set(statuses) == {400}


def test_a_client_that_waits_for_leave_to_send_gets_it_only_when_it_is_known(
    standing: Standing,
) -> None:
    body = encode(standing.tester.body(*TEST_LISTED))
    expecting = {**JSON, "Expect": "100-continue"}
    with Connection(standing.api.url) as connection:
        head = request_head(
            "POST", "/v1/check", {**standing.tester.headers, **expecting}, length=len(body)
        )
        connection.send(head)
        assert connection.is_answered(within_s=5)  # with leave to send, and nothing else yet
        connection.send(body)
        assert connection.response().status == 200
    with Connection(standing.api.url) as connection:
        connection.send(request_head("POST", "/v1/check", expecting, length=len(body)))
        assert connection.response().status == 401


def test_a_body_that_breaks_is_refused_once_under_the_id_that_is_told(standing: Standing) -> None:
    before = len(standing.api.process.logged())
    chunked = {**standing.tester.headers, **JSON, "Transfer-Encoding": "chunked"}
    with Connection(standing.api.url) as connection:
        connection.send(request_head("POST", "/v1/check", chunked) + b"ZZ\r\n")
        refused = connection.response()
    assert refused.status == 400
    for _ in range(4):  # by every worker, behind whatever it still has to say
        later = standing.client.get("/nowhere").headers["x-request-id"]
    eventually(lambda: later in standing.api.process.logged(), what="later lines")
    lines = map(json.loads, standing.api.process.logged()[before:].splitlines())
    told = [one["request_id"] for one in lines if one.get("code") == "invalid_request"]
    assert told == [refused.headers["x-request-id"]]


@pytest.mark.parametrize(
    "line_and_host",
    [
        b"GET /livez HTTP/1.1\r\n",
        b"GET /livez HTTP/1.1\r\nhost: a\r\nhost: b\r\n",
        b"GET /livez HTTP/1.0\r\nhost: a\r\nhost: b\r\n",
        b"GET /livez HTTP/2.0\r\nhost: a\r\n",
        b"POST /v1/check HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n",
        b"POST /v1/check HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n",
    ],
)
def test_what_is_no_request_of_http_1_is_refused_and_the_connection_ended(
    standing: Standing, line_and_host: bytes
) -> None:
    with Connection(standing.api.url) as connection:
        connection.send(line_and_host + b"\r\n")
        assert connection.response().status == 400
        assert connection.is_closed()


def test_http_1_0_needs_no_host(standing: Standing) -> None:
    with Connection(standing.api.url) as connection:
        connection.send(b"GET /livez HTTP/1.0\r\n\r\n")
        assert connection.response().status == 200
        assert connection.is_closed()


@pytest.mark.parametrize("path", ["/v1%2fcheck", "/v1/%63heck", "/%6civez"])
def test_another_spelling_of_a_path_is_another_path(standing: Standing, path: str) -> None:
    assert standing.client.get(path).status_code == 404

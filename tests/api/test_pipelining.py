"""Several requests on one connection, and one that ends early: each is answered, in order."""

import json

import pytest

from screening.connections.http_connection import MAX_WAITING_REQUESTS
from tests.api.raw_http import Connection, request_head
from tests.api.standing import TEST_LISTED, Standing, encode


def _question(standing: Standing) -> bytes:
    body = encode(standing.tester.body(TEST_LISTED[0]))
    headers = {**standing.tester.headers, "Content-Type": "application/json"}
    return request_head("POST", "/v1/check", headers, length=len(body)) + body


CHUNKED = b"POST /v1/check HTTP/1.1\r\nhost: api\r\ntransfer-encoding: chunked\r\n\r\n"
BAD_CHUNK = CHUNKED + b"5\r\nabcde\r\nno\r\n"


@pytest.mark.parametrize(
    "behind",
    [
        b"\0garbage\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        BAD_CHUNK,
    ],
    ids=["garbage", "a head too long", "a bad chunk"],
)
@pytest.mark.parametrize("count", [1, 3])
def test_what_cannot_be_read_is_refused_behind_the_answers_to_what_came_before(
    standing: Standing, count: int, behind: bytes
) -> None:
    with Connection(standing.api.url) as connection:
        connection.send(_question(standing) * count + behind)
        for _ in range(count):
            response = connection.response()
            assert response.status == 200
            assert b'"result":"match"' in response.body
        assert connection.response().status == 400
        assert connection.is_closed()


def test_more_requests_than_may_wait_in_line_are_refused_behind_the_answers_to_those_before(
    standing: Standing,
) -> None:
    with Connection(standing.api.url) as connection:
        connection.send(b"GET /livez HTTP/1.1\r\nhost: api\r\n\r\n" * 2_000)
        statuses = []
        while (response := connection.find_response()) is not None:
            statuses.append(response.status)
    assert statuses == [200] * (1 + MAX_WAITING_REQUESTS) + [503]


@pytest.mark.parametrize("count", [1, 4])
def test_a_peer_that_sends_no_more_is_answered_all_it_has_asked(
    standing: Standing, count: int
) -> None:
    with Connection(standing.api.url) as connection:
        connection.send(_question(standing) * count)
        connection.end_sending()
        for _ in range(count):
            assert connection.response().status == 200
        assert connection.find_response() is None


def test_a_peer_that_ends_within_a_second_body_is_answered_the_first(standing: Standing) -> None:
    with Connection(standing.api.url) as connection:
        connection.send(_question(standing) * 2 + _question(standing)[:-5])
        connection.end_sending()
        assert [connection.response().status for _ in range(2)] == [200, 200]
        assert connection.find_response() is None


def test_a_peer_that_resets_amid_its_answers_is_no_failure(standing: Standing) -> None:
    before = standing.api.process.logged()
    for count in (2, 8):
        for _ in range(10):
            with Connection(standing.api.url) as connection:
                connection.send(_question(standing) * count)
                connection.reset()
    with Connection(standing.api.url) as connection:  # behind all of those
        connection.send(_question(standing))
        assert connection.response().status == 200
    logged = standing.api.process.logged().removeprefix(before)
    assert "Traceback" not in logged
    assert "ERROR" not in logged


def test_the_log_names_no_caller_of_the_request_before(standing: Standing) -> None:
    nobody = b"POST /v1/check HTTP/1.1\r\nhost: api\r\ncontent-length: 0\r\n\r\n"
    with Connection(standing.api.url) as connection:
        connection.send(_question(standing) + nobody)
        assert connection.response().status == 200
        refused = connection.response()
    assert refused.status == 401
    lines = standing.api.process.logged().splitlines()
    (event,) = [json.loads(line) for line in lines if refused.headers["x-request-id"] in line]
    assert not {"partner", "api_key"} & event.keys()


def test_a_peer_that_ends_within_a_body_gets_no_answer(standing: Standing) -> None:
    with Connection(standing.api.url) as connection:
        connection.send(_question(standing)[:-5])
        connection.end_sending()
        assert connection.find_response() is None

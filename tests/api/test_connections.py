"""Connections: how long they last, in what order they answer, and under which ids."""

import json
import os
import socket
from itertools import pairwise
from urllib.parse import urlsplit

import pytest

from tests.api.raw_http import JSON, Connection, request_head
from tests.api.standing import TEST_LISTED, Standing, encode


def test_a_connection_is_kept_over_answers_and_refusals(standing: Standing) -> None:
    body = encode(standing.tester.body(*TEST_LISTED))
    headers = {**standing.tester.headers, **JSON}
    with Connection(standing.api.url) as connection:
        for content, status in ((body, 200), (b"{", 400), (body, 200), (b" " * 20_000, 413)) * 2:
            head = request_head("POST", "/v1/check", headers, length=len(content))
            connection.send(head + content)
            assert connection.response().status == status


@pytest.mark.parametrize(("method", "length"), [("GET", 15), ("HEAD", 0)])
def test_an_answer_leaves_in_one_piece(standing: Standing, method: str, length: int) -> None:
    parts = urlsplit(standing.api.url)
    with socket.create_connection((parts.hostname, parts.port), 10) as connection:
        for _ in range(3):
            connection.sendall(request_head(method, "/livez", {}))
            head, _, body = connection.recv(1 << 16).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 OK\r\n")
            assert len(body) == length


def test_the_head_of_an_answer_without_a_body_leaves_before_the_end(standing: Standing) -> None:
    for last in (
        b"HEAD /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"HEAD /livez HTTP/1.0\r\n\r\n",
    ):
        parts = urlsplit(standing.api.url)
        with socket.create_connection((parts.hostname, parts.port), 10) as connection:
            connection.sendall(last)
            received = b"".join(iter(lambda: connection.recv(1 << 16), b""))
        assert received.startswith(b"HTTP/1.1 200 OK\r\n")


def test_pipelined_questions_are_answered_in_order(standing: Standing) -> None:
    headers = {**standing.tester.headers, **JSON}
    bodies = [encode(standing.tester.body(*TEST_LISTED[:count])) for count in (1, 2, 3)]
    with Connection(standing.api.url) as connection:
        connection.send(
            b"".join(
                request_head("POST", "/v1/check", headers, length=len(body)) + body
                for body in bodies
            )
        )
        answers = [connection.response().body for _ in bodies]
    assert [answer.count(b'"match"') for answer in answers] == [2, 3, 4]


def test_ids_of_requests_are_unique_and_no_count(standing: Standing) -> None:
    ids = [standing.client.get("/livez").headers["x-request-id"] for _ in range(64)]
    assert len(set(ids)) == 64
    assert {len(request_id) for request_id in ids} == {16}
    steps = {int(after, 16) - int(before, 16) for before, after in pairwise(ids)}
    assert len(steps) == 63, "a count would tell partners how much the others ask"


def test_a_refusal_can_be_found_in_the_logs_by_its_id(standing: Standing) -> None:
    sent = os.urandom(8).hex()
    refused = standing.client.get("/nowhere", headers={"x-request-id": sent})
    assert refused.headers["x-request-id"] != sent, "the id is ours"
    logged = standing.api.process.logged()
    assert refused.headers["x-request-id"] in logged
    assert sent not in logged


def test_the_log_names_who_was_refused_by_partner_and_id_of_the_api_key(standing: Standing) -> None:
    body = standing.tester.body(TEST_LISTED[0]) | {"key_check": "AAAAAAAAAAA="}
    refused = standing.client.post("/v1/check", json=body, headers=standing.tester.headers)
    assert refused.status_code == 409
    (event,) = [
        json.loads(line)
        for line in standing.api.process.logged().splitlines()
        if refused.headers["x-request-id"] in line
    ]
    api_key = standing.tester.kit.parsed_api_key()
    assert (event["code"], event["partner"]) == ("kit_mismatch", standing.tester.kit.partner)
    assert event["api_key"] == api_key.id
    assert api_key.text not in json.dumps(event)


@pytest.mark.parametrize("protocol", ["h2c", "websocket"])
def test_an_offer_to_upgrade_is_ignored_and_the_question_answered(
    standing: Standing, protocol: str
) -> None:
    # Java's client offers h2c with every request over plain http.
    upgrade = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": protocol, "HTTP2-Settings": "A"}
    headers = {**standing.tester.headers, **JSON, **upgrade}
    body = encode(standing.tester.body(*TEST_LISTED))
    head = request_head("POST", "/v1/check", headers, length=len(body))
    with Connection(standing.api.url) as connection:
        for content in (head + body, head + body):
            connection.send(content)
            assert connection.response().status == 200
        for part in (head[:40], head[40:], body[:10], body[10:]):
            connection.send(part)
        assert connection.response().status == 200


@pytest.mark.parametrize(
    "ends", [b"HTTP/1.0\r\nconnection: upgrade\r\n", b"HTTP/1.1\r\nconnection: upgrade, close\r\n"]
)
def test_a_connection_that_is_to_end_ends_behind_an_offer_to_upgrade_too(
    standing: Standing, ends: bytes
) -> None:
    with Connection(standing.api.url) as connection:
        connection.send(b"GET /livez " + ends + b"host: a\r\nupgrade: h2c\r\n\r\n")
        assert connection.response().status == 200
        assert connection.is_answered(within_s=5)  # sooner than an idle connection is ended
        assert connection.is_closed()

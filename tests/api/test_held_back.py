"""A caller who holds a request back gains nothing: no place, no memory, no answer to an old key."""

import json
from contextlib import ExitStack
from typing import Any

import msgspec
import pytest

from screening.registry.record import open_record, sign_record
from screening.store import keys
from screening.store.signed import Signer
from tests.api.raw_http import Connection
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.processes import eventually
from tests.harness.slow import slow_but_first
from tests.harness.valkey import Valkey

NOT_LISTED = ("phone", "+1 202 555 0177")
SHARE = 3
BULK_PLACES = 8


@pytest.fixture
def acme(deployed: Deployed) -> Partner:
    deployed.publish([("phone", "+1 202 555 0142", "trafficker")])
    return deployed.add_partner("acme", "--stretch", "light")


@pytest.fixture
def api(deployed: Deployed, acme: Partner) -> Api:
    running = deployed.serve()
    deployed.wait_ready(running)
    eventually(lambda: acme.ask(running, NOT_LISTED).status_code == 200, what="a first answer")
    return running


def request_of(acme: Partner, route: str = "check") -> tuple[bytes, bytes]:
    """Return head and body of a good question, or of a request about an answer nobody has."""
    about: dict[str, dict[str, Any]] = {
        "receipts/proof": {"receipt": "a" * 26},
        "feedback": {"receipt": "a" * 26, "outcome": "false"},
    }
    body = json.dumps(about.get(route) or acme.body(NOT_LISTED)).encode()
    lines = [f"POST /v1/{route} HTTP/1.1", "host: api", "content-type: application/json"]
    lines += [f"authorization: Bearer {acme.kit.api_key}", f"content-length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode(), body


def suspend(deployed: Deployed, valkey: Valkey, name: str) -> None:
    """Put the signed record in force that suspends a partner, as its indexer would."""
    signer = Signer((deployed.indexer_home / "keyring" / "signing.key").read_bytes())
    with valkey.client() as client:
        document = client.hget(keys.PARTNERS, name)
        assert isinstance(document, bytes)
        record = open_record(document, name, signer.verifier())
        suspended = msgspec.structs.replace(record, state="suspended", sequence=record.sequence + 1)
        client.hset(keys.PARTNERS, name, sign_record(suspended, signer))


@slow_but_first(1, "route", ["check", "receipts/proof", "feedback"])
def test_a_key_that_is_revoked_while_the_body_is_on_its_way_is_refused(
    deployed: Deployed, valkey: Valkey, acme: Partner, api: Api, route: str
) -> None:
    head, body = request_of(acme, route)
    with Connection(api.url) as connection:
        connection.send(head + body[:-10])
        suspend(deployed, valkey, "acme")
        eventually(lambda: acme.ask(api, NOT_LISTED).status_code == 401, what="the suspension")
        connection.send(body[-10:])
        assert connection.response().status == 401


@pytest.mark.slow
def test_a_body_that_does_not_arrive_is_given_up(acme: Partner, api: Api) -> None:
    head, body = request_of(acme)
    with Connection(api.url, timeout_s=30) as connection:
        connection.send(head + body[:-10])
        response = connection.response()
    assert response.status == 408
    assert response.problem()["code"] == "request_timeout"


def test_a_partner_whose_bodies_do_not_arrive_keeps_no_other_out(
    deployed: Deployed, acme: Partner
) -> None:
    other = deployed.add_partner("other", "--stretch", "light")
    api = deployed.serve(SCREENING_MAX_IN_FLIGHT=str(2 * SHARE))
    for partner in (acme, other):
        eventually(lambda p=partner: p.ask(api, NOT_LISTED).status_code == 200, what="a list")  # type: ignore[misc]  # a default binds it
    head, body = request_of(acme)
    with ExitStack() as stack:
        slow = [stack.enter_context(Connection(api.url)) for _ in range(SHARE)]
        for connection in slow:
            connection.send(head + body[:-10])
        eventually(lambda: acme.ask(api, NOT_LISTED).status_code == 503, what="all its places")
        refused = acme.ask(api, NOT_LISTED)
        assert refused.json()["reason"] == "overloaded"
        assert int(refused.headers["retry-after"]) >= 1
        assert other.results(api, NOT_LISTED) == ["no_match"]
        for connection in slow:
            connection.send(body[-10:])
            assert connection.response().status == 200
    assert acme.results(api, NOT_LISTED) == ["no_match"]


@pytest.mark.parametrize("route", ["check", "bulk"])
@pytest.mark.slow
def test_two_partners_whose_bodies_do_not_arrive_keep_no_third_out(
    deployed: Deployed, route: str
) -> None:
    *both, third = (added(deployed, name) for name in ("acme", "beta", "gamma"))
    api = serve_few(deployed, [*both, third])
    with ExitStack() as stack:
        slow = [one for partner in both for one in held_back(stack, api, partner, route)]
        for partner in both:
            wait_until_refused(api, partner, route)
        for _ in range(3):
            assert third.ask(api, NOT_LISTED, route=route).status_code == 200
            assert third.results(api, NOT_LISTED) == ["no_match"]
        for connection, rest in slow:
            connection.send(rest)
            assert connection.response().status == 200
    for partner in both:
        assert partner.ask(api, NOT_LISTED, route=route).status_code == 200


@pytest.mark.parametrize("route", ["check", "bulk"])
@pytest.mark.slow
def test_a_partner_and_its_test_partner_have_the_places_of_one(
    deployed: Deployed, route: str
) -> None:
    acme, other = added(deployed, "acme"), added(deployed, "other")
    rehearsing = added(deployed, "acme-test", "--test")
    api = serve_few(deployed, [acme, rehearsing, other])
    with ExitStack() as stack:
        held_back(stack, api, acme, route)
        wait_until_refused(api, rehearsing, route)
        # And the other half is for others, not only a place at least.
        for connection, rest in held_back(stack, api, other, route):
            connection.send(rest)
            assert connection.response().status == 200


def added(deployed: Deployed, name: str, *options: str) -> Partner:
    return deployed.add_partner(name, "--stretch", "light", "--scopes", "check,bulk", *options)


def serve_few(deployed: Deployed, partners: list[Partner]) -> Api:
    """Serve them with as many places for checks as for bulk requests."""
    deployed.publish([("phone", "+1 202 555 0142", "trafficker")])
    api = deployed.serve(SCREENING_MAX_IN_FLIGHT=str(BULK_PLACES))
    for partner in partners:
        eventually(lambda p=partner: p.ask(api, NOT_LISTED).status_code == 200, what="a list")  # type: ignore[misc]  # a default binds it
    return api


def held_back(
    stack: ExitStack, api: Api, partner: Partner, route: str
) -> list[tuple[Connection, bytes]]:
    """Take all places of a partner by bodies whose end is still to be sent; return it beside."""
    head, body = request_of(partner, route)
    slow = []
    for _ in range(BULK_PLACES // 2):
        connection = stack.enter_context(Connection(api.url))
        connection.send(head + body[:-10])
        slow.append((connection, body[-10:]))
    return slow


def wait_until_refused(api: Api, partner: Partner, route: str) -> None:
    eventually(
        lambda: partner.ask(api, NOT_LISTED, route=route).status_code == 503, what="all its places"
    )
    assert partner.ask(api, NOT_LISTED, route=route).json()["reason"] == "overloaded"


def test_a_trailer_is_no_header(acme: Partner, api: Api) -> None:
    _, body = request_of(acme)
    head = b"POST /v1/check HTTP/1.1\r\nhost: api\r\ncontent-type: application/json\r\n"
    chunk = b"transfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n" % (len(body), body)
    trailer = f"authorization: Bearer {acme.kit.api_key}\r\n\r\n".encode()
    with Connection(api.url) as connection:
        connection.send(head + chunk + trailer)
        assert connection.response().status == 401

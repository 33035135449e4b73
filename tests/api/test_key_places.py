"""Where an API key may be used from: told by the connection, or by a proxy that is trusted.

Connections really come from other addresses of loopback (127.0.0.x), which Linux takes as they are.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from screening.api.proxies import Proxies
from screening.registry.networks import find_address, parse_networks
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.metrics import metric
from tests.harness.processes import eventually
from tests.harness.template import Template
from tests.harness.valkey import Valkey

PROXY = "127.0.0.8"
HOME, ELSEWHERE = "192.0.2.7", "198.51.100.7"
UNLISTED = ("phone", "+12025550143")


@dataclass
class Placed:
    """A partner whose key is bound to two networks, beside a key that is not; behind a proxy."""

    api: Api
    bound: Partner
    free: Partner

    def ask(
        self, partner: Partner, *, source: str, path: str = "/v1/check", **headers: str
    ) -> httpx.Response:
        sent = {**partner.headers, **{name.replace("_", "-"): headers[name] for name in headers}}
        transport = httpx.HTTPTransport(local_address=source)
        with httpx.Client(base_url=self.api.url, transport=transport, timeout=10) as client:
            if path == "/v1/parameters":
                return client.get(path, headers=sent)
            return client.post(path, json=partner.body(UNLISTED), headers=sent)

    def status(self, partner: Partner, *, source: str, **headers: str) -> int:
        return self.ask(partner, source=source, **headers).status_code


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Placed]:
    valkey = Valkey(tmp_path_factory.mktemp("vk"))
    deployed = Deployed(tmp_path_factory.mktemp("placed"), redis_url=valkey.url, template=template)
    try:
        deployed.indexer("init")
        deployed.publish([("phone", "+12025550142", "trafficker")])
        free = deployed.add_partner("acme", "--stretch", "light")
        kit = deployed.folder / "bound.json"
        deployed.indexer(
            *("partner", "key", "add", "acme", "--kit", str(kit)),
            *("--api-url", "http://127.0.0.1:8080"),
            *("--networks", "127.0.0.2,192.0.2.0/24,2001:db8::/48,::ffff:127.0.1.0/120"),
        )
        api = deployed.serve(
            SCREENING_TRUSTED_PROXIES=f"{PROXY} 203.0.113.0/24 ::ffff:127.0.2.0/120"
        )
        deployed.wait_ready(api)
        yield Placed(api, Partner(kit), free)
    finally:
        deployed.close()
        valkey.kill()


def test_a_key_is_accepted_from_its_networks_and_nowhere_else(placed: Placed) -> None:
    assert placed.status(placed.bound, source="127.0.0.2") == 200
    assert placed.status(placed.bound, source="127.0.0.3") == 401
    assert placed.status(placed.free, source="127.0.0.3") == 200


@pytest.mark.parametrize(
    "path", ["/v1/check", "/v1/parameters", "/v1/receipts/proof", "/v1/feedback"]
)
def test_a_key_from_elsewhere_is_answered_as_if_it_were_unknown(placed: Placed, path: str) -> None:
    elsewhere = placed.ask(placed.bound, source="127.0.0.3", path=path)
    wrong = {"authorization": f"Bearer {placed.bound.kit.api_key[:-1]}x"}
    transport = httpx.HTTPTransport(local_address="127.0.0.3")
    with httpx.Client(base_url=placed.api.url, transport=transport) as client:
        method = "GET" if path == "/v1/parameters" else "POST"
        unknown = client.request(method, path, headers=wrong)
    assert elsewhere.status_code == unknown.status_code == 401
    assert elsewhere.content == unknown.content
    names = [list(one.headers) for one in (elsewhere, unknown)]
    assert names[0] == names[1]


def test_a_key_that_is_tried_from_elsewhere_is_an_alarm(placed: Placed) -> None:
    def alarms() -> float:
        return metric(placed.api, "screening_alarms_total", what="key_from_elsewhere")

    before = alarms()
    placed.ask(placed.bound, source="127.0.0.3")
    eventually(lambda: alarms() == before + 1, what="the alarm")
    log = placed.api.process.logged()
    assert placed.bound.kit.parsed_api_key().id in log
    assert placed.bound.kit.api_key not in log


def test_a_trusted_proxy_says_where_a_request_comes_from(placed: Placed) -> None:
    def via(forwarded: str | None) -> int:
        headers = {} if forwarded is None else {"x_forwarded_for": forwarded}
        return placed.status(placed.bound, source=PROXY, **headers)

    assert via(HOME) == 200
    assert via("2001:db8::7") == 200
    assert via(f"::ffff:{HOME}") == 200  # as a socket of both families tells it
    assert via(f"{ELSEWHERE}, {HOME}") == 200
    assert via(f"{HOME}, 203.0.113.5") == 200  # by another proxy of ours
    for refused in (ELSEWHERE, f"{HOME}, {ELSEWHERE}", "unknown", "", "203.0.113.5", f"{HOME},"):
        assert via(refused) == 401, refused
    assert via(None) == 401


def test_networks_in_the_form_of_ipv6_are_those_of_the_ipv4_addresses(placed: Placed) -> None:
    assert placed.status(placed.bound, source="127.0.1.9") == 200
    assert placed.status(placed.bound, source="127.0.2.9", x_forwarded_for=HOME) == 200
    assert placed.status(placed.bound, source="127.0.2.9", x_forwarded_for=ELSEWHERE) == 401


def test_nobody_else_is_believed_to_be_somewhere(placed: Placed) -> None:
    for source in ("127.0.0.1", "127.0.0.3"):
        headers = {"x_forwarded_for": HOME, "forwarded": f"for={HOME}", "x_real_ip": HOME}
        assert placed.status(placed.bound, source=source, **headers) == 401


def test_without_trusted_proxies_no_header_is_read() -> None:
    headers = {b"x-forwarded-for": HOME.encode()}
    assert Proxies().address_behind((ELSEWHERE, 1), headers) == find_address(ELSEWHERE)
    trusting = Proxies(parse_networks([ELSEWHERE]))
    assert trusting.address_behind((ELSEWHERE, 1), headers) == find_address(HOME)
    assert trusting.address_behind(None, headers) is None

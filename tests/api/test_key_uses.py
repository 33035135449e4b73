"""When a key was last used is told to Redis by the minute, and its own rate holds over HTTP."""

import asyncio
import csv
import io
from collections.abc import Iterator

import httpx
import pytest
import redis.asyncio

from screening.api.key_uses import USES_KEPT_S, KeyUses
from screening.store import keys
from tests.api.quotas.spending import Clock, client_of
from tests.harness.deployment import Api, Deployed, Partner, deployed_beside_valkey
from tests.harness.processes import eventually
from tests.harness.template import Template
from tests.harness.valkey import Valkey

KEY = "a" * 12
MINUTE = 1_795_000_020
UNLISTED = ("phone", "+12025550143")


class Worker:
    """What one worker notes and tells; everything within one event loop."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self.steady = Clock(0)
        self.uses = KeyUses(client, self.steady)

    async def tell(self, key: str, at: float) -> None:
        self.uses.used(key, at)
        await self.uses.tell()


def told(valkey: Valkey, key: str = KEY) -> bytes | None:
    with valkey.client() as client:
        found = client.get(keys.key_use(key))
        assert found is None or isinstance(found, bytes)
        return found


def test_a_use_is_told_to_the_minute_and_ends_by_itself(valkey: Valkey) -> None:
    async def run() -> None:
        async with client_of(valkey.socket) as client:
            await Worker(client).tell(KEY, MINUTE + 59.9)

    asyncio.run(run())
    assert told(valkey) == str(MINUTE).encode()
    with valkey.client() as client:
        assert 0 < client.ttl(keys.key_use(KEY)) <= USES_KEPT_S


def test_within_a_minute_redis_is_told_once(valkey: Valkey) -> None:
    async def run() -> None:
        async with client_of(valkey.socket) as client:
            worker = Worker(client)
            await worker.tell(KEY, MINUTE)
            with valkey.client() as other:
                other.delete(keys.key_use(KEY))
            await worker.tell(KEY, MINUTE + 30)
            assert told(valkey) is None
            await worker.tell(KEY, MINUTE + 60)

    asyncio.run(run())
    assert told(valkey) == str(MINUTE + 60).encode()


def test_an_earlier_use_replaces_no_later_one(valkey: Valkey) -> None:
    async def run() -> None:
        async with client_of(valkey.socket) as client:
            await Worker(client).tell(KEY, MINUTE + 600)
            await Worker(client).tell(KEY, MINUTE)

    asyncio.run(run())
    assert told(valkey) == str(MINUTE + 600).encode()


@pytest.mark.parametrize(
    "put",
    [b"", b"x", b"9" * 400, b"1e300", None],
    ids=["empty", "letter", "digits", "power", "list"],
)
def test_what_is_no_use_gives_way_and_keeps_no_other_key_from_being_told(
    valkey: Valkey, put: bytes | None
) -> None:
    with valkey.client() as client:
        if put is None:
            client.rpush(keys.key_use(KEY), "x")
        else:
            client.set(keys.key_use(KEY), put)

    async def run() -> None:
        async with client_of(valkey.socket) as client:
            worker = Worker(client)
            worker.uses.used(KEY, MINUTE)
            await worker.tell("b" * 12, MINUTE)

    asyncio.run(run())
    assert told(valkey) == told(valkey, "b" * 12) == str(MINUTE).encode()


def test_while_redis_is_away_nothing_fails_and_it_is_told_later(valkey: Valkey) -> None:
    async def run() -> None:
        async with client_of(valkey.socket) as client:
            worker = Worker(client)
            valkey.kill()
            await worker.tell(KEY, MINUTE)
            valkey.start()
            await worker.uses.tell()
            assert told(valkey) is None  # it is not asked again so soon
            worker.steady.now += 11
            await worker.uses.tell()

    asyncio.run(run())
    assert told(valkey) == str(MINUTE).encode()


@pytest.fixture(scope="module")
def serving(
    tmp_path_factory: pytest.TempPathFactory, template: Template
) -> Iterator[tuple[Deployed, Api, Partner]]:
    with deployed_beside_valkey(tmp_path_factory, template) as (deployed, _):
        deployed.publish([("phone", "+12025550142", "trafficker")])
        acme = deployed.add_partner("acme", "--stretch", "light")
        api = deployed.serve()
        deployed.wait_ready(api)
        yield deployed, api, acme


def test_a_use_shows_in_the_list_and_in_status(serving: tuple[Deployed, Api, Partner]) -> None:
    deployed, api, acme = serving
    assert "no use known" in deployed.indexer("partner", "key", "list", "acme").stdout
    acme.results(api, UNLISTED)
    eventually(
        lambda: "last used 20" in deployed.indexer("partner", "key", "list", "acme").stdout,
        what="the use",
    )
    assert "last used 20" in deployed.indexer("status").stdout


def test_an_unknown_key_is_never_told_to_be_used(serving: tuple[Deployed, Api, Partner]) -> None:
    deployed, api, acme = serving
    key_id = acme.kit.parsed_api_key().id
    wrong = {"authorization": f"Bearer gsk_live_{key_id}_{'a' * 32}_00000000"}
    body = acme.body(UNLISTED)
    assert httpx.post(f"{api.url}/v1/check", json=body, headers=wrong).status_code == 401
    acme.results(api, UNLISTED)
    listed = deployed.indexer("partner", "key", "list", "acme").stdout
    assert len(listed.splitlines()) == 1


@pytest.fixture(scope="module")
def slow(serving: tuple[Deployed, Api, Partner]) -> Partner:
    """A second key of acme's: one selector a second, for the desk."""
    deployed, api, _ = serving
    kit = deployed.folder / "slow.json"
    deployed.indexer(
        *("partner", "key", "add", "acme", "--kit", str(kit), "--api-url", api.url),
        *("--per-second", "1", "--purpose", "the front desk"),
    )
    added = Partner(kit)
    eventually(lambda: added.ask(api, UNLISTED).status_code != 401, what="the new key")
    return added


def test_what_a_key_is_for_is_on_record_with_what_it_asked(
    serving: tuple[Deployed, Api, Partner], slow: Partner
) -> None:
    deployed, api, acme = serving
    eventually(lambda: slow.ask(api, UNLISTED).status_code == 200, what="an answer by its rate")
    acme.results(api, UNLISTED)
    printed = deployed.run("screening", "audit", "who", "--purpose", "case 17").stdout
    told = {(row["api_key"], row["key_purpose"]) for row in csv.DictReader(io.StringIO(printed))}
    ids = [one.kit.parsed_api_key().id for one in (slow, acme)]
    assert told == {(ids[0], "the front desk"), (ids[1], "")}


def test_a_rate_of_a_key_is_named_in_answers_and_refuses_past_it(
    serving: tuple[Deployed, Api, Partner], slow: Partner
) -> None:
    _, api, acme = serving

    def until(status: int) -> httpx.Response:
        answers: list[httpx.Response] = []

        def has_come() -> bool:
            answers.append(slow.ask(api, UNLISTED))
            return answers[-1].status_code == status

        eventually(has_come, what=f"a {status}")
        return answers[-1]

    assert until(200).headers["ratelimit-policy"].endswith(', "key";q=1;w=1')
    refused = until(429)
    assert refused.headers["ratelimit"].startswith('"key";r=0;t=')
    assert int(refused.headers["retry-after"]) >= 1
    assert acme.ask(api, UNLISTED).status_code == 200
    parameters = httpx.get(f"{api.url}/v1/parameters", headers=slow.headers).json()
    assert parameters["limits"]["selectors_per_second"] == 1


def test_a_proof_counts_against_the_rate_of_the_key_that_asks_for_it(
    serving: tuple[Deployed, Api, Partner], slow: Partner
) -> None:
    _, api, acme = serving

    def status(partner: Partner) -> int:
        address, asked = f"{api.url}/v1/receipts/proof", {"receipt": "a" * 26}
        return httpx.post(address, json=asked, headers=partner.headers).status_code

    eventually(lambda: status(slow) == 429, what="a refusal of the key with a rate")
    assert status(acme) != 429

"""What becomes of partners shows at the API within seconds, and nobody else's index changes."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from screening.generations.manifest import open_head
from screening.registry.record import open_record
from screening.store import keys
from screening.store.signed import Verifier
from tests.harness import plain_http
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.processes import eventually
from tests.harness.valkey import Valkey

WITHIN_S = 5.0
NO_STRETCH = ("--stretch", "none", "--allow-unstretched")
PHONE = ("phone", "+12025550142")
EMAIL = ("email", "listed@list.example")
OTHER = ("phone", "+12025550143")
MATCH, NO_MATCH = "match", "no_match"
GAUGES = {
    "screening_release",
    "screening_list_age_seconds",
    "screening_sync_age_seconds",
    "screening_list_selectors",
    "screening_list_overlay_changes",
}


class Service:
    """Three partners of one list, and an API that answers them."""

    def __init__(self, deployed: Deployed, valkey: Valkey) -> None:
        self.deployed = deployed
        self._valkey = valkey
        deployed.publish([(*PHONE, "buyer"), (*EMAIL, "business")])
        names = ("acme", "beta", "zeta")
        self.acme, self.beta, self.zeta = (deployed.add_partner(n, *NO_STRETCH) for n in names)
        self.api: Api = deployed.serve(workers=2)
        for partner in (self.acme, self.beta, self.zeta):
            self.wait(lambda partner=partner: self.answer(partner) == [MATCH, MATCH, NO_MATCH])  # type: ignore[misc]  # a default binds it

    def run(self, *arguments: str) -> None:
        ended = self.deployed.forked(*arguments, INDEXER_ATTEST_WAIT_S="0")
        assert ended.code == 0, ended.output

    def ask(self, partner: Partner) -> httpx.Response:
        return partner.ask(self.api, PHONE, EMAIL, OTHER)

    def answer(self, partner: Partner) -> list[str] | int:
        """Return the results, or the status of a refusal."""
        response = self.ask(partner)
        return (
            list(response.json()["results"])
            if response.status_code == 200
            else response.status_code
        )

    def wait(self, condition: Callable[[], bool]) -> None:
        eventually(condition, within_s=WITHIN_S, what="a change at the API")

    def gauges(self, partner: Partner) -> set[str]:
        """Return which metrics name a partner's token key."""
        key_id = partner.kit.token_key.key_id
        text = plain_http.get(self.api.metrics_url, timeout=5).text
        return {line.partition("{")[0] for line in text.splitlines() if f'"{key_id}"' in line}

    def cached(self, partner: Partner) -> list[str]:
        """Return what names a partner's token key in the API host's cache, one file a line."""
        key_id = partner.kit.token_key.key_id
        root = self.deployed.home / "cache"
        return sorted(
            str(path.relative_to(root))
            for path in root.rglob("*")
            if path.is_file() and (key_id in path.parts or key_id.encode() in path.read_bytes())
        )

    def files(self, partner: Partner) -> list[str]:
        return [name for name in self.cached(partner) if name.startswith("generations/")]

    def stored(self, partner: Partner) -> dict[str, object]:
        """Return all in Redis that names a partner or its token key, opened as the API does."""
        key_id, verifier = partner.kit.token_key.key_id, self._verifier
        with self._valkey.client() as redis:
            names = [key.decode() for key in redis.scan_iter()]
            head = redis.hget(keys.HEADS, key_id)
            record = redis.hget(keys.PARTNERS, partner.kit.partner)
            # What the API hosts tell of themselves lags behind, and expires.
            others = [name for name in names if not name.startswith("run:host:")]
        found: dict[str, object] = {name: None for name in others if f":{key_id}:" in name}
        if head is not None:
            found["head"] = open_head(head, key_id, verifier)
        if record is not None:
            found["record"] = open_record(record, partner.kit.partner, verifier)
        return found

    @property
    def _verifier(self) -> Verifier:
        return Verifier((self.deployed.secrets / "verifying.key").read_bytes())


@pytest.fixture
def service(deployed: Deployed, valkey: Valkey) -> Service:
    return Service(deployed, valkey)


def test_partners_are_suspended_resumed_limited_and_removed_while_others_are_answered(
    service: Service,
) -> None:
    acme, beta, zeta = service.acme, service.beta, service.zeta
    everything = [MATCH, MATCH, NO_MATCH]
    service.wait(lambda: service.gauges(acme) == GAUGES)
    theirs = [service.files(one) for one in (beta, zeta)]
    assert all(theirs)

    service.run("partner", "suspend", "acme")
    service.wait(lambda: service.answer(acme) == 401)
    assert service.cached(acme) != []  # its index stays, and is up to date when it is resumed
    assert service.answer(beta) == everything
    service.run("add", f"phone:{OTHER[1]}", "--role", "buyer")
    service.run("partner", "resume", "acme")
    service.wait(lambda: service.answer(acme) == [MATCH, MATCH, MATCH])

    service.run("partner", "policy", "acme", "--kinds", "email")
    service.wait(lambda: service.answer(acme) == [NO_MATCH, MATCH, NO_MATCH])
    for one, files in zip((beta, zeta), theirs, strict=True):
        assert service.answer(one) == [MATCH, MATCH, MATCH]
        assert set(files) <= set(service.files(one))
        assert generations(service.files(one)) == generations(files)

    service.run("partner", "remove", "acme")
    service.wait(lambda: service.answer(acme) == 401)
    service.wait(lambda: service.cached(acme) == [])
    service.wait(lambda: service.gauges(acme) == set())
    assert service.gauges(beta) == service.gauges(zeta) == GAUGES
    assert_nothing_is_left(service, acme)

    # The name may be given again, to somebody with another key: the first stays shut out.
    acme.kit_path.rename(acme.kit_path.with_suffix(".old"))
    again = service.deployed.add_partner("acme", *NO_STRETCH)
    service.wait(lambda: service.answer(again) == [MATCH, MATCH, MATCH])
    assert service.answer(acme) == 401
    assert again.kit.token_key.key_id != acme.kit.token_key.key_id
    assert [generations(service.files(one)) for one in (beta, zeta)] == list(
        map(generations, theirs)
    )


def assert_nothing_is_left(service: Service, partner: Partner) -> None:
    left = service.stored(partner)
    record = left.pop("record")
    assert left == {}
    assert (record.state, record.key_ids, record.api_keys) == ("suspended", [], [])  # type: ignore[attr-defined]  # a record it is


def generations(files: list[str]) -> set[Path]:
    return {Path(name).parent for name in files}

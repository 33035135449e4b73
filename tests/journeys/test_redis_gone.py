"""Redis killed, stopped, slow, or cutting connections: answers go on while they are true."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import httpx
import pytest

from screening.generations.manifest import open_head
from screening.store import keys
from screening.store.signed import Verifier
from tests.harness import plain_http
from tests.harness.asking import Asking
from tests.harness.deployment import Api, Partner, deployed_beside_valkey
from tests.harness.metrics import metric
from tests.harness.processes import eventually
from tests.harness.slow import slow_but_first
from tests.harness.template import Template
from tests.harness.valkey import Valkey

LISTED: Final = ("phone", "+12025550142")
UNLISTED: Final = ("phone", "+12025550100")
SYNC_AGE_S: Final = 5.0
NO_STRETCH: Final = ("--stretch", "none", "--allow-unstretched")
RECOVERY_S: Final = 4.0
"""Two are the promise; a machine that is busy with other tests is given as much again."""
PATIENCE_S: Final = 2.0
"""Far beyond any answer here, far below what a stopped server costs one who waits for it."""
MANY: Final = 400


@dataclass(frozen=True)
class Hosts:
    """Two API hosts: `local` has the digests mapped, `remote` confirms them in Redis."""

    valkey: Valkey
    local: Api
    remote: Api
    partner: Partner
    verifier: Verifier

    def ask(self, api: Api, *selectors: tuple[str, str], route: str = "check") -> httpx.Response:
        answer = self.partner.ask(api, *selectors, route=route)
        assert answer.elapsed.total_seconds() < PATIENCE_S
        return answer

    def told(self, api: Api, *selectors: tuple[str, str]) -> tuple[str, ...]:
        """Return the results, or the reason why there are none."""
        answer = self.ask(api, *selectors).json()
        return tuple(answer["results"]) if "results" in answer else (answer["reason"],)

    def wait_until_whole(self, *, within_s: float) -> None:
        for api in (self.local, self.remote):
            eventually(
                lambda api=api: self.told(api, LISTED, UNLISTED) == ("match", "no_match"),  # type: ignore[misc]  # a default binds it
                within_s=within_s,
                what="an ordinary answer",
            )


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Hosts]:
    with deployed_beside_valkey(tmp_path_factory, template, LISTED) as (deployed, valkey):
        partner = deployed.add_partner("acme", "--scopes", "check,bulk", *NO_STRETCH)
        age = {"SCREENING_MAX_SYNC_AGE_S": str(SYNC_AGE_S)}
        local = deployed.serve(workers=1, **age)
        other = {
            "SCREENING_HOME": str(deployed.folder / "remote"),
            "SCREENING_LOCAL_DIGESTS_MB": "0",
        }
        remote = deployed.serve(workers=1, **age, **other)
        verifier = Verifier((deployed.secrets / "verifying.key").read_bytes())
        yield Hosts(valkey, local, remote, partner, verifier)


@pytest.fixture
def hosts(running: Hosts) -> Hosts:
    """Whole again, whatever the test before has left."""
    running.wait_until_whole(within_s=20)
    return running


FAULTS: Final[dict[str, tuple[Callable[[Valkey], None], Callable[[Valkey], None]]]] = {
    "killed": (Valkey.kill, Valkey.start),
    "stopped": (Valkey.freeze, Valkey.thaw),
}


@slow_but_first(1, "fault", FAULTS)
def test_without_redis_answers_go_on_until_the_sync_age_and_recover_with_it(
    hosts: Hosts, fault: str
) -> None:
    break_it, mend_it = FAULTS[fault]
    break_it(hosts.valkey)
    broken_at = time.monotonic()
    try:
        while time.monotonic() < broken_at + SYNC_AGE_S - 2:
            assert hosts.told(hosts.local, LISTED, UNLISTED) == ("match", "no_match")
            assert hosts.told(hosts.remote, UNLISTED) == ("no_match",)
            assert hosts.told(hosts.remote, LISTED) == ("store",)
            assert hosts.told(hosts.remote, LISTED, UNLISTED) == ("store",)
        # Nor does one who asks about many that are listed wait for each of them.
        many = hosts.ask(hosts.remote, *[LISTED] * MANY, route="bulk")
        assert many.json()["reason"] == "store"

        eventually(
            lambda: hosts.told(hosts.local, UNLISTED) == ("stale",),
            within_s=SYNC_AGE_S + 5,
            what="a stale list",
        )
        # The head was confirmed at the latest beat before, half a second ago at most.
        assert time.monotonic() - broken_at > SYNC_AGE_S - 1
        assert hosts.told(hosts.local, LISTED) == ("match",)
        mixed = hosts.ask(hosts.local, UNLISTED, LISTED)
        assert (mixed.status_code, mixed.json()["matches"]) == (503, [1])
        assert hosts.told(hosts.remote, LISTED) == ("store",)
        assert plain_http.get(f"{hosts.local.url}/readyz").status_code == 200
        # A gauge is set at every beat: it follows the answers.
        eventually(
            lambda: metric(hosts.local, "screening_sync_age_seconds") > SYNC_AGE_S,
            what="a gauge that says so",
        )
        # It is counted at every attempt, and logged ever more rarely.
        alarms = metric(hosts.local, "screening_alarms_total", what="store_unavailable")
        assert 0 < hosts.local.process.logged().count('"what": "store_unavailable"') < alarms
    finally:
        mend_it(hosts.valkey)
    hosts.wait_until_whole(within_s=RECOVERY_S)


def test_a_redis_that_cuts_connections_or_is_slow_never_makes_a_wrong_answer(
    hosts: Hosts,
) -> None:
    with (
        hosts.valkey.client() as redis,
        Asking(hosts.remote, [hosts.partner], LISTED, UNLISTED, clients=3) as asking,
    ):
        for _ in range(100):
            redis.client_kill_filter(_type="normal", skipme=True)

        def cannot_confirm() -> bool:
            redis.client_pause(500)
            return 503 in asking.statuses

        eventually(cannot_confirm, what="an answer that could not be confirmed")
        hosts.wait_until_whole(within_s=RECOVERY_S + 0.5)
        enough = len(asking.receipts) + 20
        eventually(lambda: len(asking.receipts) > enough, what="answers")
    assert asking.broken == 0
    assert asking.results == {("match", "no_match")}
    reasons = {a.json()["reason"] for a in asking.answers if a.status_code == 503}
    assert reasons == {"store"}


@slow_but_first(1, "tampering", ["removed", "altered", "emptied", "of another type"])
def test_a_bucket_that_is_not_the_published_one_is_store_and_never_no_match(
    hosts: Hosts, tampering: str
) -> None:
    key_id = hosts.partner.kit.token_key.key_id
    with hosts.valkey.client() as redis:
        document = redis.hget(keys.HEADS, key_id)
        assert isinstance(document, bytes)
        head = open_head(document, key_id, hosts.verifier)
        name = keys.bucket(key_id, head.generation, 0)
        bucket = redis.get(name)
        assert isinstance(bucket, bytes)
        redis.delete(name)
        if tampering == "altered":
            redis.set(name, bucket[:-1] + bytes([bucket[-1] ^ 1]))
        elif tampering == "emptied":
            redis.set(name, b"")
        elif tampering == "of another type":
            redis.rpush(name, bucket)
        try:
            for _ in range(3):
                assert hosts.told(hosts.remote, LISTED) == ("store",)
                assert hosts.told(hosts.remote, UNLISTED) == ("no_match",)
                assert hosts.told(hosts.local, LISTED, UNLISTED) == ("match", "no_match")
        finally:
            redis.delete(name)
            redis.set(name, bucket)
    hosts.wait_until_whole(within_s=RECOVERY_S)

"""An API key's own rate: one for all workers of a host, and all hosts, beside the partner's."""

import time
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from screening.api.quotas.budgets import Rate
from screening.api.quotas.deployment import DeploymentLeases
from screening.api.quotas.host import HostBudgets
from screening.api.quotas.key_rates import KeyRates, with_key_rate
from screening.api.quotas.leasing import Means
from screening.registry.reader import Caller
from screening.registry.record import ApiKeyRecord, PartnerRecord
from screening.store import keys
from screening.vocabulary.errors import QuotaExceeded
from tests.api.quotas.spending import Hosts, client_of, partner
from tests.harness.processes import eventually
from tests.harness.valkey import Valkey


def caller(per_second: int | None, *, burst: int | None = None, name: str = "a" * 12) -> Caller:
    key = ApiKeyRecord(
        id=name,
        verifier=bytes(32),
        scopes=["check"],
        selectors_per_second=per_second,
        burst_selectors=burst,
    )
    return Caller(msgspec.structs.replace(partner(), api_keys=[key]), key)


class KeyWorker:
    """A worker of a host, as far as rates of keys go."""

    def __init__(self, hosts: Hosts, folder: Path, valkey: Valkey | None) -> None:
        socket = folder / "nothing.sock" if valkey is None else valkey.socket
        folder.mkdir(mode=0o700, exist_ok=True)
        self._hosts = hosts
        budgets = HostBudgets(folder, hosts.wall, hosts.steady, lambda: "boot")
        leases = DeploymentLeases(hosts.keep(client_of(socket)), "one/1")
        self.rates = KeyRates(
            Means(budgets, leases, hosts.noted, hosts.expected, hosts.wall, hosts.steady)
        )

    def spend(self, who: Caller, selectors: int) -> None:
        self._hosts.run(self.rates.spend(who, selectors))

    def spend_beside(self, who: PartnerRecord, *, at_least: int) -> Rate:
        rate = self._hosts.run(self.rates.spend_beside(who, "notices", at_least=at_least))
        assert isinstance(rate, Rate)
        return rate


def test_a_key_with_a_rate_lets_a_burst_pass_and_then_is_asked_to_wait(
    hosts: Hosts, tmp_path: Path, valkey: Valkey
) -> None:
    worker, slow = KeyWorker(hosts, tmp_path / "one", valkey), caller(10, burst=20)
    for _ in range(4):
        worker.spend(slow, 5)
        hosts.steady.now += 0.001  # refusals are remembered by this clock
    with pytest.raises(QuotaExceeded) as refused:
        for _ in range(3):
            worker.spend(slow, 5)
    assert (refused.value.policy, refused.value.retry_after_s) == ("key", 1)


def test_what_a_key_owes_is_leased_with_its_next_question_and_a_second_or_a_burst_at_most(
    hosts: Hosts, tmp_path: Path, valkey: Valkey
) -> None:
    worker, slow = KeyWorker(hosts, tmp_path / "one", valkey), caller(100, burst=10)
    worker.spend(slow, 1)
    worker.rates.owe(slow, 10_000)
    worker.rates.refuse_again(slow)
    worker.spend(slow, 1)
    with pytest.raises(QuotaExceeded) as refused:
        worker.spend(slow, 50)
    assert refused.value.retry_after_s == 1
    with pytest.raises(QuotaExceeded):
        worker.rates.refuse_again(slow)
    worker.rates.owe(caller(None), 10_000)
    worker.rates.refuse_again(caller(None))


def test_a_key_without_a_rate_is_bound_by_the_partners_alone(
    hosts: Hosts, tmp_path: Path, valkey: Valkey
) -> None:
    worker = KeyWorker(hosts, tmp_path / "one", valkey)
    worker.spend(caller(None), 10**9)
    with valkey.client() as client:
        assert client.exists(keys.key_rate("a" * 12)) == 0


def test_the_other_key_of_the_partner_is_not_slowed_down(
    hosts: Hosts, tmp_path: Path, valkey: Valkey
) -> None:
    worker = KeyWorker(hosts, tmp_path / "one", valkey)
    worker.spend(caller(1), 1_000)
    with pytest.raises(QuotaExceeded):
        worker.spend(caller(1), 1)
    worker.spend(caller(1, name="b" * 12), 1_000)


def test_the_rate_of_a_key_holds_over_all_workers_of_all_hosts(
    hosts: Hosts, tmp_path: Path, valkey: Valkey
) -> None:
    folders = [tmp_path / name for name in ("one", "two", "one", "two")]
    workers = [KeyWorker(hosts, folder, valkey) for folder in folders]
    slow, passed, begun = caller(1_000), 0, time.monotonic()
    while time.monotonic() - begun < 1:
        for worker in workers:
            with suppress(QuotaExceeded):
                worker.spend(slow, 100)
                passed += 100
        hosts.steady.now += 1  # what a host counts by itself is in nobody's way
    took = time.monotonic() - begun
    lease = 100  # which each worker may hold
    assert 1_000 <= passed <= 1_000 * took + 1_000 + len(workers) * lease


def test_a_host_holds_the_rate_of_a_key_by_itself_where_redis_forgets_it(
    hosts: Hosts, tmp_path: Path, valkey: Valkey
) -> None:
    worker, slow = KeyWorker(hosts, tmp_path / "one", valkey), caller(100)
    with valkey.client() as client, pytest.raises(QuotaExceeded):
        for _ in range(3):
            worker.spend(slow, 100)
            client.flushall()


def test_while_redis_is_away_each_host_lets_half_of_the_rate_pass(
    cut_off: Hosts, tmp_path: Path
) -> None:
    one, two = (KeyWorker(cut_off, tmp_path / name, None) for name in ("one", "two"))
    for worker in (one, two):
        worker.spend(caller(2), 100)
        with pytest.raises(QuotaExceeded) as refused:
            worker.spend(caller(2), 1)
        assert refused.value.retry_after_s == 100  # of half the rate


def test_a_changed_rate_is_in_force_at_once(hosts: Hosts, tmp_path: Path, valkey: Valkey) -> None:
    worker = KeyWorker(hosts, tmp_path / "one", valkey)
    worker.spend(caller(1_000_000), 1)  # which has leased 20,000
    worker.spend(caller(5), 100)
    with pytest.raises(QuotaExceeded):
        worker.spend(caller(5), 1)


def test_an_answer_names_the_rate_of_a_key_that_has_one() -> None:
    headers = [(b"ratelimit-policy", b'"second";q=9;w=1'), (b"ratelimit", b"x")]
    assert with_key_rate(headers, caller(None).api_key) == headers
    assert with_key_rate(headers, caller(5).api_key) == [
        (b"ratelimit-policy", b'"second";q=9;w=1, "key";q=5;w=1'),
        (b"ratelimit", b"x"),
    ]


@pytest.mark.parametrize("put", ["9" * 18, "9" * 400, "nan", "inf", "x"])
def test_what_a_clock_that_went_back_or_others_have_left_shuts_no_key_out(
    hosts: Hosts, tmp_path: Path, valkey: Valkey, put: str
) -> None:
    quick = caller(10**6)
    with valkey.client() as client:
        client.set(keys.key_rate(quick.api_key.id), put)

    def passes() -> bool:
        hosts.steady.now += 1  # for so long it is refused without anybody's being asked
        try:
            KeyWorker(hosts, tmp_path / "one", valkey).spend(quick, 1)
        except QuotaExceeded:
            return False
        return True

    passes()
    eventually(passes, within_s=10, what="an answer after what is owed")
    with valkey.client() as client:
        assert client.pttl(keys.key_rate(quick.api_key.id)) > 0


def test_what_costs_no_selector_has_a_rate_that_no_throttle_takes_below_its_least(
    hosts: Hosts, tmp_path: Path
) -> None:
    worker, slow = KeyWorker(hosts, tmp_path / "one", None), partner(per_second=1)
    for _ in range(20):
        assert worker.spend_beside(slow, at_least=20) == Rate(20, 20)
    hosts.steady.now += 0.5
    with pytest.raises(QuotaExceeded) as refused:
        for _ in range(20):
            worker.spend_beside(slow, at_least=20)
    assert (refused.value.policy, refused.value.retry_after_s) == ("second", 1)
    quick = partner(per_second=1_000, name="quick")
    assert worker.spend_beside(quick, at_least=20) == Rate(1_000, 1_000)

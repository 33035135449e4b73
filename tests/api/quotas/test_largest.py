"""Limits of any size: what a record gives beyond the largest of ours is given as that."""

import pytest

from screening.api.quotas.key_rates import rate_of, with_key_rate
from screening.registry.record import ApiKeyRecord
from screening.vocabulary.limits import MOST_SELECTORS
from tests.api.quotas.spending import Hosts, partner, selectors


@pytest.mark.parametrize("limit", [MOST_SELECTORS, 10**13, 10**25, 10**400])
def test_a_partner_with_the_largest_limits_is_answered_with_headers_of_the_usual_length(
    hosts: Hosts, limit: int
) -> None:
    worker = hosts.worker()
    for acme in (
        partner(daily=limit),
        partner(matches=limit),
        partner(per_second=limit),
        partner(daily=limit, matches=limit, per_second=limit),
    ):
        for _ in range(2):
            worker.ask(acme, selectors(20), matches=5)
            hosts.steady.now += 20
        (_, policies), (_, left) = worker.allowance.headers(acme)
        assert len(left) == len(b'"day";r=000000000000;t=00000')
        assert len(policies) < 100
    assert not hosts.noted.alarms


def test_the_largest_burst_at_the_least_rate_is_answered(hosts: Hosts) -> None:
    worker, acme = hosts.worker(), partner(per_second=1, burst=10**400)
    for _ in range(3):
        worker.ask(acme, selectors(20))
    assert not hosts.noted.alarms


def test_the_rate_of_a_key_has_the_same_bound() -> None:
    key = ApiKeyRecord("0123456789ab", bytes(32), [], selectors_per_second=10**400)
    rate = rate_of(key)
    assert rate is not None
    assert (rate.per_second, rate.burst) == (MOST_SELECTORS, MOST_SELECTORS)
    ((_, policies),) = with_key_rate([(b"ratelimit-policy", b"")], key)
    assert len(policies) < 40

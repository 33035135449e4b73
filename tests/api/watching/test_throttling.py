"""Whose rate is reduced, by how much, and until when, as one worker knows it."""

import msgspec
import pytest

from screening.api.watching.throttling import Throttling
from screening.registry.reader import Caller
from screening.registry.record import ApiKeyRecord, PartnerRecord
from tests.api.quotas.spending import partner

KEY = ApiKeyRecord(id="k3jm5x2a7q4b", verifier=bytes(32), scopes=["check"])


def limits_of(throttling: Throttling, record: PartnerRecord) -> tuple[int, int | None]:
    limited = throttling.limited(Caller(record, KEY, ())).partner
    return limited.selectors_per_second, limited.burst_selectors


@pytest.mark.parametrize(
    ("rate", "burst", "reduced"),
    [(20_000, None, (1_000, 1_000)), (200, 4_000, (10, 200)), (3, None, (1, 1))],
)
def test_rate_and_burst_are_a_twentieth_and_one_at_least(
    rate: int, burst: int | None, reduced: tuple[int, int]
) -> None:
    throttling = Throttling()
    record = msgspec.structs.replace(partner(per_second=rate), burst_selectors=burst)
    assert limits_of(throttling, record) == (rate, burst)
    throttling.throttle(record)
    assert limits_of(throttling, record) == reduced


def test_it_ends_once_a_person_has_lifted_it_and_was_of_one_partner() -> None:
    throttling = Throttling()
    throttling.throttle(partner())
    assert not throttling.is_throttled(partner(since=5))
    assert limits_of(throttling, partner(since=5)) == (1_000_000, None)
    other = msgspec.structs.replace(partner(), partner="zeta")
    assert limits_of(throttling, other) == (1_000_000, None)


def test_what_else_is_changed_of_a_record_meanwhile_holds_beside_it() -> None:
    throttling = Throttling()
    throttling.throttle(partner())
    assert limits_of(throttling, partner(per_second=2_000)) == (100, 100)
    assert limits_of(throttling, partner(per_second=4_000)) == (200, 200)

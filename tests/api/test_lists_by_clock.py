"""How fresh a list is, by clocks that step, differ and begin anew."""

from datetime import datetime

import pytest

from screening.api.cache import LastFound
from screening.api.parameters import parameters_of
from screening.registry.reader import Caller
from tests.api.quotas.spending import allowance_without_redis
from tests.api.worker_lists import WorkerLists, load, run


@pytest.mark.parametrize("step_s", [-3_600.0, 3_600.0])
def test_a_step_of_the_wall_clock_makes_an_unconfirmed_list_no_fresher(
    cached: WorkerLists, step_s: float
) -> None:
    async def scenario() -> None:
        await load(cached)
        one = cached.lists.loaded.lists[cached.key_id]
        cached.moments.steady += 1_000
        cached.moments.wall += 1_000 + step_s
        # Sync writes the file anew each beat, with the time of the last confirmation.
        confirmed = cached.cache.read_confirmed()
        cached.cache.write_confirmed(confirmed)
        await cached.lists.refresh()
        assert cached.lists.sync_age_s(one) == 1_000
        assert cached.lists.is_stale(one)

    run(scenario())


@pytest.mark.parametrize("ahead_s", [1.0, 299.0])
def test_clocks_that_differ_by_a_little_do_not_make_a_list_stale(
    cached: WorkerLists, ahead_s: float
) -> None:
    async def scenario() -> None:
        await load(cached)
        one = cached.lists.loaded.lists[cached.key_id]
        cached.moments.wall = one.head.issued_at - ahead_s
        await cached.lists.refresh()
        assert not cached.lists.is_stale(one)
        assert cached.alarms.seen == []

    run(scenario())


def test_a_list_that_was_signed_by_a_clock_ahead_is_stale_and_an_alarm_until_its_time_has_come(
    cached: WorkerLists,
) -> None:
    async def scenario() -> None:
        await load(cached)
        one = cached.lists.loaded.lists[cached.key_id]
        cached.moments.wall = one.head.issued_at - 60 * 86_400.0
        for _ in range(3):  # and no alarm with each look
            await cached.lists.refresh()
        assert cached.lists.is_stale(one)
        assert cached.alarms.seen == []
        cached.moments.steady += 5
        for _ in range(3):
            await cached.lists.refresh()
        assert cached.alarms.seen == ["head_of_the_future"]
        cached.moments.wall = float(one.head.issued_at)
        cached.moments.steady += 5
        await cached.lists.refresh()
        assert not cached.lists.is_stale(one)
        assert cached.alarms.seen == ["head_of_the_future"]

    run(scenario())


def test_a_confirmation_from_before_a_reboot_counts_by_the_wall_clock(cached: WorkerLists) -> None:
    async def scenario() -> None:
        await load(cached)
        cached.confirm(boot="another boot")
        cached.moments.steady = 10.0
        cached.moments.wall += 40.0
        await cached.lists.refresh()
        one = cached.lists.loaded.lists[cached.key_id]
        assert cached.lists.sync_age_s(one) == 40.0

    run(scenario())


def test_a_clock_that_went_back_with_a_reboot_makes_a_confirmation_no_fresher(
    cached: WorkerLists,
) -> None:
    async def scenario() -> None:
        await load(cached)
        cached.confirm(boot="another boot")
        cached.moments.wall -= 3_600.0
        await cached.lists.refresh()
        one = cached.lists.loaded.lists[cached.key_id]
        assert cached.lists.sync_age_s(one) == 0.0
        cached.moments.steady += 1_000
        assert cached.lists.is_stale(one)

    run(scenario())


def test_without_the_name_of_the_boot_a_confirmation_counts_by_the_wall_clock(
    cached: WorkerLists,
) -> None:
    async def scenario() -> None:
        await load(cached)
        cached.confirm()
        cached.moments.steady -= 4_990.0  # another boot, of a system that does not name it
        cached.moments.wall += 86_400.0
        await cached.lists.refresh()
        one = cached.lists.loaded.lists[cached.key_id]
        assert cached.lists.sync_age_s(one) == 86_400.0
        assert cached.lists.is_stale(one)

    run(scenario())


def test_a_list_that_was_never_confirmed_is_stale_and_says_when_it_was_signed(
    cached: WorkerLists,
) -> None:
    async def scenario() -> None:
        cached.cache.write_confirmed(LastFound({}, ""))
        await cached.lists.refresh()
        one = cached.lists.loaded.lists[cached.key_id]
        assert cached.lists.is_stale(one)
        as_of = datetime.fromisoformat(one.state.as_of)
        assert as_of.timestamp() == one.head.issued_at
        (partner,) = cached.lists.loaded.partners.values()
        caller = Caller(partner, partner.api_keys[0])
        told = await parameters_of(
            caller, cached.lists, allowance_without_redis(cached.folder), log_key=None
        )
        assert [one.sync_age_s for one in told.token_keys] == [None]

    run(scenario())

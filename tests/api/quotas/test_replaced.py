"""What is counted of a question stays counted though the partner's limits, or the day, change."""

import asyncio

import pytest

from tests.api.quotas.spending import DAY_S, Hosts, partner, selectors

FORMER, LATTER = partner(daily=100_000, matches=5_000), partner(daily=90_000, matches=5_000)


@pytest.mark.parametrize("is_told", [True, False])
def test_a_bulk_question_counts_wholly_though_limits_change_in_its_midst(
    cut_off: Hosts, is_told: bool
) -> None:
    worker, asked = cut_off.worker(), selectors(900)

    async def both() -> None:
        await worker.allowance.spend(FORMER, 900)
        counting = asyncio.create_task(worker.allowance.count(FORMER, asked))
        await asyncio.sleep(0)
        await worker.allowance.spend(LATTER, 1)
        await counting

    cut_off.run(both())
    worker.beat() if is_told else worker.write_down()
    assert cut_off.worker().remaining(LATTER)[0] == pytest.approx(90_000 - 900, abs=20)


def test_matches_of_a_question_that_midnight_overtakes_count_at_once(cut_off: Hosts) -> None:
    worker, asked = cut_off.worker(), selectors(100)

    async def both() -> None:
        await worker.allowance.spend(FORMER, 100)
        claiming = asyncio.create_task(overtaken())
        await asyncio.sleep(0)
        cut_off.wall.now += DAY_S
        await worker.allowance.spend(FORMER, 1)
        await claiming

    async def overtaken() -> None:
        await worker.allowance.claim(FORMER, asked)
        await worker.allowance.count(FORMER, asked)

    cut_off.run(both())
    assert worker.remaining(FORMER)[1] == pytest.approx(4_900, abs=2)


def test_a_bulk_question_is_told_to_other_hosts_though_limits_change_in_its_midst(
    hosts: Hosts,
) -> None:
    worker, other, asked = hosts.worker(), hosts.worker("two"), selectors(900)

    async def both() -> None:
        await worker.allowance.spend(FORMER, 900)
        counting = asyncio.create_task(worker.allowance.count(FORMER, asked))
        await asyncio.sleep(0)
        await worker.allowance.spend(LATTER, 1)  # whose lease tells what is counted until then
        await counting

    hosts.run(both())
    worker.beat()
    other.ask(LATTER, selectors(1))
    assert other.remaining(LATTER)[0] == pytest.approx(90_000 - 901, abs=20)

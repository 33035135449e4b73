"""What test keys are told on demand, and that nobody else is."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import get_args

import httpx
import pytest

from screening.api.certain import Certain
from screening.api.rehearsal import RETRY_AFTER_S, SLOW_AT_ONCE, SLOW_S, SlowAnswers, rehearse
from screening.generations.manifest import TestOutcome
from screening.vocabulary.selector import IndexDigest
from tests.api.journal_records import checks_in, record_of
from tests.api.questions import answer_of
from tests.api.refusals import require_problem
from tests.api.standing import LISTED, Standing
from tests.api.workers import EveryWorker
from tests.harness.metrics import metric, settled
from tests.harness.processes import eventually
from tests.harness.rehearsing import AT_ONCE, REASONS, SELECTORS, Selector, outcome_of
from tests.harness.slow import slow_but_first

MATCH, CLEAR = SELECTORS["match"][0], SELECTORS["no_match"][0]
REAL = {(kind, value.replace(" ", "")) for kind, value in LISTED}
EVERY = [
    pytest.param(outcome, selector, id=f"{outcome}-{selector[0]}")
    for outcome in AT_ONCE
    for selector in SELECTORS[outcome]
]


def ask(standing: Standing, *selectors: Selector, route: str = "check") -> httpx.Response:
    return standing.post(route, standing.tester.body(*selectors), standing.tester)


def test_there_is_a_selector_of_each_kind_for_all_that_can_be_told() -> None:
    assert set(SELECTORS) == {"match", "no_match", *get_args(TestOutcome)}
    assert {*REASONS, "quota_exceeded", "slow"} == set(get_args(TestOutcome))
    for selectors in SELECTORS.values():
        assert [kind for kind, _ in selectors] == ["phone", "card", "email"]
    everything = [one for selectors in SELECTORS.values() for one in selectors]
    assert len(set(everything)) == len(everything)


@slow_but_first(1, "route", ["check", "bulk"])
@pytest.mark.parametrize(("outcome", "selector"), EVERY)
def test_each_selector_is_answered_with_its_outcome(
    standing: Standing, route: str, outcome: str, selector: Selector
) -> None:
    response = ask(standing, selector, route=route)
    assert outcome_of(response) == outcome
    if outcome == "quota_exceeded":
        require_problem(response, 429, "quota_exceeded")
        assert response.headers["retry-after"] == str(RETRY_AFTER_S)
    elif outcome in REASONS:
        problem = require_problem(response, 503, "unavailable")
        assert response.headers["retry-after"] == "1"
        assert "matches" not in problem


@slow_but_first(1, "route", ["check", "bulk"])
def test_a_slow_answer_is_no_match_after_some_seconds(standing: Standing, route: str) -> None:
    def timed(selector: Selector) -> tuple[str, float]:
        started = time.monotonic()
        response = ask(standing, selector, route=route)
        return outcome_of(response), time.monotonic() - started

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(timed, SELECTORS["slow"]))
    assert [outcome for outcome, _ in answers] == ["no_match"] * 3
    assert all(SLOW_S <= seconds < SLOW_S + 5 for _, seconds in answers), answers


def test_a_live_key_knows_nothing_of_them(standing: Standing) -> None:
    everything = [one for selectors in SELECTORS.values() for one in selectors]
    for first in range(0, len(everything), 9):
        some = everything[first : first + 9]
        started = time.monotonic()
        answer = answer_of(standing.post("check", standing.bulker.body(*some), standing.bulker))
        assert time.monotonic() - started < SLOW_S
        # One of them is a card that the real list of this deployment holds, and that is told.
        assert answer["results"] == ["match" if one in REAL else "no_match" for one in some]


@slow_but_first(1, "route", ["check", "bulk"])
@pytest.mark.parametrize("reason", REASONS)
def test_matches_are_told_beside_a_reason_where_they_are_certain_in_earnest(
    standing: Standing, route: str, reason: str
) -> None:
    problem = ask(standing, CLEAR, SELECTORS[reason][1], MATCH, route=route).json()
    assert problem["reason"] == reason
    if reason in ("stale", "store"):
        assert problem["matches"] == [2]
        record = record_of(standing.journal, problem["receipt"])
        assert (record.asked, record.outcomes, list(record.matches)) == (3, {"match": 1}, ["2"])
    else:
        assert not {"matches", "receipt", "opening"} & problem.keys()


def test_the_first_of_several_decides_and_slow_gives_way(standing: Standing) -> None:
    slow, stale, quota = (SELECTORS[name][0] for name in ("slow", "stale", "quota_exceeded"))
    assert outcome_of(ask(standing, slow, stale, quota)) == "stale"
    assert outcome_of(ask(standing, quota, slow, stale)) == "quota_exceeded"


@pytest.mark.parametrize("outcome", ["slow", "stale", "store"])
def test_what_is_not_known_in_earnest_stays_so_beside_a_test_selector(outcome: TestOutcome) -> None:
    asked, listed = IndexDigest(b"asked for"), IndexDigest(b"listed")
    told = rehearse({asked: outcome}, Certain({0: asked, 2: listed}, "store"))
    assert (told.matches, told.trouble) == ({2: listed}, "store")


def test_test_answers_are_journalled_like_any_other(standing: Standing) -> None:
    answer = answer_of(ask(standing, CLEAR, MATCH))
    record = record_of(standing.journal, answer["receipt"])
    assert record.partner == "tester"
    assert record.outcomes == {"match": 1, "no_match": 1}

    def unanswered() -> int:
        checks = checks_in(standing.journal)
        return sum(one.partner == "tester" and not one.outcomes for one in checks)

    before = unanswered()
    ask(standing, SELECTORS["store"][0])  # nothing is told of it, which is on record too
    assert unanswered() == before + 1


def test_what_test_keys_are_refused_counts_apart_from_what_wakes_people(
    standing: Standing,
) -> None:
    def counted() -> tuple[float, ...]:
        labels = {"code": "unavailable", "reason": "audit"}
        routes = ("test", "check")
        return tuple(
            metric(standing.api, "screening_refusals_total", route=route, **labels)
            for route in routes
        )

    before = settled(counted)
    ask(standing, SELECTORS["audit"][0])
    expected = (before[0] + 1, before[1])
    eventually(lambda: counted() == expected, within_s=5, what="a refusal")


def test_slow_bulk_questions_keep_nobody_waiting(standing: Standing) -> None:
    quick = standing.bulker.body(LISTED[0])
    with EveryWorker(standing.api) as workers, ThreadPoolExecutor(SLOW_AT_ONCE) as pool:
        slow = [
            pool.submit(ask, standing, SELECTORS["slow"][0], route="bulk")
            for _ in range(SLOW_AT_ONCE)
        ]
        answered = 0
        while not all(one.done() for one in slow):
            for worker in workers:
                assert worker.ask(standing.bulker, quick, route="bulk")[0] == 200
            answered += 1
    assert answered > 20  # with its turn held for seconds, a worker would have answered a few


def test_only_a_few_answers_are_slow_at_once() -> None:
    async def held_back() -> None:
        slow = SlowAnswers()
        held = [asyncio.create_task(slow.hold()) for _ in range(SLOW_AT_ONCE)]
        await asyncio.sleep(0)
        await asyncio.wait_for(slow.hold(), SLOW_S / 3)
        assert not any(task.done() for task in held)
        held[0].cancel()
        await asyncio.wait(held[:1])
        another = asyncio.create_task(slow.hold())
        done, _ = await asyncio.wait([another], timeout=0.05)
        assert not done
        for task in (*held[1:], another):
            task.cancel()

    asyncio.run(held_back())

"""One partner's canaries are told of, and keep nothing of others waiting."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from screening.api.loaded import LoadedList
from screening.api.watching.canary_matches import TOLD_AN_HOUR
from screening.registry.reader import Caller
from screening.registry.record import Suspicion
from screening.vocabulary.errors import QuotaExceeded
from screening.vocabulary.unix_time import HOUR_S
from tests.api.quotas.spending import partner
from tests.api.watching.watched import CANARY, KEY, Watched


def test_who_repeats_a_canary_is_told_of_and_restricted_and_keeps_no_alert_of_others_waiting(
    tmp_path: Path, marked: LoadedList
) -> None:
    watched = Watched(tmp_path / "home", marked, "throttle")
    late = msgspec.structs.replace(watched.partner, partner="bolt")
    for _ in range(2):
        for number in range(3_000):
            watched.answer(f"{number:026}")
        caller = Caller(late, KEY, ())
        watched.watch.answered(caller, marked, "b" * 26, selectors=1, matches={0: CANARY})
        watched.beat()
    assert watched.told() == {
        "canary.matched": TOLD_AN_HOUR + 1,
        "canary.matched_often": 1,
        "partner.throttled": 2,
        "partner.hit_rate": 1,
    }
    assert watched.noted.counted["canary_matched"] == 6_002
    assert ("alerts_dropped", "outbox") not in watched.noted.alarms
    assert watched.watch.limited(Caller(late, KEY, ())).partner != late


def test_with_the_next_hour_canaries_are_told_one_by_one_again(
    tmp_path: Path, marked: LoadedList
) -> None:
    watched = Watched(tmp_path / "home", marked, "alert")
    for hour in range(2):
        for number in range(2 * TOLD_AN_HOUR):
            watched.answer(f"{hour}{number:025}")
        watched.beat()
        watched.clock.now += HOUR_S
    assert watched.told()["canary.matched"] == 2 * TOLD_AN_HOUR


@pytest.mark.parametrize(
    ("by", "kind"), [("throttle", "partner.throttled"), ("hold", "partner.held")]
)
def test_what_comes_again_after_a_person_has_lifted_it_is_told_again(
    tmp_path: Path, marked: LoadedList, by: Suspicion, kind: str
) -> None:
    watched = Watched(tmp_path / "home", marked, by)
    for moment in (7, 8, 8):
        watched.partner = msgspec.structs.replace(watched.partner, matches_counted_from=moment)
        watched.answer("a" * 26)
        watched.beat()
    assert watched.told()[kind] == 2


def test_a_hold_by_the_budget_that_comes_again_after_a_lift_is_told_again(
    tmp_path: Path, marked: LoadedList
) -> None:
    watched = Watched(tmp_path / "home", marked, "alert")
    for moment in (7, 8, 8):
        one = partner(matches=1, since=moment)
        watched.allowance.hold(one)
        with pytest.raises(QuotaExceeded):
            asyncio.run(watched.allowance.spend(one, 1))
        watched.beat()
    assert watched.told() == {"partner.held": 2}


def test_of_a_run_that_goes_on_over_the_hour_it_is_said_in_either_hour_that_there_are_more(
    tmp_path: Path, marked: LoadedList
) -> None:
    watched = Watched(tmp_path / "home", marked, "alert")
    watched.clock.now += HOUR_S - 1 - watched.clock.now % HOUR_S
    for second in range(2):  # the end of one hour, and the beginning of the next
        for number in range(2 * TOLD_AN_HOUR):
            watched.answer(f"{second}{number:025}")
        watched.beat()
        watched.clock.now += 1
    assert watched.told()["canary.matched_often"] == 2

"""What is called a deviation: by counts of a day, held against those of the days before."""

import pytest

from screening.api.watching.baseline import Counts, Terms, deviations

TODAY = 20_000
USUAL = {TODAY - ago: Counts(1_000, 10_000, 2) for ago in range(1, 8)}
TERMS = Terms()


@pytest.mark.parametrize(
    ("today", "found"),
    [
        (Counts(1_000, 10_000, 2), []),
        (Counts(1_000, 10_000, 19), []),  # five times the usual rate, but of few
        (
            Counts(1_000, 10_000, 25),
            [],
        ),  # a quarter of a percent at the most, to whom matches little
        (Counts(1_000, 10_000, 26), ["partner_hit_rate"]),
        (Counts(10, 30, 30), ["partner_hit_rate"]),
        (Counts(5_000, 50_000, 10), []),
        (Counts(5_001, 50_010, 10), ["partner_volume"]),
        (Counts(6_000, 60_000, 600), ["partner_hit_rate", "partner_volume"]),
    ],
)
def test_a_day_is_held_against_the_partners_own_days_before(
    today: Counts, found: list[str]
) -> None:
    assert deviations({**USUAL, TODAY: today}, TODAY, TERMS) == found


def test_who_matches_much_on_other_days_may_do_so_today() -> None:
    rich = {day: Counts(1_000, 10_000, 100) for day in USUAL}
    assert deviations({**rich, TODAY: Counts(1_000, 10_000, 499)}, TODAY, TERMS) == []
    assert deviations({**rich, TODAY: Counts(1_000, 10_000, 501)}, TODAY, TERMS) == [
        "partner_hit_rate"
    ]


def test_of_a_new_partner_the_hit_rate_is_looked_at_and_no_volume() -> None:
    assert deviations({TODAY: Counts(1, 1_000_000, 0)}, TODAY, TERMS) == []
    assert deviations({TODAY: Counts(1, 1_000, 20)}, TODAY, TERMS) == ["partner_hit_rate"]


def test_days_long_past_and_days_to_come_are_no_baseline() -> None:
    strange = {TODAY - 40: Counts(1, 100, 100), TODAY + 1: Counts(1, 100, 100)}
    now = {TODAY: Counts(1, 1_000, 20)}
    assert deviations({**strange, **now}, TODAY, TERMS) == ["partner_hit_rate"]

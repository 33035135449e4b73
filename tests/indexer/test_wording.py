"""How commands word numbers, times and roles."""

import time

import pytest

from indexer.commands.wording import ROLE, age, counted, day, moment
from screening.importers.entry import Role


def test_the_roles_that_commands_name_are_all_that_there_are() -> None:
    assert tuple(Role) == tuple(ROLE.choices)


def test_one_is_counted_in_the_singular() -> None:
    said = [counted(number, "entry has", "entries have") for number in (0, 1, 2)]
    assert said == ["0 entries have", "1 entry has", "2 entries have"]


def test_days_and_moments_are_of_utc() -> None:
    assert (day(1_798_718_400), moment(1_798_718_399)) == (
        "2026-12-31",
        "2026-12-31 11:59:59 UTC",
    )


@pytest.mark.parametrize(
    ("passed", "said"),
    [(0, "0 s ago"), (119, "119 s ago"), (120, "2 min ago"), (7_200, "2 h ago"), (-172_800, "2 d")],
)
def test_an_age_is_of_one_unit(monkeypatch: pytest.MonkeyPatch, passed: int, said: str) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_798_718_400.7)
    shown = age(1_798_718_400 - passed)
    assert shown.startswith(said)
    assert shown.endswith(" in the future") == (passed < 0)

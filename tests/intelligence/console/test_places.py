"""From any page, and from the first, one goes to all pages that one's roles are granted."""

import re
from typing import Final

import pytest

from intelligence.staff.privileges import Privileges
from intelligence.staff.roles import Role
from tests.harness.accessibility import flaws_of
from tests.intelligence.console.matrix_requests import NEEDS
from tests.intelligence.console.test_rendering import page_of

WITHIN_OTHERS: Final = {"/by-hand", "/new-partner", "/proof"}
"""Pages that others lead to, where there is anything to do."""
EMPTY: Final = {
    **dict.fromkeys(("tasks", "counts", "partners", "follows", "shared_cases", "way")),
    **dict.fromkeys(("changed_accounts", "acts_alone", "is_old_key_kept"), False),
    **dict.fromkeys(("missing", "passed_over"), ()),
}


def _granted(role: Role) -> set[str]:
    may = Privileges(frozenset((role,))).may
    return {
        path
        for (method, path), need in NEEDS.items()
        if (method == "GET" and need and may(need.verb, need.record_type, need.field))
        and re.fullmatch("/[a-z-]+", path)
    }


def _ways(part: str) -> list[str]:
    return re.findall('<a href="(/[a-z-]*)"(?: aria-current="page")?>', part)


@pytest.mark.parametrize("role", Role)
def test_the_bar_and_the_start_page_lead_to_all_that_a_role_is_granted(role: Role) -> None:
    page = page_of("home.html", role, **EMPTY)
    (bar,) = re.findall("<nav.*?</nav>", page, re.DOTALL)
    (cards,) = re.findall('<ul class="cards">.*?</ul>', page, re.DOTALL)
    assert _ways(bar) == ["/", *_ways(cards)]
    assert len(_ways(cards)) == len(set(_ways(cards)))
    assert set(_ways(cards)) == _granted(role) - WITHIN_OTHERS
    assert re.findall('href="([^"]*)" aria-current="page"', bar) == ["/"]
    assert flaws_of(page) == []


@pytest.mark.parametrize("role", Role)
def test_a_group_of_the_bar_says_of_what_it_is_and_is_not_there_empty(role: Role) -> None:
    (bar,) = re.findall("<nav.*?</nav>", page_of("staff_new.html", role), re.DOTALL)
    names = re.findall('<span id="([a-z0-9-]+)">([A-Z][a-z ]+)</span>', bar)
    groups = re.findall(r'<ul aria-labelledby="([a-z0-9-]+)">\s*<li>', bar)
    assert [one for one, _ in names] == groups == re.findall('labelledby="(.*?)"', bar)
    assert ("People" in dict(names).values()) == bool({"/staff", "/audit"} & _granted(role))

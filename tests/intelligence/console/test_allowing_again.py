"""Whoever allows again what was taken off is told what that does, and what it does not."""

import re

import pytest

from intelligence.staff.roles import Role
from tests.harness.accessibility import flaws_of
from tests.harness.console import PASSWORD, forms_of
from tests.intelligence.console.inside import Inside
from tests.intelligence.console.staffed import Staffed, answered
from tests.intelligence.console.test_long_changes import listed

LISTS_NOTHING = (
    "It is not listed again until an entry is added, which takes two people, too: "
    '<a href="{}">{}</a>.'
)
LATER = LISTS_NOTHING.format("/check", "once it is allowed, check it, and add one there")


def checked(browser: Inside, value: str) -> str:
    browser.visit("/check")
    return str(browser.send("/check", value=value).text)


def off(staffed: Staffed, value: str) -> str:
    """Have a selector be listed, and off; return its page."""
    curator = staffed.browsers[Role.CURATOR]
    listed(staffed, value)
    checked(curator, value)
    page = curator.send("/retractions", reason="of somebody else", password=PASSWORD).text
    answered(staffed)
    return re.findall(r'href="(/selectors/[0-9a-f-]+)"', page)[0]


def submitted_lift(staffed: Staffed, page: str) -> str:
    curator = staffed.browsers[Role.CURATOR]
    curator.visit(page)
    lift = str(curator.send(f"{page}/lift", reason="a slip").url.path)
    curator.send(f"{lift}/submission", password=PASSWORD)
    return lift


def approved(staffed: Staffed, change: str) -> None:
    approver = staffed.browsers[Role.APPROVER]
    approver.visit(change)
    approver.send(f"{change}/approval", password=PASSWORD)
    answered(staffed)


@pytest.mark.slow
def test_that_to_allow_again_lists_nothing_is_said_wherever_one_allows_it(staffed: Staffed) -> None:
    value = "+1 202 555 0142"
    curator, approver = staffed.browsers[Role.CURATOR], staffed.browsers[Role.APPROVER]
    page = off(staffed, value)
    assert LATER in checked(curator, value)
    assert LATER in curator.visit(page).text
    lift = submitted_lift(staffed, page)
    waits = f'One that allows it again waits already: <a href="{lift}">see that change</a>.'
    for shown in (curator.visit(page).text, checked(curator, value)):
        assert waits in shown
        assert "<h2>Allow it again</h2>" in shown, "that one may be beyond approval"
        assert flaws_of(shown) == []
    for browser in (curator, approver):
        assert LATER in browser.visit(lift).text
    approved(staffed, lift)
    assert LATER in curator.visit(lift).text
    assert "<h1>Phone: not on the list</h1>" in curator.visit(page).text
    there = LISTS_NOTHING.format("/check", "check it, and add one there")
    assert there in curator.page.text
    assert flaws_of(curator.page.text) == []
    here = LISTS_NOTHING.format("#add", "add one here")
    assert here in checked(curator, value)
    assert '<h2 id="add">' in curator.page.text
    assert flaws_of(curator.page.text) == []
    listed(staffed, value)
    for shown in (curator.visit(page).text, checked(curator, value)):
        assert "It is not listed again" not in shown
    assert {f"{page}/lift"} & {one.action for one in forms_of(shown)} == set()

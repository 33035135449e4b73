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
    return str(re.findall(r'href="(/selectors/[0-9a-f-]+)"', page)[0])


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


def submitted_addition(staffed: Staffed, value: str) -> str:
    curator = staffed.browsers[Role.CURATOR]
    checked(curator, value)
    said = {"role": "buyer", "source": "case-8", "reason": "seen"}
    path = str(curator.send("/changes", **said).url.path)
    curator.send(f"{path}/submission", password=PASSWORD)
    return path


@pytest.mark.slow
def test_what_a_retraction_stops_is_named_before_and_marked_after_it(staffed: Staffed) -> None:
    value = "+1 202 555 0143"
    curator, approver = staffed.browsers[Role.CURATOR], staffed.browsers[Role.APPROVER]
    listed(staffed, value)
    addition = submitted_addition(staffed, value)
    stops = (
        "Once it is off, what waits to add it cannot be approved, or comes back, unless it says "
        f'that somebody is a victim: <a href="{addition}">change 1</a>.'
    )
    said = checked(curator, value)
    assert stops in said
    assert f'<a href="{addition}">Change 1</a>, which says something of it: waits' in said
    waiting = '<td data-label="Size">1 to add</td>'
    assert waiting in approver.visit("/review").text
    page = re.findall(r'href="(/selectors/[0-9a-f-]+)"', said)[0]
    assert stops in curator.visit(page).text
    curator.send(f"{page}/retraction", reason="closed", password=PASSWORD)
    assert stops not in curator.visit(page).text
    for browser in (curator, approver):
        shown = browser.visit("/review").text
        assert waiting not in shown
        cannot = "1 to add; <strong>cannot be approved</strong>: this selector was taken off the"
        assert cannot in shown
        assert flaws_of(shown) == []
    answered(staffed)
    approved(staffed, submitted_lift(staffed, page))
    since = "Two people have allowed it again since"
    assert since in approver.visit(addition).text
    assert "<dt>Why</dt><dd>closed</dd>" in approver.page.text
    assert flaws_of(approver.page.text) == []
    approved(staffed, addition)
    assert "<h1>Phone: on the list</h1>" in approver.visit(page).text


@pytest.mark.slow
def test_what_is_off_is_taken_off_again_on_its_page(staffed: Staffed) -> None:
    curator, approver = staffed.browsers[Role.CURATOR], staffed.browsers[Role.APPROVER]
    page = off(staffed, "+1 202 555 0144")
    lift = submitted_lift(staffed, page)
    shown = curator.visit(page).text
    assert "<h2>Take it off again</h2>" in shown
    assert flaws_of(shown) == []
    again = curator.send(f"{page}/retraction", reason="once more", password=PASSWORD)
    assert "<h3>Was taken off before</h3>" in again.text
    assert "<h2>Take off the list</h2>" in again.text
    assert ">take off</a>" in curator.visit(page).text
    waits = "That it may be listed again waits for another person to sign"
    assert f'{waits}: <a href="{lift}">see that change</a>' in again.text
    assert "<dt>Why</dt><dd>once more</dd>" in approver.visit(lift).text


@pytest.mark.slow
def test_whoever_reviews_a_retraction_is_shown_what_it_ended_and_named(staffed: Staffed) -> None:
    curator, approver = staffed.browsers[Role.CURATOR], staffed.browsers[Role.APPROVER]
    page = off(staffed, "+1 202 555 0145")
    change = re.findall(r'href="(/changes/[0-9a-f-]+)">take off<', curator.visit(page).text)[0]
    shown = approver.visit(change).text
    assert "<h3>Ended</h3>" in shown
    assert "<dt>Source</dt><dd>case-7</dd>" in shown
    assert "<p>In all: 1 to take off.</p>" in shown
    assert flaws_of(shown) == []
    assert f"have it allowed again on its page. {LATER}" in shown
    approver.send(f"{change}/review")
    assert "<dt>Reviewed by</dt><dd><bdi>approver (approver)</bdi>, 20" in approver.page.text


@pytest.mark.slow
def test_what_was_never_listed_is_said_to_be_kept_off(staffed: Staffed) -> None:
    curator, approver = staffed.browsers[Role.CURATOR], staffed.browsers[Role.APPROVER]
    checked(curator, "+1 202 555 0146")
    kept = curator.send("/retractions", reason="a shelter's", password=PASSWORD)
    for answer in (True, False):
        shown = approver.visit(str(kept.url.path)).text
        assert "<p>In all: 1 to keep off.</p>" in shown
        assert "<h2>Keep off the list</h2>" in shown
        assert "keep off phone" in approver.visit("/review").text
        if answer:
            answered(staffed)

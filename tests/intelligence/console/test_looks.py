"""A look at a selector has a page of its own, which Back shows again as it was told."""

import re
from uuid import UUID, uuid4

import pytest

from intelligence.console.keeping import Memory
from intelligence.console.looks import LOOKS_KEPT_S, Look, Looks
from intelligence.curation.recognising import recognise
from intelligence.curation.shown_changes import Checked
from intelligence.curation.standing import Stand
from intelligence.staff.privileges import Privileges
from intelligence.staff.roles import Role
from intelligence.staff.sessions import SignedIn
from intelligence.staff.tables import Stage
from tests.harness.accessibility import flaws_of
from tests.harness.console import forms_of
from tests.harness.slow import slow_but_first
from tests.intelligence.console.inside import Inside
from tests.intelligence.console.staffed import Staffed
from tests.intelligence.staff.services import HandClock

DIGITS = "2025550161"
NOTHING = Stand(is_listed=False, is_protected=False, is_retracted=False)


def asked(browser: Inside) -> str:
    """Ask where a selector stands; return the address of what is told."""
    browser.visit("/check")
    (form,) = (one for one in forms_of(browser.page.text) if one.action == "/check")
    sent = {**form.fields, "value": f"+1{DIGITS}"}
    answer = browser.client.post("/check", data=sent, follow_redirects=False)
    assert (answer.status_code, answer.text) == (303, "")
    assert not any(DIGITS in str(value) for value in answer.headers.values())
    return str(answer.headers["location"])


def looks_on_record(staffed: Staffed) -> int:
    page = staffed.browsers[Role.AUDITOR].visit("/audit?person=&event=selector+checked&day=").text
    return page.count(">selector checked</th>")


def test_back_shows_what_was_told_and_is_no_other_look(staffed: Staffed) -> None:
    curator = staffed.browsers[Role.CURATOR]
    before = looks_on_record(staffed)
    path = asked(curator)
    pages = [curator.visit(path) for _ in range(3)]
    assert [page.status_code for page in pages] == [200] * 3
    assert all("<h1>Not on the list</h1>" in page.text for page in pages)
    assert len({re.sub(r'value="[\w-]*"', "", page.text) for page in pages}) == 1
    assert looks_on_record(staffed) == before + 1
    assert flaws_of(pages[0].text) == []


def test_a_page_of_a_look_is_its_session_s_alone(staffed: Staffed) -> None:
    path = asked(staffed.browsers[Role.CURATOR])
    other = staffed.browsers[Role.APPROVER].visit(path)
    assert (other.status_code, DIGITS in other.text) == (422, False)
    assert "is kept for ten minutes, and is over; ask once more" in other.text
    assert flaws_of(other.text) == []
    assert staffed.browsers[Role.AUDITOR].visit(path).status_code == 403


@slow_but_first(1, "value", ["", "no selector"])
def test_what_is_no_selector_is_said_on_the_page_of_the_form(staffed: Staffed, value: str) -> None:
    curator = staffed.browsers[Role.CURATOR]
    curator.visit("/check")
    assert curator.send("/check", value=value).status_code == 422
    assert 'action="/check"' in curator.page.text


@pytest.mark.slow
def test_what_was_told_is_kept_for_ten_minutes_and_for_nobody_else() -> None:
    clock = HandClock()
    looks = Looks(Memory(clock))
    cora, bo = (
        SignedIn(uuid4(), name, name, Stage.FULL, Privileges(frozenset()), name.encode())
        for name in ("cora", "bo")
    )
    look = Look(Checked(recognise(f"+1{DIGITS}"), None, [], NOTHING, []), 0)
    look_id: UUID = looks.keep(cora, look)
    assert DIGITS not in repr(look)
    assert (looks.find(cora, look_id), looks.find(bo, look_id)) == (look, None)
    clock.move(LOOKS_KEPT_S)
    assert looks.find(cora, look_id) is None

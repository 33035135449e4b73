"""Safety lists at the console's pages, which are asked in this process."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from intelligence.exclusions.tables import RuleOrderRow
from intelligence.staff.roles import Role
from screening.exclusions.rules import Category, Match
from screening.spools.exclusions_told import ToldRule
from tests.harness.console import PASSWORD, Browser
from tests.intelligence.console.staffed import Staffed, answered

RANGE = "+12025550140..+12025550149"
ON_IT, ELSEWHERE = "+1 202 555 0142", "+1 202 555 0177"
RULE: Mapping[str, str] = {
    "kind": "email",
    "match": "domain",
    "value": "lodge.example",
    "category": "shelter",
    "note": "a lodge that takes people in",
    "source": "its page",
    "reason": "it called us",
}


def told() -> ToldRule:
    since = datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)
    said = ("a shelter's own block", "its page", since, 3)
    return ToldRule("phone", Match.RANGE, RANGE, Category.SHELTER, *said)


def state(browser: Browser) -> str:
    (found,) = re.findall(r"<dt>State</dt><dd>(\w+)", browser.page.text)
    return str(found)


def test_a_rule_is_seen_ordered_approved_and_ended(staffed: Staffed) -> None:
    curator, approver = staffed.browsers[Role.CURATOR], staffed.browsers[Role.APPROVER]
    assert "has not told of its safety lists" in curator.visit("/safety-lists").text
    staffed.tell(told())
    page = curator.visit("/safety-lists").text
    for shown in (RANGE, "shelter", "a shelter&#39;s own block", "2026-11-02", ">3</td>"):
        assert shown in page
    curator.send("/safety-lists", **RULE, password=PASSWORD)
    order = curator.page.url.path
    assert state(curator) == "submitted"
    assert "/approval" not in curator.page.text
    assert "it covers 0" not in curator.page.text
    assert "Orders of the safety lists, to approve" in approver.visit("/").text
    approver.visit("/safety-lists")
    assert order in approver.page.text
    assert "it covers 0" in approver.visit(order).text
    approver.send(f"{order}/approval", password=PASSWORD)
    assert state(approver) == "approved"
    curator.visit("/safety-lists")
    named = {"rule": f"phone range {RANGE}", "reason": "it has moved"}
    curator.send("/safety-lists/end", **named, password=PASSWORD)
    assert "the end of a rule" in curator.page.text
    curator.send(f"{curator.page.url.path}/withdrawal", reason="a mistake")
    assert state(curator) == "refused"
    page = staffed.browsers[Role.AUDITOR].visit(curator.page.url.path).text
    assert "phone range" in page
    assert RANGE not in page


@pytest.mark.slow
def test_a_check_and_a_draft_say_that_it_is_never_listed(staffed: Staffed) -> None:
    staffed.tell(told())
    curator = staffed.browsers[Role.CURATOR]
    curator.visit("/check")
    assert "<h1>On a safety list, never listed</h1>" in curator.send("/check", value=ON_IT).text
    said = {"role": "buyer", "source": "case-7", "reason": "seen"}
    assert "would send this whole change back" in curator.send("/changes", **said).text
    curator.visit("/check")
    curator.send("/check", value=ELSEWHERE)
    assert "safety list" not in curator.send("/changes", **said).text


@pytest.mark.slow
def test_an_auditor_sees_which_kind_of_rule_and_not_whose(staffed: Staffed) -> None:
    staffed.tell(told())
    page = staffed.browsers[Role.AUDITOR].visit("/safety-lists").text
    assert "phone range" in page
    assert RANGE not in page
    assert "block" not in page
    assert staffed.browsers[Role.AUDITOR].visit("/challenges").status_code == 200


def ordered(staffed: Staffed, value: str) -> str:
    """Have a rule ordered and approved; return where the order is."""
    curator, approver = staffed.browsers[Role.CURATOR], staffed.browsers[Role.APPROVER]
    curator.visit("/safety-lists")
    curator.send("/safety-lists", **{**RULE, "value": value}, password=PASSWORD)
    order = curator.page.url.path
    assert curator.client.get(f"{order}/progress").status_code == 404, "nobody has decided it"
    approver.visit(order)
    approver.send(f"{order}/approval", password=PASSWORD)
    assert f'href="{order}/progress"' in approver.page.text
    return order


@pytest.mark.slow
def test_an_order_is_watched_until_it_is_in_force(staffed: Staffed) -> None:
    curator = staffed.browsers[Role.CURATOR]
    order = ordered(staffed, "inn.example")
    page = curator.visit(f"{order}/progress")
    assert "<h1>On its way</h1>" in page.text
    assert f"2; url={order}/progress?look=2" in page.headers.get("refresh", page.text)
    while "Came into force as release" not in curator.visit(f"{order}/progress").text:
        answered(staffed)  # files of before leave first
    assert "<h1>Came into force</h1>" in curator.page.text
    assert f'<a href="{order}">The order</a>' in curator.page.text
    assert "?look=" not in curator.page.text


@pytest.mark.slow
def test_an_order_that_the_indexer_refuses_says_why_where_it_is_watched(staffed: Staffed) -> None:
    curator = staffed.browsers[Role.CURATOR]
    order = ordered(staffed, "hostel.example")
    while "Left for the indexer" not in curator.visit(f"{order}/progress").text:
        answered(staffed)
    answered(staffed, "this rule comes with the indexer")
    page = curator.visit(f"{order}/progress").text
    assert "<h1>It came back</h1>" in page
    assert re.search("It came back, [^<]*: this rule comes with the indexer. Nothing of it", page)
    assert "?look=" not in page


@pytest.mark.slow
def test_what_a_person_has_refused_is_not_said_to_be_signed(staffed: Staffed) -> None:
    curator = staffed.browsers[Role.CURATOR]
    curator.visit("/safety-lists")
    curator.send("/safety-lists", **{**RULE, "value": "flat.example"}, password=PASSWORD)
    order = curator.page.url.path
    curator.send(f"{order}/withdrawal", reason="a mistake")
    page = curator.visit(f"{order}/progress").text
    assert "<h1>Refused</h1>" in page
    assert re.search("Refused or taken back before it left, [^<]*: a mistake. Nothing of it", page)
    assert "Signed" not in page


@pytest.mark.slow
def test_no_form_offers_to_approve_what_cannot_be_read(staffed: Staffed) -> None:
    curator, approver = staffed.browsers[Role.CURATOR], staffed.browsers[Role.APPROVER]
    curator.visit("/safety-lists")
    curator.send("/safety-lists", **RULE, password=PASSWORD)
    order = curator.page.url.path
    assert f"{order}/approval" in approver.visit(order).text
    with staffed.desk.log_in.database.writing() as session:
        session.execute(update(RuleOrderRow).values(said=bytes(40), operation="odd"))
    page = approver.visit(order).text
    assert f"{order}/approval" not in page
    assert f"{order}/refusal" in page
    assert "is not what was signed, or cannot be read" in page
    assert "Unreadable order" in approver.visit("/safety-lists").text

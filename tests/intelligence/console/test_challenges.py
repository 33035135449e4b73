"""Challenges at the console's pages, which are asked in this process."""

import re
from uuid import UUID

import pytest
from sqlalchemy import select, update

from intelligence.challenges.recording import ANSWER
from intelligence.challenges.tables import ChallengedRow, ChallengeRow
from intelligence.curation.tables import ChangeSet, ChangeState
from intelligence.staff.roles import Role
from intelligence.staff.tables import Account
from tests.harness.console import PASSWORD, Browser, forms_of
from tests.intelligence.console.staffed import Staffed

RANGE = "+12025550140..+12025550149"
ON_IT, ELSEWHERE = "+1 202 555 0142", "+1 202 555 0177"


def main_of(browser: Browser) -> str:
    """Return what a page says, but for what every visit has of its own."""
    (main,) = re.findall(r"<main.*?</main>", browser.page.text, re.DOTALL)
    return re.sub(r'value="[^"]*"', "", main)


def test_a_challenge_is_recorded_reviewed_and_answered(staffed: Staffed) -> None:
    pam, approver = staffed.browsers[Role.PARTNER_MANAGER], staffed.browsers[Role.APPROVER]
    pam.visit("/challenges")
    said = {"reference": "L 7/26", "ground": "it is their shop's"}
    pam.send("/challenges", selectors="a person", **said)
    assert pam.page.status_code == 422
    pam.send("/challenges", selectors=f"{ON_IT}\n{ELSEWHERE}", **said)
    assert "it will be reviewed" in pam.page.text
    assert ELSEWHERE.replace(" ", "") not in pam.page.text
    before = main_of(pam)
    assert "Challenges to look into" not in pam.visit("/").text
    assert "Challenges to look into" in approver.visit("/").text
    (path,) = re.findall(r'href="(/challenges/[0-9a-f-]{36})"', approver.visit("/challenges").text)
    assert pam.client.get(path).status_code == 403
    approver.visit(path)
    assert "+12*******42" in approver.page.text
    approver.send(f"{path}/reveal", purpose="request", case="L 7/26")
    assert "+12025550177" in approver.page.text
    for conclusion in ("keep", "nothing"):
        approver.visit(path)
        given = {"conclusion": conclusion, "reason": "what we found", "password": PASSWORD}
        form = next(one for one in forms_of(approver.page.text) if "/conclusions" in one.action)
        concluded = approver.client.post(form.action, data={**form.fields, **given})
        assert (concluded.status_code, concluded.url.path) == (200, path)
    approver.visit(path)
    assert "/conclusions" not in approver.page.text
    pam.visit("/challenges")
    assert main_of(pam) == before
    staffed.fall_due()
    assert "to be answered now" in pam.visit("/").text
    pam.visit("/challenges")
    assert ANSWER in pam.page.text
    pam.send(f"{path}/answer")
    assert "None that is not answered" in pam.page.text


@pytest.mark.slow
def test_a_refused_conclusion_comes_back_at_its_own_selector(staffed: Staffed) -> None:
    pam, approver = staffed.browsers[Role.PARTNER_MANAGER], staffed.browsers[Role.APPROVER]
    pam.visit("/challenges")
    both = "+1 202 555 0133\n+1 202 555 0134"
    pam.send("/challenges", selectors=both, reference="L 11/26", ground="it is theirs")
    page = approver.visit("/challenges").text
    ((path, _),) = re.findall(r'href="(/challenges/[0-9a-f-]{36})"[^>]*>(<bdi>)?L 11/26', page)
    approver.visit(path)
    first, second = (one for one in forms_of(approver.page.text) if "/conclusions" in one.action)
    given = {"conclusion": "nothing", "reason": "of the second", "password": "canary"}
    refused = approver.client.post(second.action, data={**second.fields, **given})
    assert refused.status_code == 422
    assert "canary" not in refused.text
    again = [one for one in forms_of(refused.text) if "/conclusions" in one.action]
    assert [one.fields["reason"] for one in again] == [[""], ["of the second"]]
    assert {**again[0].fields, "once": first.fields["once"]} == first.fields
    assert [one.fields["selector"] for one in again] == [
        one.fields["selector"] for one in (first, second)
    ]
    at = refused.text.index(second.fields["selector"][0])
    assert refused.text.index(" checked") > at
    assert refused.text.index("aria-invalid") > at


def test_nobody_is_shown_a_challenge_that_they_have_recorded(staffed: Staffed) -> None:
    curator, approver = staffed.browsers[Role.CURATOR], staffed.browsers[Role.APPROVER]
    curator.visit("/challenges")
    curator.send("/challenges", selectors=ON_IT, reference="L 8/26", ground="it is theirs")
    *_, path = re.findall(r'href="(/challenges/[0-9a-f-]{36})"', approver.visit("/challenges").text)
    assert path not in curator.page.text
    assert "Recorded by you: a colleague looks into these" in curator.page.text
    refused = curator.client.get(path)
    assert refused.status_code == 422
    assert "nobody reviews a challenge" in refused.text


@pytest.mark.slow
def test_a_page_says_who_may_not_keep_it_what_waits_and_what_came_back(staffed: Staffed) -> None:
    pam, curator = staffed.browsers[Role.PARTNER_MANAGER], staffed.browsers[Role.CURATOR]
    curator.visit("/check")
    curator.send("/check", value="+1 202 555 0188")
    said = {"role": "buyer", "source": "case-7", "reason": "seen"}
    curator.send("/changes", **said, last_day="2099-01-01")
    change = UUID(curator.page.url.path.rpartition("/")[2])
    its_page = re.compile(r'href="(/challenges/[0-9a-f-]{36})"')
    before = set(its_page.findall(curator.visit("/challenges").text))
    pam.visit("/challenges")
    pam.send("/challenges", selectors="+1 202 555 0188", reference="L 9/26", ground="it is theirs")
    (path,) = set(its_page.findall(curator.visit("/challenges").text)) - before
    challenge = UUID(path.rpartition("/")[2])
    page = curator.visit(path).text
    assert "a colleague who has not says whether that is right" in page
    assert 'value="keep"' not in page
    of_it = ChallengedRow.challenge_id == challenge
    for state_of_it, said_of_it in (
        (ChangeState.SUBMITTED, "it waits for another to sign"),
        (ChangeState.REFUSED, "Nothing came of what was found before"),
    ):
        with staffed.desk.log_in.database.writing() as session:
            one = session.scalars(select(ChallengedRow).where(of_it)).one()
            staffed.desk.curation.challenges.seals.alter(one, change_set_id=change)
            is_it = ChangeSet.id == change
            session.execute(update(ChangeSet).where(is_it).values(state=state_of_it))
        assert said_of_it in curator.visit(path).text


@pytest.mark.slow
def test_what_somebody_has_recorded_who_answers_nothing_is_shown_to_others(
    staffed: Staffed,
) -> None:
    pam, curator = staffed.browsers[Role.PARTNER_MANAGER], staffed.browsers[Role.CURATOR]
    curator.visit("/challenges")
    curator.send("/challenges", selectors=ELSEWHERE, reference="L 10/26", ground="it is theirs")
    assert "L 10/26" not in pam.visit("/challenges").text
    with staffed.desk.log_in.database.writing() as session:
        (ada,) = session.scalars(select(Account.id).where(Account.name == "ada@gen.example"))
        for row in session.scalars(select(ChallengeRow)):
            staffed.desk.curation.challenges.seals.alter(row, recorded_by=ada)
    page = pam.visit("/challenges").text
    assert "Recorded by people who can answer no more" in page
    assert "L 10/26" in page


@pytest.mark.slow
def test_one_that_was_changed_in_the_database_is_closed_as_it_is_recorded_anew(
    staffed: Staffed,
) -> None:
    pam, curator = staffed.browsers[Role.PARTNER_MANAGER], staffed.browsers[Role.CURATOR]
    for reference in ("L 12/26", "L 13/26"):
        pam.visit("/challenges")
        said = {"reference": reference, "ground": "it is theirs"}
        pam.send("/challenges", selectors=ELSEWHERE, **said)
    page = curator.visit("/challenges").text
    ways = dict(re.findall(r'href="(/challenges/[0-9a-f-]{36})"[^>]*><bdi>(L 1[23]/26)', page))
    (path,) = (one for one, reference in ways.items() if reference == "L 12/26")
    (anew,) = (one for one, reference in ways.items() if reference == "L 13/26")
    is_it = ChallengeRow.id == UUID(path.rpartition("/")[2])
    with staffed.desk.log_in.database.writing() as session:
        session.execute(update(ChallengeRow).where(is_it).values(recorded_at=1))
    page = pam.visit("/challenges").text
    assert page.count("Record anew what the letter names, and tell a colleague") == 1
    page = curator.visit(path).text
    assert "record anew what the letter names" in page
    assert "/conclusions" not in page
    closed = curator.send(f"{path}/closing", reason="it is L 13/26", password=PASSWORD)
    assert (closed.status_code, closed.url.path) == (200, path)
    assert "as what the letter names is recorded anew" in closed.text
    assert "/closing" not in closed.text
    assert path not in curator.visit("/challenges").text
    assert "Why: <bdi>it is L 13/26</bdi>" in closed.text
    page = pam.visit("/challenges").text
    assert "Record anew what the letter names" not in page
    assert "<bdi>curator (curator)</bdi> has closed it" in page
    assert "record it anew if you have not" in page
    page = curator.visit(anew).text
    assert "/closing" not in page
    (form,) = (one for one in forms_of(page) if "/conclusions" in one.action)
    given = {"reason": "as recorded", "password": PASSWORD}
    refused = curator.client.post(f"{anew}/closing", data={**form.fields, **given})
    assert refused.status_code == 422
    assert "this is as the console has left it" in refused.text

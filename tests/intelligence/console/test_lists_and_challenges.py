"""Safety lists and challenges at the console's pages, which are asked in this process."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update

from intelligence.challenges.recording import ANSWER
from intelligence.challenges.tables import ChallengedRow, ChallengeRow
from intelligence.curation.tables import ChangeSet, ChangeState
from intelligence.deployment import (
    Desk,
    initialise,
    make_spool_keys,
    open_desk,
    trust_indexer,
)
from intelligence.staff.roles import Role
from intelligence.staff.tables import Account
from screening.exclusions.rules import Category, Match
from screening.spools.acknowledgement import Refused
from screening.spools.exclusions_told import ExclusionsTold, ToldRule
from screening.spools.keys import spell_key
from screening.spools.order import parse_signed
from tests.harness.console import PASSWORD, Browser, added, forms_of
from tests.intelligence.backup.homes import settings_for
from tests.intelligence.console.inside import Inside
from tests.intelligence.curation.desk import DEPLOYMENT, PaperIndexer

RANGE = "+12025550140..+12025550149"
ON_IT, ELSEWHERE = "+1 202 555 0142", "+1 202 555 0177"
ROLES = (Role.APPROVER, Role.CURATOR, Role.PARTNER_MANAGER, Role.AUDITOR)
RULE: Mapping[str, str] = {
    "kind": "email",
    "match": "domain",
    "value": "lodge.example",
    "category": "shelter",
    "note": "a lodge that takes people in",
    "source": "its page",
    "reason": "it called us",
}


@dataclass
class Staffed:
    desk: Desk
    indexer: PaperIndexer
    browsers: Mapping[Role, Inside]

    def tell(self, *rules: ToldRule) -> None:
        self.indexer.write(
            lambda head: ExclusionsTold("screening-exclusions/1", *head, list(rules), [])
        )
        self.desk.curation.take_turn()

    def fall_due(self) -> None:
        """Have the day of each challenge come."""
        with self.desk.log_in.database.writing() as session:
            session.execute(update(ChallengeRow).values(due_at=0))


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staffed]:
    folder = Path(tmp_path_factory.mktemp("pages"))
    settings = settings_for(folder)
    token = initialise(settings)
    assert token is not None
    key, _ = make_spool_keys(settings, DEPLOYMENT)
    indexer = PaperIndexer(settings.spool, spell_key(key))
    (folder / "brought.pub").write_bytes(spell_key(indexer.public))
    trust_indexer(settings, folder / "brought.pub", replacing=False)
    with open_desk(settings) as desk:
        ada = Inside(desk)
        ada.set_up(token, "ada@gen.example")
        browsers: dict[Role, Inside] = {}
        confirming: list[Browser] = []
        for role in ROLES:
            said: dict[str, str | list[str]] = {"name": role.value, "display_name": role.value}
            token = added(ada, confirming, **said, roles=[role.value])
            browsers[role] = Inside(desk)
            browsers[role].accept(role.value, token)
            browsers[role].enrol()
            confirming = [browsers[Role.APPROVER]]
            if role is not Role.AUDITOR:
                browsers[role].visit("/signing-key")
                browsers[role].send("/signing-key", password=PASSWORD)
        yield Staffed(desk, indexer, browsers)


def answered(staffed: Staffed, why: str = "") -> None:
    """Have what waits leave, and applied by the indexer, or refused for what it orders."""
    staffed.desk.curation.take_turn()
    indexer = staffed.indexer
    sequence = indexer.down.sequences()[-1]
    if why:
        batch = parse_signed(indexer.export(sequence).batches[0].batch).batch
        indexer.tell(Refused(sequence, indexer.sha256(sequence), "not_possible", batch, why))
    else:
        indexer.apply(sequence)
    staffed.desk.curation.take_turn()


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


def test_an_auditor_sees_which_kind_of_rule_and_not_whose(staffed: Staffed) -> None:
    staffed.tell(told())
    page = staffed.browsers[Role.AUDITOR].visit("/safety-lists").text
    assert "phone range" in page
    assert RANGE not in page
    assert "block" not in page
    assert staffed.browsers[Role.AUDITOR].visit("/challenges").status_code == 200


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


def test_an_order_is_watched_until_it_is_in_force(staffed: Staffed) -> None:
    curator = staffed.browsers[Role.CURATOR]
    order = ordered(staffed, "inn.example")
    page = curator.visit(f"{order}/progress")
    assert "<h1>On its way</h1>" in page.text
    assert f"2; url={order}/progress?look=2" in page.headers.get("refresh", page.text)
    while "In force as release" not in curator.visit(f"{order}/progress").text:
        answered(staffed)  # files of before leave first
    assert "<h1>In force</h1>" in curator.page.text
    assert f'<a href="{order}">The order</a>' in curator.page.text
    assert "?look=" not in curator.page.text


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


def test_a_page_says_who_may_not_keep_it_what_waits_and_what_came_back(staffed: Staffed) -> None:
    pam, curator = staffed.browsers[Role.PARTNER_MANAGER], staffed.browsers[Role.CURATOR]
    curator.visit("/check")
    curator.send("/check", value="+1 202 555 0188")
    said = {"role": "buyer", "source": "case-7", "reason": "seen"}
    curator.send("/changes", **said, last_day="2099-01-01")
    change = UUID(curator.page.url.path.rpartition("/")[2])
    pam.visit("/challenges")
    pam.send("/challenges", selectors="+1 202 555 0188", reference="L 9/26", ground="it is theirs")
    page = curator.visit("/challenges").text
    *_, path = re.findall(r'href="(/challenges/[0-9a-f-]{36})"', page)
    challenge = UUID(path.rpartition("/")[2])
    page = curator.visit(path).text
    assert "a colleague says who has not" in page
    assert 'value="keep"' not in page
    of_it = ChallengedRow.challenge_id == challenge
    for state_of_it, said_of_it in (
        (ChangeState.SUBMITTED, "it waits for another to sign"),
        (ChangeState.REFUSED, "Nothing came of what was found before"),
    ):
        with staffed.desk.log_in.database.writing() as session:
            session.execute(update(ChallengedRow).where(of_it).values(change_set_id=change))
            is_it = ChangeSet.id == change
            session.execute(update(ChangeSet).where(is_it).values(state=state_of_it))
        assert said_of_it in curator.visit(path).text


def test_what_somebody_has_recorded_who_answers_nothing_is_shown_to_others(
    staffed: Staffed,
) -> None:
    pam, curator = staffed.browsers[Role.PARTNER_MANAGER], staffed.browsers[Role.CURATOR]
    curator.visit("/challenges")
    curator.send("/challenges", selectors=ELSEWHERE, reference="L 10/26", ground="it is theirs")
    assert "L 10/26" not in pam.visit("/challenges").text
    with staffed.desk.log_in.database.writing() as session:
        (ada,) = session.scalars(select(Account.id).where(Account.name == "ada@gen.example"))
        session.execute(update(ChallengeRow).values(recorded_by=ada))
    page = pam.visit("/challenges").text
    assert "Recorded by people who can answer no more" in page
    assert "L 10/26" in page

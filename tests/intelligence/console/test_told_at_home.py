"""What somebody has to know stands where they look: on the start page, and on that of a change."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import select, update

from intelligence.curation.tables import ChangeRow, ChangeSet
from intelligence.staff.roles import Role
from intelligence.staff.signing_keys import SigningKey
from intelligence.staff.tables import Account, State
from tests.harness.accessibility import flaws_of
from tests.harness.console import PASSWORD, forms_of
from tests.intelligence.console.inside import Inside
from tests.intelligence.console.staffed import Staffed, answered

OFF, KEPT = "+1 202 555 0171", "+1 202 555 0172"


def _drafted(curator: Inside, *values: str) -> str:
    """Have a file become a draft, and submit it; return where it is."""
    rows = [f"{one},buyer,case 9,seen" for one in values]
    table = "\n".join(["phone,role,source,reason", *rows])
    curator.visit("/imports")
    curator.upload("/imports", "case.csv", table.encode())
    curator.send(f"{curator.page.url.path}/draft")
    path = str(curator.page.url.path)
    curator.send(f"{path}/submission", password=PASSWORD)
    return path


def test_what_was_refused_is_told_to_its_author_until_they_have_noted_it(staffed: Staffed) -> None:
    curator, approver = staffed.browsers[Role.CURATOR], staffed.browsers[Role.APPROVER]
    path = _drafted(curator, KEPT)
    approver.visit(path)
    approver.send(f"{path}/refusal", reason="<b>closed</b>")
    for place in ("/", "/review"):
        page = curator.visit(place).text
        assert re.search("by <bdi>approver .approver.</bdi>, [^<]*UTC: <bdi>&lt;b&gt;closed", page)
        assert f'href="{path}"' in page
        assert flaws_of(page) == []
        assert "closed" not in approver.visit(place).text
    curator.visit(path)
    assert f"{path}/note" not in {one.action for one in forms_of(approver.visit(path).text)}
    curator.send(f"{path}/note")
    for place in ("/", "/review"):
        assert "closed" not in curator.visit(place).text


@pytest.mark.slow
def test_an_order_that_was_refused_is_told_to_its_author_until_they_have_noted_it(
    staffed: Staffed,
) -> None:
    curator, approver = staffed.browsers[Role.CURATOR], staffed.browsers[Role.APPROVER]
    rule = {"kind": "email", "match": "mailbox", "value": "abuse", "category": "shelter"}
    said = {"note": "for help", "reason": "asked", "password": PASSWORD}
    curator.visit("/safety-lists")
    path = str(curator.send("/safety-lists", **rule, **said, wide="yes").url.path)
    approver.visit(path)
    approver.send(f"{path}/refusal", reason="too wide")
    task = '<a href="/safety-lists">Your orders of the safety lists, refused</a>: 1'
    assert task in curator.visit("/").text
    assert task not in approver.visit("/").text
    assert f'href="{path}"' in curator.visit("/safety-lists").text
    assert f'href="{path}"' not in approver.visit("/safety-lists").text
    page = curator.visit(path).text
    assert "<h2>It was refused</h2>" in page
    assert flaws_of(page) == []
    assert f"{path}/note" not in {one.action for one in forms_of(approver.visit(path).text)}
    curator.visit(path)
    curator.send(f"{path}/note")
    assert task not in curator.visit("/").text
    assert f'href="{path}"' not in curator.visit("/safety-lists").text


def test_a_page_says_what_was_taken_off_since_before_it_is_approved(staffed: Staffed) -> None:
    curator, approver = staffed.browsers[Role.CURATOR], staffed.browsers[Role.APPROVER]
    other = _drafted(curator, KEPT)
    approver.visit(other)
    approver.send(f"{other}/approval", password=PASSWORD)
    answered(staffed)
    path = _drafted(curator, OFF, "+1 202 555 0173")
    actions = {one.action for one in forms_of(approver.visit(path).text)}
    assert f"{path}/approval" in actions
    curator.visit("/check")
    said = curator.send("/check", value=OFF).text
    assert re.search("Change 1</a>, which says something of it: waits for approval", said)
    curator.send("/retractions", reason="closed", password=PASSWORD)
    page = approver.visit(path).text
    assert "It cannot be approved: 1 of these selectors was taken off the list" in page
    assert "Where you refuse it, give this reason: its author is told." in page
    assert "You may take it back, or a colleague refuses it." in curator.visit(path).text
    approver.visit(path)
    assert re.search('<li><a href="/selectors/[0-9a-f-]+"><code>phone [+]12[*]+71</code>', page)
    assert f"{path}/approval" not in {one.action for one in forms_of(page)}
    assert f"{path}/refusal" in {one.action for one in forms_of(page)}
    assert flaws_of(page) == []
    approver.send(f"{path}/refusal", reason="one was taken off since")
    with staffed.desk.log_in.database.writing() as session:
        of_it = update(ChangeSet).where(ChangeSet.id == UUID(path.rpartition("/")[2]))
        session.execute(of_it.values(created_at=1))
    page = curator.visit(path).text
    assert page.count("<h3>Was taken off</h3>") == 1
    assert "decided after this was written: leave it out where you write this anew" in page
    assert "<dt>Why</dt><dd>closed</dd>" in page
    assert flaws_of(page) == []


def test_nobody_waits_for_a_retraction_that_cannot_be_approved(staffed: Staffed) -> None:
    curator, approver = staffed.browsers[Role.CURATOR], staffed.browsers[Role.APPROVER]
    listed = _drafted(curator, "+1 202 555 0174")
    approver.visit(listed)
    approver.send(f"{listed}/approval", password=PASSWORD)
    answered(staffed)
    curator.visit("/check")
    curator.send("/check", value="+1 202 555 0174")
    curator.send("/retractions", reason="closed", password=PASSWORD)
    with staffed.desk.log_in.database.writing() as session:
        last = select(ChangeSet).order_by(ChangeSet.turn.desc().nulls_last()).limit(1)
        row = session.scalars(last).one()
        row.state, row.expires_at, row.turn = "submitted", 1, None
    page = approver.visit(f"/changes/{row.id}").text
    assert "too long ago" in page
    assert "Nobody has to wait for it: whoever may take somebody off does so at once" in page
    assert "for as many as one person may take off in a day" in page
    assert "counts together with this until it is taken back or refused" in page
    assert flaws_of(page) == []
    with staffed.desk.log_in.database.writing() as session:
        approves = select(Account.id).where(Account.name == Role.APPROVER.value).scalar_subquery()
        of_it = update(ChangeSet).where(ChangeSet.id == row.id)
        session.execute(of_it.values(author_id=approves))
    page = curator.visit(f"/changes/{row.id}").text
    assert "An approver may refuse it: its author is told." in page
    assert "Where you refuse it" not in page
    assert "Nobody has to wait" not in page, "another than its author has signed it"
    with staffed.desk.log_in.database.writing() as session:
        session.execute(update(ChangeRow).where(ChangeRow.change_set_id == row.id).values(said=b""))
    page = curator.visit(f"/changes/{row.id}").text
    assert "cannot be read: a value in the database was changed, or its key is gone. An ap" in page
    assert "Where you refuse it" not in page
    assert flaws_of(page) == []
    assert "gone. You may take it back, or a colleague" in approver.visit(f"/changes/{row.id}").text
    with staffed.desk.log_in.database.writing() as session:
        session.execute(update(ChangeSet).where(ChangeSet.id == row.id).values(state="draft"))
    page = approver.visit(f"/changes/{row.id}").text
    assert "gone. You may take it back. Or have whoever runs the service restore a backup" in page
    assert "gone. Have whoever runs the service" in curator.visit(f"/changes/{row.id}").text


@pytest.fixture
def forged(staffed: Staffed) -> Iterator[Staffed]:
    """Have somebody write another name into the database."""
    of_it = update(Account).where(Account.name == Role.PARTNER_MANAGER.value)
    with staffed.desk.log_in.database.writing() as session:
        session.execute(of_it.values(display_name="Forged"))
    yield staffed
    with staffed.desk.log_in.database.writing() as session:
        session.execute(of_it.values(display_name=Role.PARTNER_MANAGER.value))


def test_an_account_that_was_changed_in_the_database_is_told_of_where_people_look(
    forged: Staffed,
) -> None:
    said = "1 account was changed in the database, and not by the console"
    for role in (Role.ADMINISTRATOR, Role.APPROVER, Role.AUDITOR):
        browser = forged.browsers[role]
        assert said in browser.visit("/").text, role
        staff = browser.visit("/staff").text
        assert "Forged" in staff
        assert "changed outside of the console" in staff, role
        assert flaws_of(staff) == []
    with forged.desk.log_in.database.writing() as session:
        session.execute(
            update(Account).where(Account.display_name == "Forged").values(state=State.DISABLED)
        )
    ada = forged.browsers[Role.ADMINISTRATOR]
    assert said not in ada.visit("/").text
    (path,) = re.findall('href="(/staff/[0-9a-f-]{36})"><bdi>Forged', ada.visit("/staff").text)
    page = ada.visit(path).text
    assert "Disable" not in page
    assert "another log-in name" in page
    with forged.desk.log_in.database.writing() as session:
        session.execute(
            update(Account).where(Account.display_name == "Forged").values(state=State.ACTIVE)
        )


@pytest.mark.slow
def test_a_key_that_signs_no_more_stands_under_what_needs_doing(staffed: Staffed) -> None:
    manager = staffed.browsers[Role.PARTNER_MANAGER]
    said = '<a href="/signing-key">Signing keys of yours that sign no more</a>: 1, <strong>make'
    assert said not in manager.visit("/").text
    with staffed.desk.log_in.database.writing() as session:
        row = session.scalars(
            select(SigningKey).join(Account).where(Account.name == "partner_manager")
        ).one()
        public, row.public = row.public, bytes(32)
    assert said in manager.visit("/").text
    with staffed.desk.log_in.database.writing() as session:
        session.execute(
            update(SigningKey).where(SigningKey.public == bytes(32)).values(public=public)
        )
    assert said not in manager.visit("/").text
    with staffed.desk.log_in.database.writing() as session:
        session.execute(update(SigningKey).values(private=None))
    assert said in manager.visit("/").text


@pytest.mark.slow
def test_a_phone_without_its_country_leads_to_the_field_for_that(staffed: Staffed) -> None:
    curator = staffed.browsers[Role.CURATOR]
    curator.visit("/check")
    page = curator.send("/check", value="020 7946 0958").text
    assert "fill in the country of a phone without +" in page

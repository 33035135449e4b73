"""Pages say of what somebody signs that part of what is said of it cannot be read."""

import base64
from uuid import UUID

import pytest
from sqlalchemy import select, update

from intelligence.curation.tables import ChangeSet, EntryRow
from intelligence.partners.tables import PartnerRow
from intelligence.staff.roles import Role
from intelligence.staff.signing_keys import SigningKey
from intelligence.staff.tables import Account, RoleOfAccount
from intelligence.store.bound import bind, vault_of
from screening.spools.partners_told import PartnersTold
from tests.harness.accessibility import flaws_of
from tests.harness.console import PASSWORD, forms_of
from tests.intelligence.console.staffed import Staffed
from tests.intelligence.console.test_long_changes import BOSS, listed
from tests.intelligence.partners.office import told

WAS_CHANGED = "was changed in the database, or its key is gone"


def test_a_signing_key_that_was_changed_is_read_out_to_nobody_and_another_takes_its_place(
    staffed: Staffed,
) -> None:
    curator = staffed.browsers[Role.CURATOR]
    theirs = select(Account.id).where(Account.name == Role.CURATOR.value).scalar_subquery()
    with staffed.desk.log_in.database.writing() as session:
        its = update(SigningKey).where(SigningKey.account_id == theirs)
        session.execute(its.values(public=b"p" * 32))
    page = curator.visit("/signing-key").text
    assert "Your key was changed outside of the console, and signs nothing" in page
    assert "indexer spool approver add" not in page
    assert base64.b64encode(b"p" * 32).decode() not in page
    assert flaws_of(page) == []
    curator.visit("/check")
    curator.send("/check", value="+1 202 555 0179")
    curator.send("/changes", role="trafficker", source="case-7", reason="seen")
    path = curator.page.url.path
    # The page has no form for it: it was open when the key was changed.
    refused = curator.client.post(
        f"{path}/submission", data={"csrf": curator.csrf(), "password": PASSWORD}
    )
    assert refused.status_code == 422
    for text in (refused.text, curator.page.text):
        assert "your key was changed outside of the console" in text
    curator.visit("/signing-key")
    curator.send("/signing-key", password=PASSWORD)
    assert "indexer spool approver add" in curator.page.text


def test_an_import_and_its_change_say_that_part_cannot_be_read(staffed: Staffed) -> None:
    curator, approver = staffed.browsers[Role.CURATOR], staffed.browsers[Role.APPROVER]
    listed(staffed, BOSS)
    with staffed.desk.log_in.database.writing() as session:
        session.execute(update(EntryRow).values(role="unknown"))
    table = f"email,role,source,reason\n{BOSS},buyer,case-8,seen\nx@ring.example,buyer,case-8,seen"
    curator.visit("/imports")
    curator.upload("/imports", "case.csv", table.encode())
    page = curator.page.text
    assert f"Part of what is said of the selectors of 1 row {WAS_CHANGED}" in page
    assert page.count("Part of what is said of it cannot be read") == 1
    assert flaws_of(page) == []
    curator.send(f"{curator.page.url.path}/draft")
    path = curator.page.url.path
    curator.send(f"{path}/submission", password=PASSWORD)
    shown = approver.visit(path).text
    assert shown.count(f"Part of what is said of it {WAS_CHANGED}") == 1
    assert flaws_of(shown) == []


def test_a_page_that_says_nothing_of_what_it_has_shown_is_looked_over_again(
    staffed: Staffed,
) -> None:
    curator, approver = staffed.browsers[Role.CURATOR], staffed.browsers[Role.APPROVER]
    curator.visit("/check")
    curator.send("/check", value=BOSS)
    curator.send("/changes", role="trafficker", source="case-7", reason="seen")
    path = curator.page.url.path
    curator.send(f"{path}/submission", password=PASSWORD)
    address = f"{path}/approval"
    page = approver.visit(path).text
    (form,) = (form for form in forms_of(page) if form.action == address)
    older = {name: value for name, value in form.fields.items() if name != "shown"}
    refused = approver.client.post(address, data={**older, "password": PASSWORD})
    assert refused.status_code == 422
    assert "look it over again, and sign it then" in refused.text
    approver.visit(path)
    approver.send(address, password=PASSWORD)
    assert "<dt>State</dt><dd>approved</dd>" in approver.page.text


@pytest.mark.slow
def test_a_change_names_what_waits_ahead_of_it_and_cannot_be_read(staffed: Staffed) -> None:
    curator, approver = staffed.browsers[Role.CURATOR], staffed.browsers[Role.APPROVER]
    paths = []
    for value in ("+1 202 555 0171", "+1 202 555 0172"):
        curator.visit("/check")
        curator.send("/check", value=value)
        curator.send("/changes", role="buyer", source="case-7", reason="seen")
        paths.append(curator.page.url.path)
        curator.send(f"{paths[-1]}/submission", password=PASSWORD)
    ahead, path = paths
    approver.visit(ahead)
    approver.send(f"{ahead}/approval", password=PASSWORD)
    assert "cannot be read" not in approver.visit(path).text
    spoilt = UUID(ahead.rpartition("/")[2])
    with staffed.desk.log_in.database.writing() as session:
        of_it = update(ChangeSet).where(ChangeSet.id == spoilt)
        session.execute(of_it.values(content=b"changed"))
    shown = approver.visit(path).text
    said = f'<a href="{ahead}">Change {spoilt}</a> leaves before this one, and cannot be read'
    assert said in shown
    assert "lowers what a source says" in shown
    assert flaws_of(shown) == []
    with staffed.desk.log_in.database.writing() as session:
        of_it = update(ChangeSet).where(ChangeSet.id == spoilt)
        session.execute(of_it.values(content=b"changed", concerns="partners"))
    assert f"Order {spoilt} leaves before this one" in approver.visit(path).text


@pytest.mark.parametrize("wrong", [b"{", b"[]", b"\xff", b'{"partner":"bravo"}'])
def test_a_partner_that_cannot_be_read_is_said_to_be_so_beside_the_others(
    staffed: Staffed, wrong: bytes
) -> None:
    both = [told("acme"), told("bravo", state="suspended")]
    staffed.indexer.write(lambda head: PartnersTold("screening-partners/1", *head, both))
    staffed.desk.curation.take_turn()
    with staffed.desk.log_in.database.writing() as session:
        session.execute(update(PartnerRow).where(PartnerRow.name == "acme").values(told=wrong))
    for role in (Role.APPROVER, Role.PARTNER_MANAGER, Role.AUDITOR):
        browser = staffed.browsers[role]
        home = browser.visit("/").text
        assert "unreadable here: what the indexer told of it was changed" in home
        assert "<dt>Suspended</dt><dd>bravo</dd>" in home
        assert "unreadable, <strong>unreadable here" in browser.visit("/partners").text
        page = browser.visit("/partners/acme").text
        assert "<dt>State</dt><dd>unreadable</dd>" in page
        assert flaws_of(page) == []
    manager = staffed.browsers[Role.PARTNER_MANAGER].visit("/partners/acme")
    assert "/partners/acme/suspension" in [one.action for one in forms_of(manager.text)]


def test_a_role_that_there_is_not_gives_nothing_and_is_shown_so(staffed: Staffed) -> None:
    auditor = staffed.browsers[Role.AUDITOR]
    with staffed.desk.log_in.database.writing() as session:
        account = session.scalars(select(Account).where(Account.name == "auditor")).one()
        account.role_rows.append(RoleOfAccount(role="nobody"))
        bind(vault_of(session), account)  # as a version that has such a role may have done
    assert "with this role: Auditor." in auditor.visit("/").text
    page = auditor.visit("/staff").text
    assert ">Auditor, unreadable</td>" in page
    assert "Auditor, unreadable" in auditor.visit(f"/staff/{account.id}").text

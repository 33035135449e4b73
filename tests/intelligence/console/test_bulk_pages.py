"""Exports and proofs at the console's pages, which are asked in this process."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from intelligence.commands.setting_up import initialise
from intelligence.deployment import Desk
from intelligence.staff.roles import Role
from intelligence.staff.tables import SignIn
from tests.harness.accessibility import flaws_of
from tests.harness.console import PASSWORD, Browser, added
from tests.intelligence.backup.homes import settings_for
from tests.intelligence.console.inside import Inside, open_desk_inside
from tests.intelligence.console.pressing import pressed_at_once
from tests.intelligence.disclosure.room import receipt_of


@dataclass
class People:
    desk: Desk
    ada: Inside
    anna: Inside
    abel: Inside

    def forget_proofs(self) -> None:
        """Have it be long ago that anybody gave both factors."""
        with self.desk.log_in.database.writing() as session:
            session.execute(update(SignIn).values(proved_at=0))


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    settings = settings_for(Path(tmp_path_factory.mktemp("pages")))
    token = initialise(settings)
    assert token is not None
    with open_desk_inside(settings) as desk:
        ada = Inside(desk)
        found = People(desk, ada, *(Inside(desk, beside=ada) for _ in range(2)))
        found.ada.set_up(token, "ada@gen.example")
        confirming: list[Browser] = []
        for name, role, browser in (
            ("abel", Role.APPROVER, found.abel),
            ("anna", Role.ANALYST, found.anna),
        ):
            said: dict[str, str | list[str]] = {"name": name, "display_name": name}
            token = added(found.ada, confirming, **said, roles=[role.value])
            browser.accept(name, token)
            browser.enrol()
            confirming = [found.abel]
        yield found


def ask(browser: Browser, receipts: str) -> httpx.Response:
    browser.visit("/exports")
    return browser.send(
        "/exports", receipts=receipts, purpose="investigation", case_number="K 7/26"
    )


def sent(browser: Browser, ending: str) -> httpx.Response:
    """Send the form of the page whose address ends so."""
    (action,) = re.findall(rf'action="(/exports/[0-9a-f-]+/{ending})"', browser.page.text)
    return browser.send(action)


def test_a_file_leaves_once_another_person_has_approved_it(people: People) -> None:
    assert "K 7/26" in ask(people.anna, f"{receipt_of(1)}\r\n{receipt_of(2)}").text
    assert "/approval" not in people.anna.page.text
    people.abel.visit("/exports")
    assert "<dd><bdi>2</bdi></dd>" in people.abel.page.text
    (action,) = re.findall(r'action="(/exports/[0-9a-f-]+/approval)"', people.abel.page.text)
    waiting = people.abel.page
    assert "You have approved an export" in sent(people.abel, "approval").text
    people.abel.page = waiting
    assert people.abel.send(action).url.path == "/exports", "it was pressed twice"
    people.abel.page = waiting
    again = people.abel.send(action, once="of another window")
    assert (again.status_code, "this was done already" in again.text) == (404, True)
    assert '<a href="/exports">Exports</a><p>' in people.anna.visit("/").text
    people.anna.visit("/exports")
    (action,) = re.findall(r'action="(/exports/[0-9a-f-]+/file)"', people.anna.page.text)
    with_file = people.anna.page
    file, again = pressed_at_once(people.desk, people.anna, action)
    assert (file.content, file.headers) == (again.content, again.headers)
    assert file.headers["content-disposition"] == 'attachment; filename="disclosures.csv"'
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    rows = [*csv.DictReader(io.StringIO(file.text))]
    assert [row["asked"] for row in rows] == [receipt_of(1), receipt_of(2)]
    people.anna.page = with_file
    late = people.anna.send(action, once="of a file that was too large to be kept")
    assert (late.status_code, "resolve its receipts one by one" in late.text) == (422, True)
    assert "There is none" in people.anna.visit("/exports").text


@pytest.mark.slow
def test_what_is_no_receipt_is_refused_without_an_echo(people: People) -> None:
    answer = ask(people.anna, f"{receipt_of(1)}\r\n\r\n+12025550142")
    assert (answer.status_code, "2025550142" in answer.text) == (422, False)
    assert '<a href="#receipts">line 3: this is no receipt' in answer.text


@pytest.mark.slow
def test_whoever_has_not_proved_who_they_are_is_asked_and_taken_back(people: People) -> None:
    people.forget_proofs()
    people.anna.visit("/exports")
    refused = ask(people.anna, receipt_of(3))
    assert (refused.status_code, "K 7/26" in refused.text) == (403, True), "what was typed is shown"
    assert flaws_of(refused.text) == []
    people.anna.visit(unescape(re.findall(r'href="(/proof[^"]*)"', refused.text)[0]))
    people.anna.send("/proof", password="wrong", code=people.anna.code())
    assert people.anna.page.status_code == 422
    people.anna.send("/proof", password=PASSWORD, code=people.anna.codes.pop())
    assert people.anna.page.url.path == "/exports"
    assert "K 7/26" in ask(people.anna, receipt_of(3)).text


@pytest.mark.slow
def test_an_account_is_changed_by_nobody_who_has_found_a_desk(people: People) -> None:
    people.forget_proofs()
    people.ada.visit("/staff/new")
    refused = people.ada.send("/staff", name="eve", display_name="Eve", roles=["curator"])
    assert refused.status_code == 403
    for one in ("Log-in name</dt><dd>eve", "Name</dt><dd>Eve", "Roles</dt><dd>Curator"):
        assert f"<dt>{one}</dd>" in refused.text, "by the labels of the form, to be copied there"
    assert "Eve" not in people.ada.visit("/staff").text

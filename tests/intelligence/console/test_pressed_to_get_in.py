"""Who presses twice at a step of getting in is in, and a code is heard of nobody else for that."""

from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from litestar.testing import TestClient

from intelligence.commands.setting_up import initialise
from tests.harness.console import PASSWORD, added, forms_of
from tests.intelligence.backup.homes import settings_for
from tests.intelligence.console.inside import URL, Inside, open_desk_inside
from tests.intelligence.console.newcomers import ADA, Newcomer
from tests.intelligence.console.pressing import pressed_at_once


def go_on(browser: Inside, answers: Sequence[httpx.Response], *, to: str) -> None:
    """Have a browser go on from two answers, which are to lead to one page in one session."""
    assert [(one.status_code, one.headers.get("location")) for one in answers] == [(303, to)] * 2
    (ticket,) = {one.cookies["console"] for one in answers}
    have_ticket(browser, ticket)
    browser.visit(to)


def have_ticket(browser: Inside, ticket: str) -> None:
    browser.client.cookies.set("console", ticket, domain="127.0.0.1", path="/")


def test_two_presses_at_each_step_of_a_log_in_end_logged_in(newcomer: Newcomer) -> None:
    ada, desk = newcomer.ada, newcomer.desk
    ada.send("/log-out")
    ada.visit("/log-in")
    said = {"name": ADA, "password": PASSWORD}
    go_on(ada, pressed_at_once(desk, ada, "/log-in", **said), to="/second-factor")
    go_on(ada, pressed_at_once(desk, ada, "/second-factor", code=ada.code()), to="/")
    assert "You are" in ada.page.text
    assert newcomer.sessions() == 1


@pytest.mark.slow
def test_two_presses_of_the_set_up_end_set_up(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    token = initialise(settings)
    assert token is not None
    with open_desk_inside(settings) as desk:
        ada = Inside(desk)
        ada.visit("/set-up")
        said = {"token": token, "name": ADA, "display_name": "Ada"}
        passwords = {"password": PASSWORD, "again": PASSWORD}
        answers = pressed_at_once(desk, ada, "/set-up", **said, **passwords)
        go_on(ada, answers, to="/enrolment")
        ada.enrol()


@pytest.mark.slow
def test_two_presses_of_an_invitation_end_with_the_password(newcomer: Newcomer) -> None:
    said: dict[str, str | list[str]] = {"name": "olga", "display_name": "Olga"}
    token = added(newcomer.ada, [], **said, roles=["auditor"])
    olga = Inside(newcomer.desk, beside=newcomer.ada)
    olga.visit("/invitation")
    passwords = {"password": PASSWORD, "again": PASSWORD}
    answers = pressed_at_once(
        newcomer.desk, olga, "/invitation", name="olga", token=token, **passwords
    )
    go_on(olga, answers, to="/second-factor")  # and on from there
    assert olga.page.url.path == "/enrolment"
    olga.enrol()


@pytest.mark.slow
def test_two_presses_of_another_password_end_with_that(newcomer: Newcomer) -> None:
    ada, new = newcomer.ada, "another horse of many colours"
    ada.visit("/account")
    passwords = {"old": PASSWORD, "password": new, "again": new}
    go_on(ada, pressed_at_once(newcomer.desk, ada, "/account/password", **passwords), to="/account")
    assert ada.page.url.path == "/account"
    ada.send("/log-out")
    assert ada.log_in(ADA, new).url.path == "/"


@pytest.mark.slow
def test_two_presses_of_a_proof_go_on(newcomer: Newcomer) -> None:
    ada = newcomer.ada
    ada.visit("/proof?back=/staff/new")
    proof = {"password": PASSWORD, "code": ada.code()}
    answers = pressed_at_once(newcomer.desk, ada, "/proof", **proof)
    assert [one.headers.get("location") for one in answers] == ["/staff/new"] * 2


def pressed_once(browser: Inside, action: str, **fields: str) -> dict[str, list[str]]:
    """Send a form and go where it leads; return what was sent."""
    (form,) = (one for one in forms_of(browser.page.text) if one.action == action)
    sent = {**form.fields, **{name: [value] for name, value in fields.items()}}
    browser.page = browser.client.post(action, data=sent, follow_redirects=True)
    return sent


@pytest.mark.slow
def test_a_press_after_the_answer_leads_on_from_the_ticket_before_and_after(
    newcomer: Newcomer,
) -> None:
    ada = newcomer.ada
    ada.send("/log-out")
    ada.visit("/log-in")
    for action, said, to in (
        ("/log-in", {"name": ADA, "password": PASSWORD}, "/second-factor"),
        ("/second-factor", {"code": ada.code()}, "/"),
    ):
        before = ada.client.cookies["console"]
        sent = pressed_once(ada, action, **said)
        after = ada.client.cookies["console"]
        for ticket in (after, before):
            have_ticket(ada, ticket)
            again = ada.client.post(action, data=sent)
            assert (again.url.path, ada.client.cookies["console"]) == (to, after)


def test_a_code_is_heard_of_nobody_else_however_soon(newcomer: Newcomer) -> None:
    ada, thief = newcomer.ada, Inside(newcomer.desk, beside=newcomer.ada)
    thief.client = TestClient(ada.client.app, base_url=URL)  # type: ignore[attr-defined]  # of one console
    said = {"name": ADA, "password": PASSWORD}
    ada.send("/log-out")
    for one in (ada, thief):
        one.visit("/log-in")
        pressed_once(one, "/log-in", **said)
    (theirs,) = (one for one in forms_of(thief.page.text) if one.action == "/second-factor")
    sent = pressed_once(ada, "/second-factor", code=ada.code())
    assert ada.page.url.path == "/"
    for tried in (
        sent,
        {**theirs.fields, "code": sent["code"]},
        {**sent, "csrf": theirs.fields["csrf"]},
    ):
        thief.client.post("/second-factor", data=tried)
        assert thief.visit("/account").url.path == "/second-factor"


@pytest.mark.slow
def test_a_code_is_heard_in_no_other_form_of_the_same_session(newcomer: Newcomer) -> None:
    ada = newcomer.ada
    ada.visit("/proof")
    page, code = ada.page, ada.code()
    ada.send("/proof", password=PASSWORD, code=code)
    ada.page = page
    assert (
        ada.send("/proof", password=PASSWORD, code=code, once="of another window").status_code
        == 422
    )
    assert "was used before" in ada.page.text

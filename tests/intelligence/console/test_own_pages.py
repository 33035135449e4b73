"""Whoever proves who they are is taken back to the page of their form, and never elsewhere."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from intelligence.commands.setting_up import initialise
from intelligence.console.own_pages import own_page
from intelligence.deployment import Desk
from intelligence.staff.tables import SignIn
from tests.harness.accessibility import flaws_of
from tests.harness.console import PASSWORD, added, forms_of
from tests.harness.slow import slow_but_first
from tests.intelligence.backup.homes import settings_for
from tests.intelligence.console.inside import Inside, open_desk_inside


@pytest.fixture(scope="module")
def desk_and_ada(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Inside, str]]:
    settings = settings_for(Path(tmp_path_factory.mktemp("pages")))
    token = initialise(settings)
    assert token is not None
    with open_desk_inside(settings) as desk:
        ada = Inside(desk)
        ada.set_up(token, "ada@gen.example")
        token = added(ada, [], name="olga", display_name="Olga", roles=["auditor"])
        yield desk, ada, token


@pytest.fixture(scope="module")
def ada(desk_and_ada: tuple[Desk, Inside, str]) -> Inside:
    return desk_and_ada[1]


@pytest.fixture(scope="module")
def olga(desk_and_ada: tuple[Desk, Inside, str]) -> Inside:
    desk, ada, token = desk_and_ada
    olga = Inside(desk, beside=ada)
    olga.accept("olga", token)
    olga.enrol()
    return olga


@pytest.fixture
def long_ago(desk_and_ada: tuple[Desk, Inside, str]) -> None:
    """Have it be long ago that anybody gave both factors."""
    with desk_and_ada[0].log_in.database.writing() as session:
        session.execute(update(SignIn).values(proved_at=0))


def proved(browser: Inside) -> httpx.Response:
    """Go on from a page that asks who it is, and give both factors."""
    if browser.page.url.path != "/proof":
        browser.visit(unescape(re.findall(r'href="(/proof[^"]*)"', browser.page.text)[0]))
    return browser.send("/proof", password=PASSWORD, code=browser.codes.pop())


@pytest.mark.slow
@pytest.mark.usefixtures("long_ago")
def test_a_filter_is_there_again_after_the_proof(olga: Inside) -> None:
    shown = "/audit?person=&event=staff+added&day="
    olga.visit(shown)
    olga.send("/audit/export")
    assert str(proved(olga).url).endswith(shown)
    lines = olga.send("/audit/export").text.splitlines()
    assert (len(lines), "staff added" in lines[1]) == (2, True)


@pytest.mark.parametrize("query", ["event=staff+added&day=29.11.2026", "event=Staff&day="])
def test_what_cannot_be_read_of_a_filter_widens_no_export(olga: Inside, query: str) -> None:
    page = olga.visit(f"/audit?person=&{query}")
    assert (page.status_code, "/audit/export" in page.text) == (422, False)
    assert "Nothing is shown until the filter can be read." in page.text
    assert ('value="staff added" selected' in page.text) == ("added" in query)
    assert "29.11.2026" not in page.text
    assert flaws_of(page.text) == []


def test_what_is_done_with_the_records_stands_before_them(olga: Inside) -> None:
    page = olga.visit("/audit").text
    assert page.index('action="/audit/export"') < page.index("<table>")
    assert page.index('action="/audit/verification"') < page.index("<table>")


@pytest.mark.slow
def test_a_filter_outlives_the_verification(olga: Inside) -> None:
    olga.visit("/audit?person=&event=staff+added&day=")
    page = olga.send("/audit/verification")
    assert page.text.count(">staff added</th>") == 1
    assert ">selector checked</th>" not in page.text
    assert len(olga.send("/audit/export").text.splitlines()) == 2


@pytest.mark.usefixtures("long_ago")
def test_whoever_had_been_refused_before_comes_back_to_the_page_of_the_form(ada: Inside) -> None:
    ada.visit("/staff/new")
    assert ada.send("/staff", name="", display_name="Eve", roles=["curator"]).status_code == 422
    assert ada.send("/staff", name="eve", display_name="Eve", roles=["curator"]).status_code == 403
    assert (proved(ada).url.path, ada.page.status_code) == ("/staff/new", 200)


@slow_but_first(
    3,
    "address",
    [
        *("https://elsewhere.example", "//elsewhere.example", "/\\x", "", "/audit?a=\r\nb", "/a#b"),
        *("/audit?a=//b", "/audit/", "javascript:1", "/audit\n", f"/audit?{'a' * 513}"),
    ],
)
def test_nobody_is_sent_elsewhere(ada: Inside, address: str) -> None:
    assert own_page(address) == "/"
    page = ada.client.get("/proof", params={"back": address}).text
    assert 'name="back" value="/"' in page
    ada.visit("/staff/new")
    (form,) = (one for one in forms_of(ada.page.text) if one.action == "/staff")
    refused = ada.client.post("/staff", data={**form.fields, "stands_on": address})
    assert (refused.status_code, 'name="stands_on" value="/"' in refused.text) == (422, True)


@pytest.mark.parametrize(
    ("since", "said"), [("abc", "type digits alone"), ("99", "no version of this number")]
)
def test_what_no_version_is_compared_with_is_said_at_its_field(
    olga: Inside, since: str, said: str
) -> None:
    page = olga.visit(f"/versions/0?since={since}")
    assert (page.status_code, said in page.text) == (422, True)
    assert '<a href="#since">' in page.text
    assert f'value="{since}"' in page.text
    assert olga.visit("/versions/99").status_code == 404
    assert olga.visit("/versions/0?since=0").status_code == 200


def test_a_query_is_repeated_in_no_form_but_as_it_was_read(ada: Inside) -> None:
    page = ada.client.get("/account?a=\"'<b>").text
    assert 'name="stands_on" value="/account"' in page


def let_in(browser: Inside) -> httpx.Response:
    """Give name and password, then a code, on the pages that are shown."""
    browser.send("/log-in", name="olga", password=PASSWORD)
    return browser.send("/second-factor", code=browser.codes.pop())


DEEP = "/audit?person=&event=staff+added&day="


@pytest.mark.parametrize("wrong", [False, True])
def test_a_page_that_a_stranger_asks_for_is_there_after_the_log_in(
    olga: Inside, *, wrong: bool
) -> None:
    olga.client.cookies.clear()
    assert olga.visit(DEEP).url.path == "/log-in"
    if wrong:
        assert olga.send("/log-in", name="olga", password="not hers").status_code == 422
    assert str(let_in(olga).url).endswith(DEEP)


@pytest.mark.slow
def test_so_it_is_after_the_end_of_a_session(
    desk_and_ada: tuple[Desk, Inside, str], olga: Inside
) -> None:
    olga.visit(DEEP)
    with desk_and_ada[0].log_in.database.writing() as session:
        session.execute(update(SignIn).values(seen_at=0))
    assert olga.visit("/account").url.path == "/log-in"
    olga.send("/log-in", name="olga", password=PASSWORD)
    assert olga.visit(DEEP).url.path == "/second-factor", "whoever looks elsewhere meanwhile"
    assert str(olga.send("/second-factor", code=olga.codes.pop()).url).endswith(DEEP)


@pytest.mark.parametrize(
    "address", ["https://elsewhere.example", "//elsewhere.example", "/\\x", "/audit?a=\r\nb"]
)
def test_no_log_in_sends_anybody_elsewhere(olga: Inside, address: str) -> None:
    olga.client.cookies.clear()
    for path in ("/log-in", "/second-factor"):
        if path == "/log-in":
            olga.page = olga.client.get(path, params={"back": address})
        else:
            olga.send("/log-in", name="olga", password=PASSWORD, back=address)
            olga.page = olga.client.get(path, params={"back": address})
        assert 'name="back" value="/"' in olga.page.text
    assert olga.send("/second-factor", code=olga.codes.pop(), back=address).url.path == "/"


def test_a_log_in_page_leads_whoever_is_in_to_the_page_that_was_asked_for(olga: Inside) -> None:
    for back, path in (("/account", "/account"), ("//elsewhere.example", "/")):
        answer = olga.client.get("/log-in", params={"back": back}, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, path)


def test_a_link_of_elsewhere_ends_no_session(olga: Inside) -> None:
    """A browser keeps our cookie back then: it is asked to come once more, from our own page."""
    held = dict(olga.client.cookies)
    olga.client.cookies.clear()
    from_mail = {"sec-fetch-site": "cross-site"}
    answer = olga.client.get(DEEP, headers=from_mail, follow_redirects=False)
    assert (answer.status_code, answer.headers["refresh"]) == (200, f"0; url={DEEP}")
    assert "set-cookie" not in answer.headers
    assert flaws_of(answer.text) == []
    evil = olga.client.get("/audit?a=//b", headers=from_mail, follow_redirects=False)
    assert evil.headers["refresh"] == "0; url=/"
    olga.client.cookies.update(held)
    assert str(olga.visit(DEEP).url).endswith(DEEP)

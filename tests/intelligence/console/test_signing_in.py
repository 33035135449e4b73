"""From `intelligence init` to a home page and out again, by the pages that a person sees."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.console import PASSWORD, Browser, Console
from tests.harness.postgres import Postgres
from tests.harness.template import Template
from tests.intelligence.conftest import KINDS

NAME = "ada@gen.example"
on_both = pytest.mark.parametrize("console", KINDS, indirect=True)


@on_both
def test_the_first_page_is_the_set_up_until_somebody_is_here(console: Console) -> None:
    token = console.initialise()
    console.serve()
    ada = console.browser()
    assert ada.visit("/").url.path == "/set-up"
    for wrong in ("", token[:-1], "0" * len(token)):
        ada.visit("/set-up")
        answer = ada.send(
            "/set-up", token=wrong, name=NAME, display_name="Ada", password=PASSWORD, again=PASSWORD
        )
        assert answer.status_code == 422
    ada.set_up(token, NAME)
    assert "You are" in ada.visit("/").text
    assert ada.client.get("/set-up").status_code == 404
    stranger = console.browser()
    assert stranger.visit("/").url.path == "/log-in"


@on_both
def test_a_log_in_takes_both_factors_and_a_log_out_ends_it(
    console: Console, administrator_again: Browser
) -> None:
    ada = administrator_again
    ada.visit("/")
    cookies = dict(ada.client.cookies)
    assert ada.send("/log-out").url.path == "/log-in"
    assert ada.visit("/staff").url.path == "/log-in"
    ada.client.cookies.update(cookies)
    assert ada.visit("/staff").url.path == "/log-in"  # the browser's copy is worth nothing
    ada.client.cookies.clear()
    assert ada.log_in(NAME).url.path == "/"
    assert dict(ada.client.cookies) != cookies


@pytest.fixture(scope="module")
def administrator_again(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    console: Console,
    channel: Template,
) -> Iterator[Browser]:
    """An administrator of a console of her own: the other tests take the first one's set-up."""
    url = None
    if "INTELLIGENCE_DATABASE_URL" in console.environment:
        server: Postgres = request.getfixturevalue("postgres")
        url = server.new_database()
    own = Console(tmp_path_factory.mktemp("own"), url, template=channel)
    token = own.initialise()
    own.serve()
    browser = own.browser()
    browser.set_up(token, NAME)
    yield browser
    own.stop()


def test_a_wrong_password_a_wrong_code_and_an_unknown_name_open_nothing(
    administrator_again: Browser,
) -> None:
    ada = administrator_again
    ada.client.cookies.clear()
    ada.visit("/log-in")
    assert ada.send("/log-in", name=NAME, password="not hers at all").status_code == 422
    wrong = ada.page.text
    ada.send("/log-in", name="nobody@gen.example", password="not hers at all")
    strip = re.compile(r'value="[\w-]*"')
    assert strip.sub("", ada.page.text) == strip.sub("", wrong)
    ada.send("/log-in", name=NAME, password=PASSWORD)
    assert ada.send("/second-factor", code="not a code").status_code == 422
    assert ada.visit("/").url.path == "/second-factor"
    assert ada.send("/second-factor", code=ada.codes.pop()).url.path == "/"


def test_what_is_typed_is_not_in_the_page_that_refuses_it(administrator_again: Browser) -> None:
    ada = administrator_again
    ada.visit("/account")
    ada.send("/account/password", old="typed-old-1", password="typed-new-2", again="typed-new-3")
    assert ada.page.status_code == 422
    assert not re.search(r"typed-\w+-\d", ada.page.text)


def test_too_many_tries_are_told_how_long_to_wait(administrator_again: Browser) -> None:
    ada = administrator_again
    ada.client.cookies.clear()
    ada.visit("/log-in")
    page = ada.page
    for _ in range(6):
        ada.page = page
        ada.send("/log-in", name="mallory@gen.example", password="guess")
    assert ada.page.status_code == 429
    assert 1 <= int(ada.page.headers["retry-after"]) <= 60


def test_the_page_of_enrolment_shows_a_picture_and_says_the_same_in_letters(
    tmp_path: Path, channel: Template
) -> None:
    own = Console(tmp_path, None, template=channel)
    token = own.initialise()
    own.serve()
    try:
        ada = own.browser()
        ada.visit("/set-up")
        ada.send(
            "/set-up", token=token, name=NAME, display_name="Ada", password=PASSWORD, again=PASSWORD
        )
        first = ada.page.text
        assert "<svg" in first
        assert re.search(r'class="secret">[A-Z2-7 ]{39}<', first)
        assert ada.visit("/").url.path == "/enrolment"
        assert re.findall(r'class="secret">([^<]+)', ada.page.text) == re.findall(
            r'class="secret">([^<]+)', first
        )
        assert ada.send("/enrolment", code="000000x").status_code == 422
        ada.enrol()
    finally:
        own.stop()
    events = own.events()
    for event in ("initialised", "set up", "log-in failed", "second factor enrolled"):
        assert event in events
    assert list((own.home / "ledger").glob("*.open")) == []  # it ended in order

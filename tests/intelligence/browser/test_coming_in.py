"""From the token of `intelligence init` to a colleague who has signed in, in Chromium."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest

from tests.harness.chromium import Screens, Window
from tests.harness.console import PASSWORD, Browser, Console

ADA: Final = {"Log-in name": "ada@gen.example", "Password": PASSWORD}
CHOSEN: Final = {"New password": PASSWORD, "The same password again": PASSWORD}


@dataclass(frozen=True)
class Begun:
    """A console, its first administrator's window, and the app on her phone."""

    console: Console
    ada: Window
    app: Browser


@pytest.fixture(scope="module")
def begun(chromium: Screens, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Begun]:
    console = Console(tmp_path_factory.mktemp("console"), None)
    token = console.initialise()
    console.serve()
    ada = chromium.window(console.url)
    ada.visit("/")
    assert ada.title == "Set up"
    told = {"Token": token, "Log-in name": ADA["Log-in name"], "Your name": "Ada"}
    ada.send("Continue", {**told, **CHOSEN})
    yield Begun(console, ada, enrolled(ada, console))
    console.stop()


def enrolled(window: Window, console: Console, *, picture: str = "") -> Browser:
    """Set an authenticator app up, at the page that asks for it; return the app."""
    assert window.title == "Set up your authenticator app"
    if picture:
        window.picture(picture)
    app = console.browser()
    app.secret = base64.b32decode(window.page.locator(".secret").inner_text().replace(" ", ""))
    window.send("Continue", {"Code": app.code()})
    codes = window.page.locator(".codes code")
    assert codes.count() == 10
    app.codes = codes.all_inner_texts()
    window.follow("I have written them down")
    assert window.title == "Home"
    return app


def signed_in(begun: Begun) -> Window:
    """Sign in with password and code at the window, which is signed out of first if need be."""
    ada = begun.ada
    if ada.page.get_by_role("button", name="Log out").count():
        ada.send("Log out")
    ada.send("Log in", ADA)
    assert ada.title == "Second step"
    ada.send("Continue", {"Code": begun.app.codes.pop()})
    return ada


@pytest.mark.slow
def test_the_first_administrator_is_in_and_signs_in_with_the_app(begun: Begun) -> None:
    ada = begun.ada
    ada.visit("/")
    assert "with this role: Administrator" in ada.text
    ada.send("Log out")
    assert ada.title == "Log in"
    ada.send("Log in", {**ADA, "Password": "wrong"}, status=422)
    assert ada.page.locator("#problem").is_visible()
    ada.send("Log in", ADA)
    ada.send("Continue", {"Code": "000000"}, status=422)
    assert ada.page.locator("#problem").is_visible()
    ada.send("Continue", {"Code": begun.app.code()})
    assert ada.title == "Home"


@pytest.mark.slow
def test_a_colleague_is_admitted_and_chooses_a_password(begun: Begun, chromium: Screens) -> None:
    ada = signed_in(begun)
    ada.follow("Staff")
    ada.follow("Add somebody")
    ada.send("Add", {"Log-in name": "cora@gen.example", "Name": "Cora", "Curator": "yes"})
    assert ada.title == "Hand over this token"
    token = ada.page.locator(".secret").inner_text()
    ada.follow("Back")
    assert "cora@gen.example" in ada.text
    cora = chromium.window(begun.console.url)
    cora.visit("/log-in")
    cora.follow("I have a token from an administrator")
    cora.send("Continue", {"Log-in name": "cora@gen.example", "Token": token, **CHOSEN})
    enrolled(cora, begun.console, picture="authenticator-app")
    for name in ("Check one", "Import", "Changes", "Versions", "Staff", "Your account"):
        cora.follow(name)
    ada.follow("Staff")
    ada.follow("Cora")
    ada.send("Disable this account")
    cora.visit("/")
    assert cora.title == "Log in"


@pytest.mark.slow
def test_an_account_changes_its_password_and_its_codes(begun: Begun) -> None:
    ada = signed_in(begun)
    ada.follow("Your account")
    ada.send("Change password", {"Password now": "wrong", **CHOSEN}, status=422)
    ada.send("Show new codes", {"Password now": PASSWORD})
    assert ada.title == "Write down your recovery codes"
    begun.app.codes = ada.page.locator(".codes code").all_inner_texts()
    assert len(begun.app.codes) == 10
    ada.visit("/")

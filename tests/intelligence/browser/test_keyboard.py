"""A curator without a mouse: signs in, checks, proposes, signs out."""

from collections.abc import Iterator
from typing import Final

import pytest

from tests.harness.chromium import Screens
from tests.harness.console import PASSWORD, Browser, Console, added
from tests.harness.keyboard import Keyboard

NAME: Final = "kim@gen.example"


@pytest.fixture(scope="module")
def kim(chromium: Screens, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A curator who has a password and an app, at a console that serves."""
    del chromium  # without one nothing is started
    console = Console(tmp_path_factory.mktemp("console"), None)
    token = console.initialise()
    console.serve()
    ada = console.browser()
    ada.set_up(token, "ada@gen.example")
    token = added(ada, [], name=NAME, display_name="Kim", roles=["curator"])
    kim = console.browser()
    kim.accept(NAME, token)
    kim.enrol()
    kim.visit("/signing-key")
    kim.send("/signing-key", password=PASSWORD)
    yield kim
    console.stop()


@pytest.mark.slow
def test_with_keys_alone_a_curator_signs_in_checks_proposes_and_signs_out(
    kim: Browser, chromium: Screens
) -> None:
    window = chromium.window(str(kim.client.base_url).rstrip("/"))
    keys = Keyboard(window)
    window.visit("/log-in")
    keys.skip()
    keys.type("Log-in name", NAME)
    keys.type("Password", "wrong")
    keys.press("Log in", status=422)
    # What was wrong has the focus; the form is what comes next.
    assert keys.focused()["name"] == window.page.locator("#problem").inner_text()
    keys.type("Log-in name", NAME)
    keys.type("Password", PASSWORD)
    keys.press("Log in")
    keys.type("Code", kim.codes.pop())
    keys.press("Continue")
    assert window.title == "Home"

    keys.press("Check one")
    keys.skip()
    keys.type("Phone, card or e-mail", "Jane.Doe@Listed.Example")
    keys.press("Check")
    assert window.title == "Not on the list"
    keys.type("Role", "traff")  # the letters choose
    keys.type("Source", "case 17")
    keys.type("Reason", "seen in an advertisement")
    keys.press("Keep as a draft")
    assert window.title == "Change: draft"
    assert "case 17" in window.text
    keys.jump("Look it over, then sign and submit it")
    assert keys.tab()["name"] == "Your password"
    keys.press("Log out")
    assert window.title == "Log in"


@pytest.mark.slow
def test_the_focus_goes_down_the_page_as_the_eye_does(kim: Browser, chromium: Screens) -> None:
    window = chromium.window_of(kim)
    keys = Keyboard(window)
    window.visit("/check")
    window.send("Check", {"Phone, card or e-mail": "+1 202 555 0147"})
    stops = keys.stops()
    names = [one["name"] for one in stops]
    assert names[:4] == ["Skip to content", "Log out", "Home", "Check one"]
    assert names[-1] == "Check another one"
    tops = [one["top"] for one in stops[1:]]
    assert tops == sorted(tops)

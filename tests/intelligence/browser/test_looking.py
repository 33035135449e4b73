"""What is wrong with a page is found out: each of these pages has one flaw."""

import pytest

from intelligence.console.headers import Headers
from tests.harness.chromium import Screens
from tests.harness.slow import slow_but_first

URL = "http://console.test"
WELL = "<p>well</p>"
FLAWS = {
    "an inline style": ('<p style="color: red">x</p>', "Content Security Policy"),
    "a picture from elsewhere": (
        '<img src="http://elsewhere.test/a.png" alt="a">',
        "a request to http://elsewhere.test/a.png",
    ),
    "a script": ("<script>1</script>", "Content Security Policy"),
    "a field without a label": ("<input>", "label: "),
    "a table without cells": ("<table><tr><th>x</th></tr></table>", "th-has-data-cells: "),
    "a word that is wider than a telephone": (f"<p>{'wide' * 12}</p>", "where it is narrow"),
    "a word that is wide in large letters": (f"<p>{'wide' * 20}</p>", "with larger text"),
}


@pytest.fixture(scope="module")
def policy() -> str:
    async def nobody(*_: object) -> None:
        raise AssertionError

    answer = Headers(nobody, is_https=False, defect="").refusal(ValueError())
    return dict(answer.headers)[b"content-security-policy"].decode()


def visit(chromium: Screens, policy: str, body: str) -> None:
    window = chromium.window(URL)
    page = f'<!doctype html><html lang="en"><title>x</title><main><h1>x</h1>{body}</main></html>'
    headers = {"content-security-policy": policy, "content-type": "text/html"}
    window.page.route("**/*", lambda route: route.fulfill(body=page, headers=headers))
    window.visit("/")


def test_a_page_that_is_well_is_taken(chromium: Screens, policy: str) -> None:
    visit(chromium, policy, WELL)


@slow_but_first(2, "flaw", FLAWS)
def test_a_flaw_is_found_out(chromium: Screens, policy: str, flaw: str) -> None:
    body, said = FLAWS[flaw]
    with pytest.raises(AssertionError, match=said):
        visit(chromium, policy, body)


def test_a_low_contrast_is_found_out(chromium: Screens) -> None:
    with pytest.raises(AssertionError, match="color-contrast: "):
        visit(chromium, "", '<p style="color: #999; background: #fff">hardly to be read</p>')

"""A real Chromium, and people at its windows: whatever they come to is looked through at once.

Every page fails the test that a console error, a breach of the policy of contents, a request to
elsewhere or a rule of WCAG A or AA speaks against, or that does not fit where somebody enlarges it.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Download,
    Locator,
    Page,
    Request,
    expect,
    sync_playwright,
)

from tests.harness import console
from tests.harness.pictures import kept_picture
from tests.harness.wcag import breaches

WHY_NOT: Final = "Chromium is not installed here; apt-get install chromium"
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS: Final = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
WIDTH: Final = 1000
_HEIGHT: Final = 700
_NARROW: Final = 320
"""Where a page has to need no scrolling sideways: 1280 at 400 % (WCAG 1.4.10)."""
_TEXT: Final = "200%"
"""How large text has to be readable (WCAG 1.4.4)."""
_TIMEOUT_MS: Final = 60_000
_AWAITED_MS: Final = 150_000
"""Both for a machine that has others to serve; a page looks for longer than the latter."""

_SIDEWAYS: Final = """size => {
    const root = document.documentElement;
    root.style.fontSize = size;
    const over = root.scrollWidth - root.clientWidth;
    root.style.fontSize = '';
    return over;
}"""

# A page that is another one but for digits, ids and tokens is not judged twice.
_VARYING: Final = re.compile(r"[\w-]{26,}|\d")


def find_chromium() -> str | None:
    """Return where Chromium is, None where there is none."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


class Window:
    """One person's window."""

    def __init__(self, context: BrowserContext, url: str, known: set[str]) -> None:
        self.page: Page = context.new_page()
        self._url = url
        self._known = known
        self._faults: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self._faults.append(str(error)))
        context.on("request", self._require_own)

    @property
    def title(self) -> str:
        """What the page is called."""
        return self.page.locator("h1").inner_text()

    @property
    def text(self) -> str:
        """What stands on the page."""
        return self.page.locator("main").inner_text()

    @property
    def path(self) -> str:
        """Where it is."""
        return self.page.url.removeprefix(self._url)

    def visit(self, path: str, *, status: int = 200) -> None:
        """Open an address."""
        answer = self.page.goto(f"{self._url}{path}")
        assert answer is not None
        self._look(answer.status, status)

    def follow(self, name: str) -> None:
        """Press a link."""
        self.turn(self.page.get_by_role("link", name=name, exact=True).first.click)

    def form(self, button: str) -> Locator:
        """Return the form with a button."""
        named = self.page.get_by_role("button", name=button, exact=True)
        return self.page.locator("form").filter(has=named)

    def fill(self, button: str, fields: Mapping[str, str | Path]) -> None:
        """Fill in the form with a button, by what its fields are labelled."""
        for label, value in fields.items():
            _fill(self.form(button).get_by_label(label, exact=True), value)

    def send(
        self, button: str, fields: Mapping[str, str | Path] | None = None, *, status: int = 200
    ) -> None:
        """Fill in the form with a button, and press that."""
        self.fill(button, fields or {})
        self.turn(self.form(button).get_by_role("button", name=button).click, status=status)

    def take(self, button: str, fields: Mapping[str, str | Path] | None = None) -> Download:
        """Fill in the form with a button, press that, and return the file that comes of it."""
        self.fill(button, fields or {})
        with self.page.expect_download() as coming:
            self.form(button).get_by_role("button", name=button).click()
        return coming.value

    def turn(self, act: Callable[[], object], *, status: int = 200) -> None:
        """Do what leads to another page, and look that through."""
        with self.page.expect_navigation() as turned:
            act()
        self._look(turned.value.status, status)

    def await_title(self, title: str) -> None:
        """Wait until a page that goes on by itself has come to the one with this title."""
        named = self.page.get_by_role("heading", level=1, name=title, exact=True)
        expect(named).to_be_visible(timeout=_AWAITED_MS)
        self.page.wait_for_load_state()
        self._look(200, 200)

    def picture(self, name: str, *, part: str | None = None) -> None:
        """Keep a picture of the page, or of its part from the heading of this name on."""
        if part is not None:
            heading = self.page.get_by_role("heading", name=part, exact=True).first
            heading.evaluate("one => one.scrollIntoView()")
        high = self.page.evaluate("document.documentElement.getBoundingClientRect().bottom")
        png = self.page.screenshot(
            clip={"x": 0, "y": 0, "width": WIDTH, "height": min(_HEIGHT, int(high))},
            animations="disabled",
            caret="hide",
        )
        kept_picture(name, png)

    def _look(self, status: int, expected: int) -> None:
        """Judge the page; `status` is what it came with."""
        assert status == expected, (status, self.text)
        if status >= 400:  # of which Chromium says that it could not load the page
            self._faults = [one for one in self._faults if f"status of {status}" not in one]
        faults, self._faults = self._faults, []
        assert faults == [], (self.path, faults)
        shape = _VARYING.sub("", self.page.content())
        if shape in self._known:
            return
        found = breaches(self.page)
        assert found == [], (self.path, found)
        assert self.page.evaluate(_SIDEWAYS, _TEXT) <= 0, f"{self.path} with larger text"
        self.page.set_viewport_size({"width": _NARROW, "height": _HEIGHT})
        assert self.page.evaluate(_SIDEWAYS, "") <= 0, f"{self.path} where it is narrow"
        self.page.set_viewport_size({"width": WIDTH, "height": _HEIGHT})
        self._known.add(shape)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._faults.append(message.text)

    def _require_own(self, request: Request) -> None:
        if not request.url.startswith(f"{self._url}/"):
            self._faults.append(f"a request to {request.url}")


class Screens:
    """A Chromium, in which everybody has a window that knows nothing of the others'."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._known: set[str] = set()

    def window(self, url: str) -> Window:
        """Return the window of somebody who is a stranger to the service of this address."""
        return Window(self._context(), url, self._known)

    def window_of(self, somebody: "console.Browser") -> Window:
        """Return a window of somebody who has signed in elsewhere, in the same session."""
        url = str(somebody.client.base_url).rstrip("/")
        context = self._context()
        context.add_cookies(
            [
                {"name": name, "value": value, "url": url, "httpOnly": True, "sameSite": "Strict"}
                for name, value in somebody.client.cookies.items()
            ]
        )
        return Window(context, url, self._known)

    def _context(self) -> BrowserContext:
        made = self._browser.new_context(viewport={"width": WIDTH, "height": _HEIGHT})
        made.set_default_timeout(_TIMEOUT_MS)
        return made


@contextmanager
def screens(executable: str) -> Iterator[Screens]:
    """Run a Chromium with nobody's profile."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=_ARGUMENTS,
            chromium_sandbox=os.geteuid() != 0,  # root has none
            timeout=_TIMEOUT_MS,
        )
        try:
            yield Screens(browser)
        finally:
            browser.close()


def _fill(field: Locator, value: str | Path) -> None:
    """Fill in a field as its kind asks for; of a box, anything ticks it."""
    if isinstance(value, Path):
        field.set_input_files(value)
    elif field.evaluate("one => one.tagName") == "SELECT":
        field.select_option(label=value)
    elif field.get_attribute("type") == "checkbox":
        field.check()
    else:
        field.fill(value)

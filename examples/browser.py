"""Somebody at a browser, as far as the console's pages ask for one: they are plain forms."""

import base64
import secrets
import sys
import time
from html.parser import HTMLParser
from typing import Final

import httpx

from intelligence.staff.second_factor import STEP_S, code_at

Fields = dict[str, str | list[str]]

_READ: Final = ("h1", "dt", "dd", "caption", "code", "p", "td")
"""Elements whose text is kept, by class or role where they have one; none holds its like."""


class Page(HTMLParser):
    """What stands on a page: its forms, with what is filled in already, and its texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: dict[str, Fields] = {}
        self.texts: dict[str, list[str]] = {}
        self._fields: Fields = {}
        self._select = ""
        self._open: list[tuple[str, str]] = []
        self.feed(html)

    @property
    def title(self) -> str:
        """What the page is called."""
        return self.texts["h1"][0]

    @property
    def facts(self) -> list[tuple[str, str]]:
        """The terms of its lists, each with what is said of it."""
        return list(zip(self.texts.get("dt", []), self.texts.get("dd", []), strict=True))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a form, take what is filled in, or begin a text."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._fields = self.forms.setdefault(given["action"], {})
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and "selected" in given:
            self._fields[self._select] = given["value"]
        elif tag == "input" and given["type"] != "checkbox":
            self._fields[given["name"]] = given.get("value", "")
        elif tag in _READ:
            name = given.get("class") or given.get("role") or tag
            self._open.append((tag, name))
            self.texts.setdefault(name, []).append("")

    def handle_endtag(self, tag: str) -> None:
        """End a text."""
        if self._open and self._open[-1][0] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Go on with the texts that are not ended."""
        for _, name in self._open:
            self.texts[name][-1] += data


class Person:
    """One account, with a password and a second factor that nobody else has."""

    def __init__(self, url: str, name: str) -> None:
        self.name = name
        self.page = Page("")
        self.path = ""
        self._password = secrets.token_urlsafe(18)
        # It lets go of a connection before the console does, after 5 s.
        self._client = httpx.Client(
            base_url=url,
            timeout=60,
            follow_redirects=True,
            trust_env=False,
            limits=httpx.Limits(keepalive_expiry=2),
        )

    def visit(self, path: str) -> Page:
        """Open a page."""
        return self._turn_to("GET", path)

    def send(self, action: str, **fields: str | list[str]) -> Page:
        """Send the form of the page before us that has this address, these fields filled in."""
        return self._turn_to("POST", action, {**self.page.forms[action], **fields})

    def sign(self, action: str) -> Page:
        """Send a form that asks for the password, which opens the signing key."""
        return self.send(action, password=self._password)

    def come_in(self, path: str, **fields: str) -> None:
        """Choose a password with the token given, then set an authenticator app up."""
        self.visit(path)
        chosen = {"password": self._password, "again": self._password}
        page = self.send(path, name=self.name, **fields, **chosen)
        secret = base64.b32decode(page.texts["secret"][0].replace(" ", ""))
        self.send("/enrolment", code=code_at(secret, int(time.time()) // STEP_S).decode())

    def leave(self) -> None:
        """Close the browser."""
        self._client.close()

    def _turn_to(self, method: str, path: str, fields: Fields | None = None) -> Page:
        try:
            response = self._client.request(method, path, data=fields)
        except httpx.HTTPError as error:
            sys.exit(f"the console does not answer {self.name} ({error}); run this again")
        self.page, self.path = Page(response.text), response.url.path
        if response.is_error:
            problem = self.page.texts.get("problem", [response.reason_phrase])[0]
            sys.exit(f"the console refuses {self.name}: {problem}")
        return self.page

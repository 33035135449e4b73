"""A console of a test's own, and people who use its pages as a browser does."""

import base64
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import httpx

from intelligence.staff.second_factor import STEP_S, code_at
from tests.harness import plain_http
from tests.harness.processes import Process, eventually
from tests.harness.template import Template

_BIN: Final = Path(sys.executable).parent
PASSWORD: Final = "a horse of many colours"


class Console:
    """A home with its service; `database_url` is None of an SQLite file.

    Its commands are forked from `template` where there is one, and started anew where there is
    none.
    """

    def __init__(
        self, folder: Path, database_url: str | None, *, template: Template | None = None
    ) -> None:
        self.folder = folder
        self._template = template
        self.home = folder / "intelligence"
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "INTELLIGENCE_HOME": str(self.home),
            "PYTHONWARNINGS": "error,ignore:The declarative_mixin decorator",
        }
        if database_url is not None:
            self.environment["INTELLIGENCE_DATABASE_URL"] = database_url
        self.url = ""
        self._process: Process | None = None
        self._browsers: list[Browser] = []
        self._log = folder / "serve-0.log"
        self._served = 0

    def run(self, *arguments: str, expect: int = 0) -> "subprocess.CompletedProcess[str]":
        done = self._started(*arguments) if self._template is None else self._forked(*arguments)
        assert done.returncode == expect, (done.returncode, done.stdout, done.stderr)
        return done

    def _started(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(_BIN / "intelligence"), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=self.environment,
            cwd=self.folder,
            timeout=120,
            check=False,
        )

    def _forked(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        assert self._template is not None
        return self._template.run(
            *arguments,
            command="intelligence",
            cwd=self.folder,
            kill_before=None,
            **self.environment,
        ).completed()

    def initialise(self) -> str:
        """Make it; return the token for its first administrator."""
        said = self.run("init").stdout
        (token,) = re.findall(r"valid for three days: (\S+)", said)
        return str(token)

    def serve(self, **settings: str) -> None:
        self._served += 1
        self._log = self.folder / f"serve-{self._served}.log"
        command = ("intelligence", "serve", "--port", "0")
        environment = {**self.environment, **settings}
        self._process = (
            Process(
                [str(_BIN / command[0]), *command[1:]],
                self._log,
                environment=environment,
                cwd=self.folder,
            )
            if self._template is None
            else self._template.serve(
                *command, log=self._log, environment=environment, cwd=self.folder
            )
        )
        self.url = eventually(self._said, within_s=60, what="the console's address")

    def browser(self) -> "Browser":
        """Return one that nobody has used yet."""
        made = Browser(self.url)
        self._browsers.append(made)
        return made

    def stop(self) -> None:
        for browser in self._browsers:
            browser.client.close()
        if self._process is not None:
            self._process.stop()
            self._process = None

    def logged(self) -> str:
        return self._log.read_text()

    def events(self) -> list[str]:
        """Return what is on record as having happened, in the order in which it did."""
        segments = sorted((self.home / "ledger").glob("*Z-*"))
        return [
            one for path in segments for one in re.findall(r'"event":"(.*?)"', path.read_text())
        ]

    def _said(self) -> str:
        assert self._process is not None
        assert self._process.popen.poll() is None, self._process.logged()
        found = re.findall(r"listening on (http://\S+)\n", self._process.logged())
        return found[-1] if found else ""


@dataclass
class Form:
    """A form of a page: where it is sent, and what stands in it."""

    action: str
    fields: dict[str, list[str]]
    files: list[str] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._chosen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.forms.append(Form(given["action"] or "", {}))
        elif tag == "select" and self.forms:
            self._chosen = self.forms[-1].fields.setdefault(given["name"] or "", [])
        elif tag == "option" and "selected" in given:
            self._chosen.append(given["value"] or "")
        elif tag == "textarea" and self.forms:
            self.forms[-1].fields.setdefault(given["name"] or "", []).append("")
        elif tag == "input" and given.get("type") == "file":
            self.forms[-1].files.append(given["name"] or "")
        elif tag == "button" and "formaction" in given:  # another button of the same form
            self.forms.append(Form(given["formaction"] or "", self.forms[-1].fields))
        elif tag == "input" and self.forms:
            values = self.forms[-1].fields.setdefault(given["name"] or "", [])
            if given.get("type") != "checkbox" or "checked" in given:
                values.append(given.get("value") or "")


def forms_of(page: str) -> list[Form]:
    parser = _Forms()
    parser.feed(page)
    return parser.forms


class Browser:
    """Somebody at a browser: visits pages, and sends the forms that stand on them."""

    def __init__(self, url: str) -> None:
        # It lets go of a connection before uvicorn does, after 5 s: of both at once one would fail.
        limits = httpx.Limits(keepalive_expiry=2)
        self.client = plain_http.client(base_url=url, timeout=60, limits=limits)
        self.page = httpx.Response(200)
        self.secret = b""
        self.codes: list[str] = []
        self.used_step = 0
        self._csrf: dict[str, str] = {}

    def visit(self, path: str) -> httpx.Response:
        """Get a page, wherever it sends us."""
        self.page = self.client.get(path, follow_redirects=True)
        return self.page

    def csrf(self) -> str:
        """Return what all forms of this visitor carry: the same as long as the ticket is."""
        ticket = repr(sorted(self.client.cookies.items()))
        if ticket not in self._csrf:
            home = self.client.get("/").text
            self._csrf = {ticket: forms_of(home)[0].fields["csrf"][0]}
        return self._csrf[ticket]

    def send(self, action: str, **fields: str | list[str]) -> httpx.Response:
        """Send the form with this address that stands on the page, these fields filled in."""
        (form,) = (one for one in forms_of(self.page.text) if one.action == action)
        assert fields.keys() <= form.fields.keys(), form.fields.keys()
        self.page = self.client.post(action, data={**form.fields, **fields}, follow_redirects=True)
        return self.page

    def upload(self, action: str, name: str, content: bytes, **fields: str) -> httpx.Response:
        """Send the form with this address, with a file chosen; none where there is no `name`."""
        (form,) = (one for one in forms_of(self.page.text) if one.action == action)
        (file,) = form.files
        assert fields.keys() <= form.fields.keys(), form.fields.keys()
        sent = {**{key: values[0] for key, values in form.fields.items()}, **fields}
        body, content_type = multipart(sent, {file: (name, content)})
        self.page = self.client.post(
            action, content=body, headers={"content-type": content_type}, follow_redirects=True
        )
        return self.page

    def set_up(self, token: str, name: str) -> None:
        """Become the first administrator."""
        self.visit("/set-up")
        self.send(
            "/set-up", token=token, name=name, display_name=name, password=PASSWORD, again=PASSWORD
        )
        self.enrol()

    def accept(self, name: str, token: str, password: str = PASSWORD) -> None:
        """Take an invitation up."""
        self.visit("/invitation")
        self.send("/invitation", name=name, token=token, password=password, again=password)

    def enrol(self) -> None:
        """Set an authenticator app up."""
        spelled = re.findall(r'class="secret">([A-Z2-7 ]+)<', self.page.text)
        assert spelled, self.page.text
        self.secret = base64.b32decode(spelled[0].replace(" ", ""))
        self.send("/enrolment", code=self.code())
        self.codes = re.findall(r"<li><code>([^<]+)", self.page.text)
        assert len(self.codes) == 10, self.page.text

    def log_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        """Give name and password, then one of the codes on paper, which need no waiting."""
        self.visit("/log-in")
        self.send("/log-in", name=name, password=password)
        return self.send("/second-factor", code=self.codes.pop())

    def code(self) -> str:
        """Return what the app shows: the next code where the one of now was used."""
        self.used_step = max(int(time.time()) // STEP_S, self.used_step + 1)
        return code_at(self.secret, self.used_step).decode()


def multipart(fields: dict[str, str], files: dict[str, tuple[str, bytes]]) -> tuple[bytes, str]:
    """Return a body with files and its type, as browsers write it: of no file, an empty name."""
    parts = [
        *((f'name="{name}"', value.encode()) for name, value in fields.items()),
        *((f'name="{key}"; filename="{name}"', content) for key, (name, content) in files.items()),
    ]
    heads = "\r\nContent-Disposition: form-data; "
    body = b"".join(
        f"--b0undary{heads}{said}\r\n\r\n".encode() + value + b"\r\n" for said, value in parts
    )
    return body + b"--b0undary--\r\n", "multipart/form-data; boundary=b0undary"


def added(administrator: Browser, confirming: list[Browser], **fields: str | list[str]) -> str:
    """Have an administrator add somebody; return the token, confirmed where that takes two."""
    administrator.visit("/staff/new")
    administrator.send("/staff", **fields)
    if administrator.page.url.path == "/proof":  # five minutes have passed on a busy machine
        administrator.send("/proof", password=PASSWORD, code=administrator.codes.pop())
        administrator.visit("/staff/new")
        administrator.send("/staff", **fields)
    token = token_of(administrator)
    return f"{token} {confirmed(confirming)}" if "half" in title_of(administrator) else token


def confirmed(confirming: list[Browser]) -> str:
    """Have the first who may confirm what waits do so; return their half of the token."""
    for browser in confirming:
        browser.visit("/staff/requests")
        for form in forms_of(browser.page.text):
            if form.action.endswith("/confirmation"):
                browser.send(form.action)
                return token_of(browser)
    raise AssertionError("nobody may confirm it")


def token_of(browser: Browser) -> str:
    """Return the token, or half of one, that a page shows."""
    (token,) = re.findall(r'class="secret">(\w+)', browser.page.text)
    return str(token)


def title_of(browser: Browser) -> str:
    (title,) = re.findall(r"<h1>(.*?)</h1>", browser.page.text)
    return str(title)

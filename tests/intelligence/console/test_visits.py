"""Whoever has not signed in is sent to; a form that is not ours is refused; no answer leaks."""

import json
import re
from urllib.parse import urlencode

import httpx
import pytest

from intelligence.console.app import route_handlers
from intelligence.console.own_pages import own_page
from intelligence.console.visits import ANYONE, STAGE
from intelligence.staff.tables import Stage
from tests.harness import plain_http
from tests.harness.console import PASSWORD, Browser, Console, forms_of

ANY_ID = "00000000-0000-4000-8000-000000000000"


def _of_any(path: str) -> str:
    return re.sub(r"{\w+:int}", "0", re.sub(r"{\w+:uuid}", ANY_ID, path))


INSIDE = sorted(
    (min(handler.http_methods), _of_any(min(handler.paths)))
    for handler in route_handlers()
    if handler.opt.get(STAGE) != ANYONE
)
FORMS = sorted(path for method, path in INSIDE if method == "POST")
_FILE = ("POST", "/imports")
_UNREAD = "a page that says that the file was not read"


def _where(answer: httpx.Response) -> str:
    """Return where a browser is sent, or what it is told of a file that it has sent."""
    if answer.status_code == 403 and "what you sent was not read" in answer.text:
        return _UNREAD
    assert answer.status_code == 303
    return str(answer.headers["location"])


def _back(method: str, path: str) -> str:
    """Return how the page is named from which somebody is let in to this one."""
    is_page = method == "GET" and path not in ("/", "/second-factor", "/enrolment")
    return f"?{urlencode({'back': path})}" if is_page and own_page(path) == path else ""


def _csrf(page: str) -> str:
    return forms_of(page)[0].fields["csrf"][0]


@pytest.mark.parametrize(("method", "path"), INSIDE)
def test_a_stranger_is_sent_to_the_log_in_from_every_page(
    console: Console, administrator: Browser, method: str, path: str
) -> None:
    stranger = console.browser()
    token = _csrf(stranger.visit("/log-in").text)
    sent = {"data": {"csrf": token}} if method == "POST" else {}
    answer = stranger.client.request(method, path, **sent)  # type: ignore[arg-type]  # one form
    way_on = f"/log-in{_back(method, path)}"
    assert _where(answer) == (_UNREAD if (method, path) == _FILE else way_on)


@pytest.mark.parametrize(("method", "path"), [one for one in INSIDE if one[1] != "/second-factor"])
def test_a_password_alone_opens_the_second_factor_and_nothing_else(
    half: Browser, method: str, path: str
) -> None:
    token = _csrf(half.page.text)
    sent = {"data": {"csrf": token}} if method == "POST" else {}
    answer = half.client.request(method, path, **sent)  # type: ignore[arg-type]  # one form
    way_on = f"/second-factor{_back(method, path)}"
    assert _where(answer) == (_UNREAD if (method, path) == _FILE else way_on)


@pytest.fixture(scope="module")
def half(console: Console, administrator: Browser) -> Browser:
    """A browser that has given the administrator's password, and no code."""
    browser = console.browser()
    browser.visit("/log-in")
    browser.send("/log-in", name="ada@gen.example", password=PASSWORD)
    assert browser.page.url.path == "/second-factor"
    return browser


@pytest.mark.parametrize("path", [*FORMS, "/log-in", "/log-out", "/set-up", "/invitation"])
def test_a_form_without_the_visitor_s_own_token_is_refused(
    console: Console, administrator: Browser, path: str
) -> None:
    other = console.browser()
    foreign = _csrf(other.visit("/log-in").text)
    for sent in ({}, {"csrf": ""}, {"csrf": foreign}, {"csrf": "é"}):
        answer = administrator.client.post(path, data=sent)
        assert answer.status_code == 400, sent
    assert administrator.client.get("/").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"host": "elsewhere.example"},
        {"content-type": "application/json"},
        {"content-type": "multipart/form-data; boundary=x"},
    ],
)
def test_what_a_browser_says_comes_from_elsewhere_is_refused_though_it_has_the_token(
    administrator: Browser, headers: dict[str, str]
) -> None:
    token = _csrf(administrator.client.get("/").text)
    answer = administrator.client.post("/log-out", data={"csrf": token}, headers=headers)
    assert answer.status_code == 400
    assert administrator.client.get("/").status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/log-in", "/nowhere", "/staff/not-an-id", "/static/console.css", "/set-up"]
)
def test_every_answer_carries_the_headers(administrator: Browser, path: str) -> None:
    answer = administrator.client.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["content-type"].count("charset") == 1
    assert answer.headers["referrer-policy"] == "same-origin"
    cached = answer.headers["cache-control"]
    assert cached == ("max-age=300" if path.startswith("/static") else "no-store")
    assert "server" not in answer.headers


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(console: Console) -> None:
    answer = plain_http.get(f"{console.url}/log-in")
    said = answer.headers["set-cookie"].lower()
    assert "httponly" in said
    assert "samesite=strict" in said
    assert "expires" not in said
    assert "max-age" not in said


def test_no_page_has_a_script_or_a_style_of_its_own(administrator: Browser) -> None:
    for path in ("/", "/staff", "/staff/new", "/account", "/nowhere"):
        page = administrator.client.get(path).text
        assert not re.search(r"<script|<style|\son\w+=|\sstyle=|javascript:", page), path


ECHOED = "canary-of-input"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"/{ECHOED}", 404),
        ("GET", f"/staff/{ECHOED}", 404),
        ("GET", f"/staff?x={ECHOED}", 200),
        ("PUT", f"/staff?{ECHOED}", 405),
        ("GET", f"/staff/{ANY_ID}", 404),
    ],
)
def test_an_error_is_a_page_of_one_sentence_that_repeats_nothing(
    administrator: Browser, method: str, path: str, status: int
) -> None:
    answer = administrator.client.request(method, path)
    assert answer.status_code == status
    assert ECHOED not in answer.text
    if status != 200:
        assert len(re.findall(r'role="alert"', answer.text)) == 1
        assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"%",
        b"csrf",
        b"\xff\xfe=1",
        b"csrf=%FF%FE",
        b"a=1&" * 300,
        b"csrf=1&csrf=2",
        json.dumps({"csrf": ECHOED}).encode(),
    ],
)
def test_a_malformed_body_is_a_400_and_no_defect(
    console: Console, administrator: Browser, body: bytes
) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = administrator.client.post("/account/password", content=body, headers=headers)
    assert answer.status_code == 400
    assert ECHOED not in answer.text
    assert "a page failed" not in console.logged()


def test_a_body_that_is_too_large_is_refused(administrator: Browser) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    body = b"csrf=" + b"x" * (1 << 17)
    answer = administrator.client.post("/account/password", content=body, headers=headers)
    assert answer.status_code == 413


def test_every_page_says_how_far_somebody_has_come() -> None:
    stages = {handler.opt.get(STAGE, Stage.FULL) for handler in route_handlers()}
    assert stages == {ANYONE, *Stage}

"""Every answer says what a browser may do with it: of routes, refusals and unreadable requests."""

import shutil
import subprocess
from pathlib import Path

import litestar_offline_docs
import pytest

from screening.api.docs import docs_routes
from tests.api.raw_http import JSON, Connection, RawResponse, request_head
from tests.api.standing import LISTED, Standing, encode

ON_EVERY_ANSWER = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
OF_THE_PAGE = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
}
TELLING = {"server", "via", "x-powered-by", "strict-transport-security"}
"""What is never there: what names our software, and what only the end of TLS can promise."""

PATHS = (
    "/livez",
    "/readyz",
    "/docs",
    "/openapi.json",
    "/v1/parameters",
    "/v1/check",
    "/v1/bulk",
    "/.well-known/security.txt",
    "/nothing",
    "/%00",
    *sorted(path for route in docs_routes() for path in route.paths if path.startswith("/docs/")),
)
UNREADABLE = {
    "no HTTP": b"\x16\x03\x01\x00\xff\r\n\r\n",
    "no host": b"GET /livez HTTP/1.1\r\n\r\n",
    "a tunnel": b"CONNECT api.example:443 HTTP/1.1\r\nHost: api.example\r\n\r\n",
}
BUNDLE = Path(litestar_offline_docs.__file__).parent / "static/swagger-ui-bundle.js"


def require_headers(response: RawResponse, path: str = "") -> None:
    # `find_response` fails where a header is there twice: two policies would both hold.
    expected = ON_EVERY_ANSWER | (OF_THE_PAGE if path == "/docs" else {})
    if response.status != 200:
        expected = ON_EVERY_ANSWER
    assert {name: response.headers.get(name) for name in expected} == expected
    assert not response.headers.keys() & TELLING
    assert len(response.headers["x-request-id"]) == 16
    assert not any(name.startswith("access-control-") for name in response.headers)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", PATHS)
def test_every_path_and_method_is_answered_with_them(
    standing: Standing, path: str, method: str
) -> None:
    origin = {"Origin": "https://elsewhere.example", "Connection": "close"}
    with Connection(standing.api.url) as connection:
        connection.send(request_head(method, path, origin, length=0))
        require_headers(connection.response(to_head=method == "HEAD"), path)


@pytest.mark.parametrize("route", ["check", "bulk"])
def test_questions_are_answered_and_refused_with_them(standing: Standing, route: str) -> None:
    partner = standing.bulker
    asked = encode(partner.body(LISTED[0]))
    statuses = {
        _ask(standing, route, body, headers)
        for body, headers in (
            (asked, partner.headers | JSON),
            (asked, JSON),
            (b"{", partner.headers | JSON),
            (asked, partner.headers | {"Content-Type": "text/plain"}),
            (asked, partner.headers | JSON | {"Accept": "text/html"}),
            (encode(standing.tester.body(LISTED[0])), partner.headers | JSON),
            (b" " * 3_000_000, partner.headers | JSON),
        )
    }
    assert statuses == {200, 400, 401, 406, 409, 413, 415}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_cannot_be_read_is_refused_with_them(standing: Standing, what: str) -> None:
    with Connection(standing.api.url) as connection:
        connection.send(UNREADABLE[what])
        require_headers(connection.response())


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_the_page_s_scripts_make_no_code_out_of_strings() -> None:
    """`script-src 'self'` forbids it: the bundle is loaded by an engine that forbids it, too."""
    node = ["node", "--disallow-code-generation-from-strings"]
    proof = subprocess.run([*node, "-e", "Function('return this')"], check=False, stderr=-3)
    assert proof.returncode != 0, "the engine forbids it"
    program = "globalThis.window = globalThis; require(process.argv[1]); process.exit()"
    done = subprocess.run(
        [*node, "-e", program, str(BUNDLE)], capture_output=True, text=True, check=False, timeout=60
    )
    assert "EvalError" not in done.stderr
    assert done.returncode == 0, done.stderr[-500:]


@pytest.mark.parametrize("forbidden", ["createElement('style'", "cssText", "setAttribute('style'"])
def test_the_page_s_scripts_write_no_inline_style(forbidden: str) -> None:
    """`style-src 'self'` forbids it; styles that are set as properties are permitted."""
    assert forbidden not in BUNDLE.read_text()


def _ask(standing: Standing, route: str, body: bytes, headers: dict[str, str]) -> int:
    with Connection(standing.api.url) as connection:
        connection.send(request_head("POST", f"/v1/{route}", headers, length=len(body)) + body)
        response = connection.response()
    require_headers(response)
    return response.status

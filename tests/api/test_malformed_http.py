"""Headers, methods and paths of any bytes are refused in our form, or ignored."""

import string

from hypothesis import given
from hypothesis import strategies as st

from tests.api.canary import CANARY, fuzzed, require_safe
from tests.api.questions import question
from tests.api.raw_http import Connection, request_head
from tests.api.standing import Standing, encode

header_bytes = st.binary(max_size=60).map(lambda content: content + CANARY.encode())


named_headers = st.sampled_from(
    [
        b"Authorization",
        b"Accept",
        b"Content-Type",
        b"Content-Encoding",
        b"Transfer-Encoding",
        b"Content-Length",
        b"Connection",
        b"Upgrade",
        b"Expect",
        b"Host",
        b"Cookie",
        b"Range",
        b"If-None-Match",
        b"Origin",
        b"X-Request-Id",
        b"X-Forwarded-For",
        b"X-HTTP-Method-Override",
    ]
)


@fuzzed
@given(
    headers=st.lists(
        st.tuples(st.one_of(named_headers, st.binary(max_size=10)), header_bytes), max_size=4
    ),
    with_key=st.booleans(),
    path=st.sampled_from(["/v1/check", "/v1/bulk", "/livez", "/docs"]),
)
def test_headers_of_any_bytes_are_refused_or_ignored(
    standing: Standing, headers: list[tuple[bytes, bytes]], with_key: bool, path: str
) -> None:
    own = {"Connection": "close", "Content-Type": "application/json"}
    body = encode(question(standing))
    head = request_head(
        "POST" if path.startswith("/v1") else "GET",
        path,
        own | (standing.tester.headers if with_key else {}),
        length=len(body),
    )
    lines = b"".join(b"%b: %b\r\n" % header for header in headers)
    _exchange(standing, head[:-2] + lines + b"\r\n" + body)


@fuzzed
@given(
    method=st.one_of(
        st.sampled_from([b"GET", b"POST", b"PUT", b"OPTIONS", b"TRACE", b"PURGE", b"get"]),
        st.binary(max_size=8),
    ),
    path=st.one_of(
        st.binary(max_size=40),
        st.text(string.printable, max_size=40).map(str.encode),
        st.lists(
            st.sampled_from(["..", ".", "v1", "check", "docs", "assets", "%2e", "%00", "%c0%af"]),
            max_size=6,
        ).map(lambda parts: "/".join(parts).encode()),
    ),
    query=st.booleans(),
)
def test_methods_and_paths_of_any_bytes_are_refused_in_our_form(
    standing: Standing, method: bytes, path: bytes, query: bool
) -> None:
    target = b"/%b?%b" % (path, CANARY.encode()) if query else b"/%b%b" % (path, CANARY.encode())
    _exchange(
        standing, b"%b %b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % (method, target)
    )


def _exchange(standing: Standing, content: bytes) -> None:
    """Send bytes and nothing after them; whatever responses come must be safe."""
    with Connection(standing.api.url) as connection:
        connection.send(content)
        connection.end_sending()
        while (response := connection.find_response()) is not None:
            require_safe(response)

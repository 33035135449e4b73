"""What a peer, or something before it, can do instead of answering; and the reason given."""

import gzip
import json

from tests.client import peer as behave
from tests.client.peer import Behaviour, Exchange


def spoken(speech: bytes) -> Behaviour:
    """Say these bytes, whatever they are, and hang up."""

    def speak(exchange: Exchange) -> None:
        exchange.handler.wfile.write(speech)
        exchange.handler.close_connection = True

    return speak


def drip_headers(exchange: Exchange) -> None:
    """Send one short header after the other, without end."""
    exchange.handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not exchange.peer.closing.wait(0.02):
        exchange.handler.wfile.write(b"X: y\r\n")


def endless(exchange: Exchange) -> None:
    """Send a body without length as fast as it is taken."""
    exchange.handler.wfile.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    exchange.handler.close_connection = True
    while not exchange.peer.closing.is_set():
        exchange.handler.wfile.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")


def told_once_more(exchange: Exchange) -> None:
    """Answer, and send the same answer again, which nobody asked for."""
    body = json.dumps(exchange.answer).encode()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    exchange.handler.wfile.write((head.encode() + body) * 2)


def _without(name: str) -> Behaviour:
    return behave.altered(lambda answer: answer.pop(name))


def _with(**members: object) -> Behaviour:
    return behave.altered(lambda answer: answer.update(members))


def _repeated(times: int) -> Behaviour:
    """Answer about each row several times, as if others had been asked as well."""
    return behave.altered(lambda answer: answer.update(results=answer["results"] * times))


_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_NO = json.dumps(
    {
        "result": "no_match",
        "results": ["no_match"] * 2,
        "receipt": behave.RECEIPT,
        "opening": behave.OPENING,
        "list": behave.LIST,
    }
).encode()
_HALF = _NO[: len(_NO) // 2]

MISBEHAVIOURS: dict[str, tuple[Behaviour, str]] = {
    "stall": (behave.stall, "timeout"),
    "drip": (behave.drip, "timeout"),
    "reset": (behave.reset, "connection"),
    "cut": (behave.cut, "connection"),
    "garbage": (behave.garbage, "connection"),
    "silence": (spoken(b""), "connection"),
    "headers without end": (drip_headers, "timeout"),
    "a header that is huge": (spoken(_HEAD + b"X: " + b"y" * 300_000), "connection"),
    "a length that is negative": (
        spoken(_HEAD + b"Content-Length: -1\r\n\r\n" + _NO),
        "connection",
    ),
    "two lengths": (
        spoken(_HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n" + _NO),
        "connection",
    ),
    "a length that is too small": (
        spoken(_HEAD + b"Content-Length: 20\r\n\r\n" + _NO),
        "protocol",
    ),
    "a chunk that is none": (
        spoken(_HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + _NO),
        "connection",
    ),
    "cut between chunks": (
        spoken(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n" + _NO[:5] + b"\r\n"),
        "connection",
    ),
    "HTTP/1.0, cut": (
        spoken(_HEAD.replace(b"1.1", b"1.0") + b"\r\n" + _HALF),
        "protocol",
    ),
    "HTTP/1.0, of another type": (
        spoken(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n" + _NO),
        "protocol",
    ),
    "HTTP/0.9": (spoken(_NO), "connection"),
    "no content type": (spoken(b"HTTP/1.1 200 OK\r\n\r\n" + _NO), "protocol"),
    "a body without end": (endless, "protocol"),
    "gateway page": (behave.raw(502, b"<html>", "text/html"), "connection"),
    "gateway time-out": (behave.raw(504, b"", "text/plain"), "connection"),
    "server error": (behave.raw(500, b"oops", "text/plain"), "protocol"),
    "no such route": (behave.problem(404, "not_found"), "protocol"),
    "redirect": (behave.raw(307, b"", headers={"Location": "/v1/check"}), "protocol"),
    "no content": (behave.raw(204, b""), "protocol"),
    "unknown conflict": (behave.problem(409, "other"), "protocol"),
    "no index": (behave.problem(503, "unavailable", "5", reason="index"), "index"),
    "stale": (behave.problem(503, "unavailable", "5", reason="stale"), "stale"),
    "audit": (behave.problem(503, "unavailable", "5", reason="audit"), "audit"),
    "store": (behave.problem(503, "unavailable", "5", reason="store"), "store"),
    "overloaded": (behave.problem(503, "unavailable", "1", reason="overloaded"), "overloaded"),
    "unknown reason": (behave.problem(503, "unavailable", reason="tired"), "protocol"),
    "no reason": (behave.problem(503, "unavailable"), "protocol"),
    "matches without a receipt": (
        behave.problem(503, "unavailable", reason="store", matches=[0]),
        "protocol",
    ),
    "matches out of range": (
        behave.problem(503, "unavailable", reason="store", matches=[9], receipt="a" * 26),
        "protocol",
    ),
    "not JSON": (behave.raw(200, b"no_match"), "protocol"),
    "not UTF-8": (behave.raw(200, b'{"result": "\xff"}'), "protocol"),
    "nested deeply": (behave.raw(200, b'{"x":' * 9_000), "protocol"),
    "empty": (behave.raw(200, b""), "protocol"),
    "null": (behave.raw(200, b"null"), "protocol"),
    "a list": (behave.raw(200, b"[]"), "protocol"),
    "another content type": (behave.encoded(content_type="text/html"), "protocol"),
    "huge": (behave.encoded(lambda answer: answer + b" " * 1_000_000), "protocol"),
    "a gzip bomb": (
        behave.encoded(lambda _: gzip.compress(bytes(50_000_000)), encoding="gzip"),
        "protocol",
    ),
    "a small gzip bomb": (
        behave.encoded(lambda _: gzip.compress(bytes(5_000_000)), encoding="gzip"),
        "protocol",
    ),
    "UTF-16": (behave.encoded(lambda answer: answer.decode().encode("utf-16")), "protocol"),
    "a byte order mark": (behave.encoded(lambda answer: b"\xef\xbb\xbf" + answer), "protocol"),
    "two answers in one": (behave.encoded(lambda answer: answer + answer), "protocol"),
    "each row twice": (_repeated(2), "protocol"),
    "results as a map": (_with(results={"0": "no_match", "1": "no_match"}), "protocol"),
    "results as a text": (_with(results="no_match"), "protocol"),
    "a row that is null": (_with(results=["no_match", None]), "protocol"),
    "other letters": (_with(results=["NO_MATCH", "no_match"]), "protocol"),
    "gzip": (behave.encoded(gzip.compress, encoding="gzip"), "protocol"),
    "another status": (behave.encoded(status=203), "protocol"),
    "result missing": (_without("result"), "protocol"),
    "results missing": (_without("results"), "protocol"),
    "receipt missing": (_without("receipt"), "protocol"),
    "opening missing": (_without("opening"), "protocol"),
    "list missing": (_without("list"), "protocol"),
    "a boolean result": (_with(result=False), "protocol"),
    "an unknown result": (_with(result="maybe"), "protocol"),
    "an unknown row": (_with(results=["no_match", "maybe"]), "protocol"),
    "an invalid row": (_with(results=["no_match", "invalid"]), "protocol"),
    "too few rows": (_with(results=["no_match"]), "protocol"),
    "too many rows": (_with(results=["no_match"] * 3), "protocol"),
    "no rows": (_with(results=[]), "protocol"),
    "match without a row": (_with(result="match"), "protocol"),
    "a row without match": (_with(results=["match", "no_match"]), "protocol"),
    "a malformed receipt": (_with(receipt="A" * 26), "protocol"),
    "an escape sequence": (_with(list={**behave.LIST, "generation": "\x1b[2J"}), "protocol"),
    "a long time": (_with(list={**behave.LIST, "as_of": "9" * 5_000}), "protocol"),
    "a malformed opening": (_with(opening="x"), "protocol"),
}

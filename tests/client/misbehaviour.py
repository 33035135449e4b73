"""What a peer, or something before it, can do instead of answering; and the reason given."""

import gzip

from tests.client import peer as behave
from tests.client.peer import Behaviour


def _without(name: str) -> Behaviour:
    return behave.altered(lambda answer: answer.pop(name))


def _with(**members: object) -> Behaviour:
    return behave.altered(lambda answer: answer.update(members))


MISBEHAVIOURS: dict[str, tuple[Behaviour, str]] = {
    "stall": (behave.stall, "timeout"),
    "drip": (behave.drip, "timeout"),
    "reset": (behave.reset, "connection"),
    "cut": (behave.cut, "connection"),
    "garbage": (behave.garbage, "connection"),
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
    "overloaded": (behave.problem(503, "unavailable", "5", reason="overloaded"), "overloaded"),
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

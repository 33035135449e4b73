"""Questions as a caller writes them, in JSON and in MessagePack."""

import base64
import json
from collections.abc import Callable
from typing import Any

import msgspec

from screening.vocabulary.errors import InvalidRequest
from screening.vocabulary.wire import Question, parse_bulk_json, parse_bulk_msgpack, parse_check

TOKEN = bytes(range(32))
TOKEN_TEXT = base64.b64encode(TOKEN).decode()

Parse = Callable[[bytes], Question]
JSON_PARSERS: list[Parse] = [parse_check, parse_bulk_json]
PARSERS: list[Parse] = [*JSON_PARSERS, parse_bulk_msgpack]


def question(**members: Any) -> dict[str, Any]:
    return {
        "key_id": "acme-2026a",
        "key_check": "AAECAwQFBgc=",
        "selectors": [{"kind": "phone", "token": TOKEN_TEXT}],
        **members,
    }


def packed(**members: Any) -> dict[str, Any]:
    selectors = [{"kind": "phone", "token": TOKEN}]
    return question(**{"key_check": bytes(range(8)), "selectors": selectors, **members})


def encoded(parse: Parse, **members: Any) -> bytes:
    if parse is parse_bulk_msgpack:
        return msgspec.msgpack.encode(packed(**members))
    return json.dumps(question(**members)).encode()


def refused(parse: Parse, body: bytes) -> bool:
    try:
        parse(body)
    except InvalidRequest:
        return True
    return False

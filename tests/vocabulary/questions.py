"""Questions as a caller writes them, in JSON and in MessagePack."""

import base64
import json
from collections.abc import Callable
from typing import Any

import msgspec

from screening.vocabulary.errors import InvalidRequest
from screening.vocabulary.question import Reading, read_bulk_json, read_bulk_msgpack, read_check
from tests.harness.reading import whole

TOKEN = bytes(range(32))
TOKEN_TEXT = base64.b64encode(TOKEN).decode()

Read = Callable[[bytes], Reading]
JSON_READERS: list[Read] = [read_check, read_bulk_json]
READERS: list[Read] = [*JSON_READERS, read_bulk_msgpack]


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


def encoded(read: Read, **members: Any) -> bytes:
    if read is read_bulk_msgpack:
        return msgspec.msgpack.encode(packed(**members))
    return json.dumps(question(**members)).encode()


def refused(read: Read, body: bytes) -> bool:
    try:
        whole(read(body))
    except InvalidRequest:
        return True
    return False

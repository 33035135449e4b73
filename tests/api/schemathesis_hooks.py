"""What schemathesis cannot know by itself: MessagePack. Loaded by `st` (SCHEMATHESIS_HOOKS)."""

import base64
import binascii
from typing import Any

import msgspec
import schemathesis


@schemathesis.serializer("application/msgpack")
def pack(_: object, value: Any) -> bytes:
    """Write a generated body; what the description calls base64 is `bin` in MessagePack."""
    if isinstance(value, dict):
        value = {name: _bin(name, member) for name, member in value.items()}
        rows = value.get("selectors")
        if isinstance(rows, list):
            value["selectors"] = [_packed_row(row) for row in rows]
    try:
        return msgspec.msgpack.encode(value)
    except OverflowError:  # an integer that MessagePack cannot hold: the byte that it never uses
        return b"\xc1"


@schemathesis.deserializer("application/msgpack")
def unpack(_: object, response: Any) -> Any:
    """Read an answer, and show bytes as the base64 that the description speaks of."""
    answer = msgspec.msgpack.decode(response.content)
    return {
        name: base64.b64encode(member).decode() if isinstance(member, bytes) else member
        for name, member in answer.items()
    }


def _packed_row(row: Any) -> Any:
    return (
        {name: _bin(name, member) for name, member in row.items()} if isinstance(row, dict) else row
    )


def _bin(name: str, member: Any) -> Any:
    if name not in ("key_check", "token") or not isinstance(member, str):
        return member
    try:
        return base64.b64decode(member, validate=True)
    except (binascii.Error, ValueError):
        return member.encode(errors="replace")

"""A partner's API keys: given, renewed, and as they are in force."""

import msgspec

from screening.registry.record import ApiKeyRecord, PartnerRecord
from screening.vocabulary.kit import Kit, parse_kit
from tests.indexer.running import Running

URL = ("--api-url", "https://api.example")


def add_key(running: Running, *options: str, kit: str = "second.json", expect: int = 0) -> str:
    path = str(running.folder / kit)
    return running.run(
        "partner", "key", "add", "acme", "--kit", path, *URL, *options, expect=expect
    ).output


def kit_of(running: Running, name: str = "second.json") -> Kit:
    return parse_kit((running.folder / name).read_bytes())


def api_keys(running: Running) -> list[ApiKeyRecord]:
    return running.records()["acme"].api_keys


def rotate(running: Running, *options: str, expect: int = 0) -> str:
    kit = str(running.folder / "rotated.json")
    return running.run(
        "partner", "rotate", "acme", "--kit", kit, *URL, *options, expect=expect
    ).output


def expire(running: Running, key_id: str) -> None:
    """Let a key have expired: the clock of a command cannot be set."""
    (record,) = [
        msgspec.json.decode(row[0], type=PartnerRecord)
        for row in running.rows("SELECT record FROM partners")
    ]
    changed = [
        msgspec.structs.replace(key, expires_at=1) if key.id == key_id else key
        for key in record.api_keys
    ]
    body = msgspec.json.encode(msgspec.structs.replace(record, api_keys=changed)).decode()
    running.change(f"UPDATE partners SET record = CAST('{body}' AS BLOB)")  # noqa: S608 - our own

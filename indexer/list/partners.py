"""Partner records in the list file; sequence and time are set when a release signs them."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from indexer.list.file import ListFile
from screening.registry.record import PartnerRecord
from screening.vocabulary.errors import NotPossible

State = Literal["adding", "active", "removed"]


def partner_records(list_file: ListFile) -> list[PartnerRecord]:
    """Return the records of all partners who are there, by name."""
    return _read(list_file, "state != 'removed'")


def removed_records(list_file: ListFile) -> list[PartnerRecord]:
    """Return what shuts out partners who were removed, wherever they are still remembered."""
    return _read(list_file, "state = 'removed'")


def find_record(list_file: ListFile, name: str) -> PartnerRecord | None:
    """Return the record of a partner, None where there is none of that name."""
    return next((one for one in partner_records(list_file) if one.partner == name), None)


def require_record(list_file: ListFile, name: str) -> PartnerRecord:
    """Return the record of a partner; raises `NotPossible` where there is none of that name."""
    record = find_record(list_file, name)
    if record is None:
        raise NotPossible("there is no partner of that name; see: indexer status")
    return record


def require_added_record(list_file: ListFile, name: str) -> PartnerRecord:
    """Return the record of a partner; raises `NotPossible` where none was wholly added."""
    record = require_record(list_file, name)
    if list_file.partner_state(name) != "active":
        raise NotPossible(f"{name} is half added: run its partner add again")
    return record


def keep_record(list_file: ListFile, record: PartnerRecord, *, state: State) -> None:
    """Store a record; the next release puts it in force."""
    list_file.connection.execute(
        "INSERT OR REPLACE INTO partners VALUES (?, ?, ?)",
        (record.partner, state, msgspec.json.encode(record)),
    )


def retire_keys(list_file: ListFile, partner: str, key_ids: Iterable[str]) -> None:
    """Note that token keys are live no more, in one change with the record that names others.

    Their secrets are removed once a release without them is in force.
    """
    for key_id in key_ids:
        list_file.connection.execute(
            "INSERT OR IGNORE INTO retired_keys VALUES (?, ?, ?)",
            (key_id, partner, list_file.now()),
        )
        list_file.connection.execute("DELETE FROM policies WHERE key_id = ?", (key_id,))


def retired_key_ids(list_file: ListFile) -> set[str]:
    """Return the token keys that were live once, or meant to be."""
    return {row[0] for row in list_file.connection.execute("SELECT key_id FROM retired_keys")}


def _read(list_file: ListFile, condition: str) -> list[PartnerRecord]:
    rows = list_file.connection.execute(
        f"SELECT record FROM partners WHERE {condition} ORDER BY name"  # noqa: S608 - of two constants
    )
    return [msgspec.json.decode(row[0], type=PartnerRecord) for row in rows]

"""An export as a file: a table, or JSON, with the fields that its reader may see."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import msgspec

from intelligence.staff.privileges import Privileges, Shown
from intelligence.staff.roles import ENTRY_FIELDS, RecordType, Verb
from screening.vocabulary.formula import guarded

_ORDER: Final = (
    "receipt",
    "matched_at",
    "partner",
    "booking_region",
    *ENTRY_FIELDS,
)
_SAID: Final = {True: "yes", False: "no", None: ""}


@dataclass(frozen=True, slots=True)
class Row:
    """What is said of the selector behind one receipt, or the `problem` with that.

    `shared` and `told_twice` are what a page would tell above it, None where nothing is resolved.
    """

    receipt: str
    said: Shown
    problem: str | None
    shared: bool | None = None
    told_twice: bool | None = None


def spelled(rows: Sequence[Row], privileges: Privileges, *, as_json: bool) -> str:
    """Return a file of rows: one for each entry, and one for a receipt that is not resolved."""
    readable = privileges.fields(Verb.READ, RecordType.DISCLOSURE)
    names = [name for name in _ORDER if name in readable]
    if as_json:
        document = [
            {"asked": row.receipt, "problem": row.problem}
            | {"shared": row.shared, "told_twice": row.told_twice}
            | {name: _value(name, row.said[name]) for name in names if name in row.said}
            for row in rows
        ]
        return msgspec.json.format(msgspec.json.encode(document)).decode()
    written = io.StringIO(newline="")
    table = csv.writer(written)
    table.writerow(["asked", *names, "shared", "told_twice", "problem"])
    for row in rows:
        cells = [_text(name, row.said.get(name)) for name in names]
        told = [_SAID[row.shared], _SAID[row.told_twice]]
        table.writerow(map(guarded, [row.receipt, *cells, *told, row.problem or ""]))
    return written.getvalue()


def _value(name: str, value: object) -> object:
    if name == "matched_at" and isinstance(value, int):
        return datetime.fromtimestamp(value, UTC)
    return value


def _text(name: str, value: object) -> str:
    said = _value(name, value)
    if isinstance(said, datetime | date):
        return said.isoformat()
    return "" if said is None else " ".join(said) if isinstance(said, list) else str(said)

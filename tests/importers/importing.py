"""Opens an import in a test, and says in short what came of it."""

import io
import json
from collections.abc import Iterable
from datetime import date

from screening.importers.csv_rows import ListRow, entry_of
from screening.importers.detect import ImportedFile, open_import
from screening.importers.entry import Entry, Rejection, Role
from screening.importers.foreign_rows import Defaults
from screening.importers.free_text import Taken, TextFile

TODAY = date(2026, 6, 15)
BUYERS = Defaults(role=Role.BUYER)


def opened(
    content: bytes | str | object,
    *,
    file: str = "import",
    region: str | None = None,
    defaults: Defaults | None = BUYERS,
    sheet: str | None = None,
) -> ImportedFile:
    if not isinstance(content, bytes):
        text = content if isinstance(content, str) else json.dumps(content)
        content = text.encode()
    stream = io.BytesIO(content)
    return open_import(
        stream, file=file, today=TODAY, region=region, defaults=defaults, sheet=sheet
    )


def outcomes(rows: Iterable[ListRow | Rejection]) -> list[tuple[int, str]]:
    """Return the line of each row, and its canonical selector or the code of its rejection."""
    return [
        (one.line, one.canonical.text if isinstance(one, Entry) else one.code)
        for one in map(entry_of, rows)
    ]


def only_entry(rows: Iterable[ListRow | Rejection]) -> Entry:
    (entry,) = map(entry_of, rows)
    assert isinstance(entry, Entry), entry
    return entry


def only_rejection(rows: Iterable[ListRow | Rejection]) -> Rejection:
    (rejection,) = map(entry_of, rows)
    assert isinstance(rejection, Rejection)
    return rejection


def left_open(content: str, file: str = "notes.txt") -> list[bool]:
    """Return of each selector of a text whether it is left to a person."""
    stream = io.BytesIO(content.encode())
    found = TextFile(stream, file=file, role=Role.BUYER)
    return [one.told is not None for one in found if isinstance(one, Taken)]

"""Files of curators that wait to become drafts, as pages list them."""

from pathlib import PurePath
from typing import Final, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.errors import Undecipherable
from intelligence.imports.tables import UPLOADS_KEPT_S, UploadRow
from intelligence.store.sealing import Seals
from screening.importers.file_names import reported_name

_NAME_CHARACTERS: Final = 100
_PASTED: Final = "pasted text"


class ListedUpload(NamedTuple):
    """A file: rows that were read, and how many of them can be taken as they stand.

    Whether the list has them already is seen once it is looked through. Where it `has_selectors` in
    no column, one is to be chosen. It is forgotten at `ends_at`. One that `is_unreadable` does not
    open: nothing can be done but drop it.
    """

    id: UUID
    name: str
    created_at: int
    ends_at: int
    rows: int
    readable: int
    is_unreadable: bool = False
    has_selectors: bool = True


class _Row(msgspec.Struct):
    code: str = ""


class _Rows(msgspec.Struct):
    """Of a `ReadUpload`, whether each row could be read, and a column of selectors is known."""

    rows: list[_Row]
    has_selectors: bool = True


_rows: Final = msgspec.json.Decoder(_Rows)


def listed_uploads(session: Session, seals: Seals, account_id: UUID) -> list[ListedUpload]:
    """Return those of one person, the oldest first."""
    chosen = select(UploadRow).where(UploadRow.account_id == account_id)
    rows = session.scalars(chosen.order_by(UploadRow.created_at, UploadRow.id))
    return [_listed(seals, row) for row in rows]


def _listed(seals: Seals, row: UploadRow) -> ListedUpload:
    name, ends_at = seals.legible(row, "name"), row.created_at + UPLOADS_KEPT_S
    try:
        read = _rows.decode(seals.open(row, "read"))
    except Undecipherable:
        return ListedUpload(row.id, name, row.created_at, ends_at, 0, 0, is_unreadable=True)
    readable = sum(not one.code for one in read.rows)
    return ListedUpload(
        row.id,
        name,
        row.created_at,
        ends_at,
        len(read.rows),
        readable,
        has_selectors=read.has_selectors,
    )


def shown_name(name: str) -> str:
    """Return a file's name as it may be shown: no path, no selector, no odd signs."""
    last = name.replace("\\", "/").rpartition("/")[2]
    spelled = "".join(c if c.isprintable() else " " for c in last).strip()
    return reported_name(PurePath(spelled[-_NAME_CHARACTERS:])) or _PASTED

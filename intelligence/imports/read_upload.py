"""What an uploaded file says, row by row: what could be listed, and what could not, and why.

Read in a process of its own (`confined_reading`): a file may be made to keep one busy for ever.
"""

import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import PurePath
from typing import Final

import msgspec

from screening.importers.csv_rows import ListRow, entry_of
from screening.importers.detect import START_BYTES, Format, detect_format, open_import
from screening.importers.entry import Entry, Rejection, Role, reported_kind
from screening.importers.foreign_rows import Defaults, Notice
from screening.importers.free_text import Taken, TextFile
from screening.importers.layout import DetectedColumn
from screening.importers.role_words import refuse_called_after_victims
from screening.importers.whom import Whom
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.printable import printable
from screening.vocabulary.selector import Canonical

CALLED: Final = "the uploaded file"
"""Before its suffix, which tells tables from texts: what it is really called, nobody is told."""
NO_ROLE: Final = "no_role"
"""Of a row that would be taken, were a role told of all that name none, or its column chosen."""
MOST_ROWS: Final = 5_000
"""At about a millisecond each."""
_OF_VICTIMS: Final = (Whom.VICTIM, Whom.PERHAPS_VICTIM)
_SOURCE_CHARACTERS: Final = 500


class Told(msgspec.Struct, frozen=True):
    """What whoever uploads a file says of all in it that says nothing itself; empty is nothing."""

    role: str = ""
    region: str = ""
    sheet: str = ""
    source: str = ""
    reason: str = ""
    confidence: str = ""
    last_day: str = ""
    list: str = ""
    columns: dict[int, str] = {}

    def __repr__(self) -> str:
        return "Told(...)"


class Upload(msgspec.Struct, frozen=True):
    """A file as it came, with what is told of it; `today` is the day ages are counted on.

    Its `name` is one that may be shown.
    """

    name: str
    content: bytes
    told: Told
    today: date

    def __repr__(self) -> str:
        return f"Upload({len(self.content)} bytes)"


class Listed(msgspec.Struct, frozen=True, tag=True):
    """What a row says of a selector; `line` is where it stands, from 1."""

    line: int
    kind: str
    canonical: str
    role: str
    source: str
    reason: str
    confidence: int | None
    first_seen: datetime | None
    last_seen: datetime | None
    review_by: datetime | None
    expires_at: datetime | None
    jurisdictions: list[str]
    list: str

    def __repr__(self) -> str:
        return f"Listed(line {self.line})"


class NotListed(msgspec.Struct, frozen=True, tag=True):
    """A row that is not taken; `code` is an `ImportCode`, or `NO_ROLE`.

    `column` is the name of what tells, masked.

    `protects` tells that it is of a victim, whom it does not protect until it is corrected.
    """

    line: int
    kind: str
    code: str
    protects: bool
    column: str


class Column(msgspec.Struct, frozen=True):
    """A column: its name, masked, what it is taken as, and whether it seems to be the role."""

    name: str
    taken_as: str
    seems_roles: bool = False


class ReadUpload(msgspec.Struct, frozen=True, tag=True):
    """All that was read; `columns` are those of a table that may be told otherwise.

    Where none of them `has_selectors` there are no rows: one has to be chosen first.
    """

    format: str
    columns: list[Column]
    notices: list[Notice]
    rows: list[Listed | NotListed]
    has_selectors: bool = True

    @property
    def readable(self) -> int:
        """Of how many rows the list can be asked."""
        return sum(isinstance(one, Listed) for one in self.rows)

    def __repr__(self) -> str:
        return f"ReadUpload({self.format}, {len(self.rows)} rows)"


class Unread(msgspec.Struct, frozen=True, tag=True):
    """A file that cannot be read, and the sentence that says why and repeats nothing of it."""

    sentence: str


def read_upload(upload: Upload) -> ReadUpload:
    """Read a file of any format; raises `OperatorError` where that cannot be, or it is too long."""
    told = upload.told
    role = Role(told.role) if told.role else None
    for called in (told.list, upload.name):
        refuse_called_after_victims(called, role)
    name = CALLED + PurePath(upload.name).suffix.lower()
    form = detect_format(upload.content[:START_BYTES], name)
    columns: tuple[DetectedColumn, ...] = ()
    notices: tuple[Notice, ...] = ()
    has_selectors = True
    if form is Format.TEXT:
        text = TextFile(
            io.BytesIO(upload.content),
            file=name,
            region=told.region or None,
            today=upload.today,
            role=role,
        )
        rows: Iterable[ListRow | Rejection] = (_of_text(one, role) for one in text)
    else:
        imported = open_import(
            io.BytesIO(upload.content),
            file=name,
            today=upload.today,
            region=told.region or None,
            defaults=Defaults(role, told.columns, chooses=True),
            sheet=told.sheet or None,
        )
        rows, columns, notices = imported, imported.columns, imported.warnings
        has_selectors = imported.has_selectors
    return ReadUpload(
        form.value,
        [Column(one.name, one.taken_as, one.seems_roles) for one in columns],
        list(notices),
        list(_without_doubles(_read(rows, told))),
        has_selectors,
    )


def _read(rows: Iterable[ListRow | Rejection], told: Told) -> list[Entry | Rejection]:
    """Return the entries, none of them of a selector that another row leaves open."""
    read: list[Entry | Rejection] = []
    left_open: set[Canonical] = set()
    for row in islice(rows, MOST_ROWS + 1):
        if isinstance(row, Rejection):
            left_open.update(row.selectors)
            read.append(row)
        else:
            read.append(entry_of(_completed(row, told)))
    if len(read) > MOST_ROWS:
        raise OperatorError(f"there are more than {MOST_ROWS:,} rows; upload them in several files")
    return [_closed(one, left_open) for one in read]


def _closed(one: Entry | Rejection, left_open: set[Canonical]) -> Entry | Rejection:
    if isinstance(one, Rejection) or one.role is Role.VICTIM or one.canonical not in left_open:
        return one
    return Rejection(one.file, one.line, reported_kind(one.canonical.kind), "left_open")


def _completed(row: ListRow, told: Told) -> ListRow:
    return msgspec.structs.replace(
        row,
        source=row.source or told.source,
        reason=row.reason or told.reason,
        confidence=row.confidence or told.confidence,
        expires_at=row.expires_at or told.last_day,
        list=row.list or told.list,
    )


def _of_text(found: Taken | Rejection, role: Role | None) -> ListRow | Rejection:
    """Return a find as the row of a list; whom its text tells of leaves its role to a person."""
    if isinstance(found, Rejection):
        return found
    kind = reported_kind(found.canonical.kind)
    if found.told is not None and role is not Role.VICTIM:
        return Rejection(
            found.file,
            found.line,
            kind,
            "unknown_role",
            found.span,
            protects=found.told in _OF_VICTIMS,
            selectors=(found.canonical,),
        )
    if role is None:
        return Rejection(found.file, found.line, kind, "unknown_role", found.span, lacks_role=True)
    empty = dict.fromkeys(ListRow.__struct_fields__, "")
    said = {
        "file": found.file,
        "line": found.line,
        "kind": kind,
        "value": found.canonical.text,
        "role": role,
        "region": found.region or None,
        "source": " ".join(printable(found.source).split())[:_SOURCE_CHARACTERS],
    }
    return ListRow(**{**empty, **said})  # type: ignore[arg-type]  # the names are its fields


def _without_doubles(read: Iterable[Entry | Rejection]) -> Iterator[Listed | NotListed]:
    """Yield what was read; of two rows of one source on one selector, the first is taken."""
    said: set[tuple[Canonical, str, str]] = set()
    for one in read:
        if isinstance(one, Rejection):
            code = NO_ROLE if one.lacks_role else one.code
            yield NotListed(one.line, one.kind, code, one.protects, one.column)
            continue
        subject = (one.canonical, one.list, one.source)
        if subject in said:
            protects = one.role is Role.VICTIM
            yield NotListed(one.line, one.canonical.kind.value, "said_before", protects, "")
        else:
            said.add(subject)
            yield _listed(one)


def _listed(entry: Entry) -> Listed:
    return Listed(
        line=entry.line,
        kind=entry.canonical.kind.value,
        canonical=entry.canonical.text,
        role=entry.role.value,
        source=entry.source,
        reason=entry.reason,
        confidence=entry.confidence,
        first_seen=entry.first_seen,
        last_seen=entry.last_seen,
        review_by=entry.review_by,
        expires_at=entry.expires_at,
        jurisdictions=list(entry.jurisdictions),
        list=entry.list,
    )

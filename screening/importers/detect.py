"""What a file is, by its content, and one way to read every kind of it."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import chain, islice
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from screening.importers.csv_header import read_header
from screening.importers.csv_records import LIMITS, find_cells, is_blank
from screening.importers.csv_rows import CuratedFile, ListRow
from screening.importers.delimited import NAMES_OF_TABLES, delimited_rows, read_heading
from screening.importers.entry import Rejection, Role
from screening.importers.foreign_rows import Defaults, Notice
from screening.importers.json_document import read_json
from screening.importers.layout import DetectedColumn
from screening.importers.misp import MispEvents
from screening.importers.physical_lines import BOM, physical_lines, without_bom
from screening.importers.role_words import refuse_called_after_victims
from screening.importers.stix import StixBundle
from screening.importers.tabular import ForeignTable
from screening.importers.title_rows import is_name
from screening.importers.victim_words import heads_victim
from screening.importers.workbook import Sheet, read_sheet
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.file_starts import DOCUMENT_STARTS, WORKBOOK_STARTS

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

START_BYTES: Final = 64 * 1024
"""So much of a file tells what it is."""
_JSON: Final = re.compile(rb"\{|\[\s*[{\]]")
_STIX: Final = re.compile(rb'"type"\s*:\s*"bundle"|"objects"\s*:|"spec_version"\s*:')
_MISP: Final = re.compile(rb'"(?:Event|Attribute|response)"\s*:')
_ROWS_COMPARED: Final = 2


class Format(StrEnum):
    """What a file is."""

    CURATED = "curated list (CSV)"
    TABLE = "table (CSV)"
    WORKBOOK = "workbook"
    STIX = "STIX 2.1 bundle"
    MISP = "MISP events"
    JSON = "other JSON"
    TEXT = "free text"
    DOCUMENT = "a PDF, RTF or picture"


_REFUSALS: Final = {
    Format.JSON: "is JSON, but neither STIX 2.1 nor MISP; export it as CSV",
    Format.DOCUMENT: "is a PDF, RTF or picture, which is not read; copy its text into a text file",
    Format.TEXT: ("is no list, table or bundle; of free text take selectors with: indexer extract"),
}


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """One file of any format, read once: a `ListRow` or a `Rejection` for each thing in it.

    `columns` says, of a table or a workbook, what each is taken as; `warnings` what was left out.
    Where none `has_selectors`, there are no rows until one is chosen.
    """

    format: Format
    rows: Iterable[ListRow | Rejection] = field(repr=False)
    columns: tuple[DetectedColumn, ...] = ()
    warnings: tuple[Notice, ...] = ()
    has_selectors: bool = True

    def __iter__(self) -> Iterator[ListRow | Rejection]:
        """Yield the rows before normalisation; map `entry_of` over them."""
        return iter(self.rows)


def open_import(
    stream: BinaryIO,
    *,
    file: str,
    today: date,
    region: str | None = None,
    defaults: Defaults | None = None,
    sheet: str | None = None,
) -> ImportedFile:
    """Open a file of whatever format; `stream` stays the caller's, and may be a pipe.

    `file` is what rows and reports call it, and `today` the day by which somebody is of age.
    `region` is for phones without a country code, `defaults` for what a foreign file says nothing
    of (a curated one must say it), `sheet` the one to read of a workbook. Raises `OperatorError`,
    which says what to do, where the file is none that can be read.
    """
    start = _read_start(stream)
    whole = cast("BinaryIO", io.BufferedReader(_Rejoined(start, stream)))
    told = defaults or Defaults()
    refuse_called_after_victims(file, told.role)
    match detect_format(start, file):
        case Format.CURATED as kind:
            return ImportedFile(kind, CuratedFile(whole, file=file, region=region))
        case Format.TABLE as kind:
            rows = delimited_rows(whole, file=file)
            table = ForeignTable(rows, file=file, region=region, defaults=told, today=today)
            return _of_table(kind, table)
        case Format.WORKBOOK as kind:
            read = read_sheet(whole, file=file, sheet=sheet)
            _refuse_victims(read, told, file)
            table = ForeignTable(read.rows, file=file, region=region, defaults=told, today=today)
            return _of_table(kind, table, *_unread(read.others))
        case Format.STIX | Format.MISP as kind:
            document = read_json(whole, file=file)
            reads = StixBundle if kind is Format.STIX else MispEvents
            reports = reads(document, file=file, region=region, defaults=told, today=today)
            return ImportedFile(kind, reports.rows, warnings=reports.warnings)
        case Format.JSON | Format.TEXT | Format.DOCUMENT as kind:
            raise OperatorError(f"{file} {_REFUSALS[kind]}")


def _of_table(kind: Format, table: ForeignTable, *warnings: Notice) -> ImportedFile:
    warned = (*warnings, *table.warnings)
    return ImportedFile(kind, table, table.columns, warned, has_selectors=table.has_selectors)


def detect_format(start: bytes, name: str) -> Format:
    """Tell what a file is by its first `START_BYTES`; its name counts where they leave it open.

    An archive is a workbook until it is opened, and what is a list's header as it stands is that of
    a curated list.
    """
    if start.startswith(WORKBOOK_STARTS):
        return Format.WORKBOOK
    if start.startswith(DOCUMENT_STARTS):
        return Format.DOCUMENT
    content = start.removeprefix(BOM)
    if _JSON.match(content.lstrip()):
        if _STIX.search(content):
            return Format.STIX
        return Format.MISP if _MISP.search(content) else Format.JSON
    if _is_curated(start, name):
        return Format.CURATED
    return Format.TABLE if _is_table(content, name) else Format.TEXT


def _is_curated(start: bytes, name: str) -> bool:
    lines = physical_lines(io.BytesIO(start), max_bytes=START_BYTES)
    try:
        read_header(lines, name, max_bytes=START_BYTES)
    except OperatorError:
        return False
    return True


def _is_table(content: bytes, name: str) -> bool:
    """Tell whether the first row names columns, or is parted into as many cells as the next."""
    is_named_so = name.lower().endswith(NAMES_OF_TABLES)
    lines = without_bom(physical_lines(io.BytesIO(content), max_bytes=START_BYTES))
    heading = read_heading(lines, LIMITS, file=name)
    if heading is None:
        return is_named_so
    if any(map(is_name, heading.cells or [heading.text])):
        return True
    below = (line for _, line in chain(heading.ahead, lines) if not is_blank(line))
    rows = [
        find_cells(line.decode(errors="replace"), delimiter=heading.delimiter) or ()
        for line in islice(below, _ROWS_COMPARED)
    ]
    width = len(heading.cells)
    is_even = width > 1 and bool(rows) and all(len(row) == width for row in rows)
    return is_even or is_named_so


def _refuse_victims(sheet: Sheet, told: Defaults, file: str) -> None:
    """Raise `OperatorError` where a role that is told of all would be laid upon victims."""
    if told.role in (None, Role.VICTIM):
        return
    if any(map(heads_victim, sheet.titles)):
        raise OperatorError(
            f"a header, footer, text box, table name or title in {file} speaks of victims, or of "
            "those under age: give --role victim, or take it out of a copy if it is of others"
        )
    if heads_victim(sheet.name):
        raise OperatorError(
            f"the sheet of {file} that is read is called after victims, or those under age: name "
            "another with --sheet, give --role victim, or rename it if it is of others"
        )


def _unread(sheets: Sequence[str]) -> list[Notice]:
    """Return what is said of sheets that are not read."""
    of_victims = sum(map(heads_victim, sheets))
    notices = [
        ("other sheets are not read; name one with --sheet to read it", len(sheets) - of_victims),
        (
            "sheets called after victims are not read, and protect nobody: import them first, with "
            "--sheet and --role victim",
            of_victims,
        ),
    ]
    return [Notice(text, count) for text, count in notices if count]


def _read_start(stream: BinaryIO) -> bytes:
    start = b""
    while len(start) < START_BYTES and (more := stream.read(START_BYTES - len(start))):
        start += more
    return start


class _Rejoined(io.RawIOBase):
    """A stream with its first bytes before it again."""

    def __init__(self, start: bytes, rest: BinaryIO) -> None:
        self._start = start
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        room = memoryview(buffer).cast("B")
        taken = self._start[: len(room)] or self._rest.read(len(room))
        self._start = self._start[len(room) :]
        room[: len(taken)] = taken
        return len(taken)

"""Workbooks (XLSX, XLSM, ODS) -> rows of cells, with what a spreadsheet has done to them.

python-calamine reads them: a Rust parser that runs no formula and no macro. It loads a sheet as a
whole, so everything about it is bounded first (`workbook_survey.py`).
"""

import datetime
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from types import ModuleType
from typing import BinaryIO, Final

from screening.importers.ods_survey import survey_ods
from screening.importers.table_rows import ErrorCell, NumberCell, TableRow
from screening.importers.workbook_parts import Unsuitable, damaged
from screening.importers.workbook_survey import SheetSurvey
from screening.importers.xlsx_survey import survey_xlsx
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.file_starts import COMPOUND_FILE

MAX_BYTES: Final = 256 << 20
ODS_MIMETYPE: Final = b"application/vnd.oasis.opendocument.spreadsheet"
_PART_BYTES: Final = 1 << 20
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_DAMAGED_ZIP: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError)
_LOCKED: Final = "is protected by a password; save a copy without one"

Value = (
    int
    | float
    | str
    | bool
    | datetime.time
    | datetime.date
    | datetime.datetime
    | datetime.timedelta
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook: its name, its rows in order, and the names of those not read.

    The line of a row is its number in the sheet. A date is written as ISO 8601 does, and a time of
    day as of UTC: a sheet has no zones. A number is a `NumberCell`, an error an `ErrorCell`.
    """

    name: str
    rows: Iterator[TableRow]
    others: tuple[str, ...]
    titles: tuple[str, ...]
    """Of its pages, text boxes and tables, and of the document."""


def read_sheet(stream: BinaryIO, *, file: str, sheet: str | None = None) -> Sheet:
    """Read the first sheet of a workbook, or the one of that name.

    Raises `OperatorError` where it is encrypted, damaged, empty, too large, or of an older format.
    """
    content = stream.read(MAX_BYTES + 1)
    try:
        return _read(content, sheet)
    except Unsuitable as why:
        raise OperatorError(f"{file} {why}") from None


def _read(content: bytes, wanted: str | None) -> Sheet:
    if len(content) > MAX_BYTES:
        raise Unsuitable("has more than 256 MiB; save it as CSV UTF-8")
    if content.startswith(COMPOUND_FILE):
        old = "is a workbook of an older format; save it as .xlsx"
        raise Unsuitable(_LOCKED if _ENCRYPTED in content else old)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            is_ods = _refuse_others(archive)
            names, sheet = _sheet_names(content, wanted)
            survey = (survey_ods if is_ods else survey_xlsx)(archive, sheet)
    except _DAMAGED_ZIP:
        raise damaged() from None
    if not survey.rows:
        raise Unsuitable("has nothing in the sheet that is read; name another sheet")
    survey.merged.require_apart(survey.rows, survey.columns)
    others = tuple(name for name in names if name != sheet)
    return Sheet(sheet, _rows(content, sheet, survey), others, tuple(survey.titles))


def _refuse_others(archive: zipfile.ZipFile) -> bool:
    """Tell whether an archive is an ODS; raises `Unsuitable` where it is no workbook at all."""
    names = archive.namelist()
    if len(set(names)) != len(names):  # two readers might not take the same one
        raise damaged()
    if any(entry.flag_bits & 1 for entry in archive.infolist()):
        raise Unsuitable(_LOCKED)
    if "xl/workbook.bin" in names:
        raise Unsuitable("is a binary workbook (.xlsb); save it as .xlsx")
    if "mimetype" in names and _start(archive, "mimetype").strip() == ODS_MIMETYPE:
        manifest = "META-INF/manifest.xml"
        if manifest in names and b"encryption-data" in _start(archive, manifest):
            raise Unsuitable(_LOCKED)
        return True
    if not any(name.startswith("xl/") for name in names):
        raise Unsuitable("is an archive and no workbook; unpack it and name what is in it")
    return False


def _start(archive: zipfile.ZipFile, part: str) -> bytes:
    with archive.open(part) as stream:
        return stream.read(_PART_BYTES)


def _sheet_names(content: bytes, wanted: str | None) -> tuple[list[str], str]:
    with _reading() as calamine, calamine.load_workbook(io.BytesIO(content)) as workbook:
        names: list[str] = workbook.sheet_names
    if not names:
        raise Unsuitable("has no sheets; save it again")
    if wanted is not None and wanted not in names:
        raise Unsuitable("has no sheet of the name that was given; see its tabs")
    return names, names[0] if wanted is None else wanted


def _rows(content: bytes, name: str, survey: SheetSurvey) -> Iterator[TableRow]:
    with _reading() as calamine, calamine.load_workbook(io.BytesIO(content)) as workbook:
        sheet = workbook.get_sheet_by_name(name)
        rows: Iterator[list[Value]] = sheet.iter_rows()
        # The reader begins with the first row, but with the first column that holds something.
        columns = range(1 + (sheet.start or (0, 0))[1], 2 + (sheet.end or (0, 0))[1])
    return _table_rows(rows, columns, survey)


def _table_rows(
    rows: Iterator[list[Value]], columns: range, survey: SheetSurvey
) -> Iterator[TableRow]:
    """Yield the rows, which the reader gives for some `columns`, and the errors beyond these."""
    errors: dict[int, list[int]] = {}
    for line, column in survey.errors:
        errors.setdefault(line, []).append(column)
    first = min([columns.start, *(column for _, column in survey.errors)])
    stop = max([columns.stop, *(column + 1 for _, column in survey.errors)])
    before, behind = [""] * (columns.start - first), [""] * (stop - columns.stop)
    nothing = [""] * len(columns)
    for line, (values, _) in enumerate(zip_longest(rows, range(max(errors, default=0))), 1):
        cells = [*before, *(nothing if values is None else map(_text, values)), *behind]
        for column in errors.get(line, ()):
            cells[column - first] = ErrorCell("#ERROR")
        merged = survey.merged.fill(line, cells, first)
        remarks = tuple(survey.remarks.get(line, ()))
        yield TableRow(line, cells, remarks=remarks, merged=merged)


def _text(value: Value) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            is_whole = isinstance(value, int) or value.is_integer()
            return NumberCell(int(value) if is_whole else value)
        case datetime.datetime() if value.time() == datetime.time():
            return value.date().isoformat()
        case datetime.datetime():
            return f"{value.isoformat()}Z"
        case _:
            return str(value)  # a text, a date, a time or a span: those as ISO 8601 has them


@contextmanager
def _reading() -> Iterator[ModuleType]:
    """Lend the reader; raises `Unsuitable` where it stumbles, or is not installed.

    A panic in it is no `Exception`, so that nobody takes it for one by accident.
    """
    try:
        import python_calamine  # noqa: PLC0415 - of all formats only workbooks need it
    except ImportError:
        raise Unsuitable("is a workbook; install screening[xlsx], or save it as CSV") from None
    try:
        yield python_calamine
    except python_calamine.CalamineError:
        raise damaged() from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise damaged() from None

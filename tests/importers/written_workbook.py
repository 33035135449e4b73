"""Writes workbooks for tests: the few parts of XLSX and ODS that a reader needs, and no more.

By hand, so that a cell can be what no library writes: an error, a far reference, a repetition.
"""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns"


@dataclass(frozen=True)
class Date:
    serial: float


@dataclass(frozen=True)
class Error:
    text: str


@dataclass(frozen=True)
class Formula:
    """A formula and, as elements, what was kept of its last result."""

    text: str
    kept: str = ""
    type: str = "n"


Cell = str | float | bool | Date | Error | Formula | None


def xlsx(
    *sheets: Sequence[Sequence[Cell]],
    name: str = "Sheet",
    merged: Sequence[str] = (),
    book: str = "",
    parts: dict[str, str] | None = None,
) -> bytes:
    names = range(1, len(sheets) + 1)
    files = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": _relations({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": (
            f'<workbook xmlns="{NAMESPACE}" xmlns:r="{RELATIONS}"><sheets>'
            + "".join(f'<sheet name="{name}{n}" sheetId="{n}" r:id="rId{n}"/>' for n in names)
            + f"</sheets>{book}</workbook>"
        ),
        "xl/_rels/workbook.xml.rels": _relations(
            {f"rId{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in names}
        ),
        "xl/styles.xml": (
            f'<styleSheet xmlns="{NAMESPACE}"><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/>'
            "</cellXfs></styleSheet>"
        ),
        **{f"xl/worksheets/sheet{n}.xml": _sheet(rows, merged) for n, rows in enumerate(sheets, 1)},
        **(parts or {}),
    }
    return zipped(files)


def remarked(rows: Sequence[Sequence[Cell]], remarks: str, kind: str = "comments") -> bytes:
    """Return a workbook of one sheet with another part, as of remarks on its cells."""
    parts = {
        "xl/worksheets/_rels/sheet1.xml.rels": (
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{PACKAGE}/{kind}" '
            'Target="../remarks.xml"/></Relationships>'
        ),
        "xl/remarks.xml": remarks,
    }
    return xlsx(rows, parts=parts)


def comment(place: str, *runs: str) -> str:
    """Return a comment on one cell, in runs as of different fonts."""
    text = "".join(f"<r><t>{run}</t></r>" for run in runs)
    return (
        f'<comments xmlns="{NAMESPACE}"><authors><author>Victim Unit</author></authors>'
        f'<commentList><comment ref="{place}" authorId="0"><text>{text}</text></comment>'
        "</commentList></comments>"
    )


def ods(rows_xml: str, parts: dict[str, str] | None = None) -> bytes:
    return zipped(
        {
            **(parts or {}),
            "mimetype": ODS,
            "META-INF/manifest.xml": "<manifest/>",
            "content.xml": (
                f'<office:document-content xmlns:office="{OFFICE}:office:1.0" '
                f'xmlns:table="{OFFICE}:table:1.0" xmlns:text="{OFFICE}:text:1.0">'
                '<office:body><office:spreadsheet><table:table table:name="Sheet1">'
                f"{rows_xml}</table:table></office:spreadsheet></office:body>"
                "</office:document-content>"
            ),
        }
    )


def ods_row(cells: Sequence[str], *, repeated: int = 1) -> str:
    inside = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p>'
        "</table:table-cell>"
        for cell in cells
    )
    return f'<table:table-row table:number-rows-repeated="{repeated}">{inside}</table:table-row>'


def zipped(files: dict[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return content.getvalue()


def _relations(targets: dict[str, tuple[str, str]]) -> str:
    relations = (
        f'<Relationship Id="{name}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for name, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{PACKAGE}">{"".join(relations)}</Relationships>'


def _sheet(rows: Sequence[Sequence[Cell]], merged: Sequence[str]) -> str:
    lines = []
    for number, row in enumerate(rows, 1):
        cells = (_cell(f"{_letters(place)}{number}", cell) for place, cell in enumerate(row))
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    ranges = "".join(f'<mergeCell ref="{one}"/>' for one in merged)
    data = f"<sheetData>{''.join(lines)}</sheetData><mergeCells>{ranges}</mergeCells>"
    return f'<worksheet xmlns="{NAMESPACE}">{data}</worksheet>'


def _cell(place: str, cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            attribute, inside = 't="b"', f"<v>{int(cell)}</v>"
        case Date():
            attribute, inside = 's="1"', f"<v>{cell.serial}</v>"
        case Error():
            attribute, inside = 't="e"', f"<v>{cell.text}</v>"
        case Formula():
            attribute, inside = f't="{cell.type}"', f"<f>{escape(cell.text)}</f>{cell.kept}"
        case str():
            text = escape(cell, {"\r": "&#13;"})
            attribute, inside = 't="inlineStr"', f'<is><t xml:space="preserve">{text}</t></is>'
        case _:
            attribute, inside = "", f"<v>{cell!r}</v>"
    return f'<c r="{place}" {attribute}>{inside}</c>'


def _letters(place: int) -> str:
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters

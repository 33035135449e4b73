"""Workbooks: a cell is what it is in the sheet, and what a spreadsheet has changed is not taken."""

import io
import subprocess
import sys
import zipfile

import pytest

from screening.importers.csv_rows import ListRow, entry_of
from screening.importers.detect import Format
from screening.importers.entry import Entry, Role
from screening.importers.foreign_rows import Defaults
from screening.vocabulary.errors import OperatorError
from tests.importers.importing import only_entry, only_rejection, opened, outcomes
from tests.importers.written_workbook import (
    NAMESPACE,
    Cell,
    Date,
    Error,
    Formula,
    ods,
    ods_row,
    xlsx,
    zipped,
)

PHONE = "+1 202-555-0134"
CANONICAL = "+12025550134"
HEADER = ("phone", "card", "email", "region", "confidence", "expires_at")


def test_rows_are_numbered_as_in_the_sheet_wherever_they_begin() -> None:
    file = opened(xlsx([[], [None, "phone"], [], [None, PHONE]]))
    assert file.format is Format.WORKBOOK
    assert outcomes(file) == [(4, CANONICAL)]
    assert [(c.name, c.taken_as) for c in file.columns] == [("phone", "phone")]


def test_an_error_is_found_wherever_the_columns_begin() -> None:
    content = xlsx([[], [None, "phone", "email"], [None, PHONE, Error("#N/A")]])
    assert outcomes(opened(content)) == [(3, CANONICAL), (3, "error_cell")]


def test_an_error_left_of_all_that_has_a_value_is_of_a_column_of_its_own() -> None:
    rows: list[list[Cell]] = [[None, "phone", "role"], [Formula("NOW()"), PHONE, "buyer"]]
    assert outcomes(opened(xlsx(rows))) == [(2, CANONICAL)]
    assert outcomes(opened(xlsx([row[:2] for row in rows]))) == [(2, "error_cell")]


def test_an_ods_is_read_like_an_xlsx() -> None:
    content = ods(ods_row(["phone", "notes"]) + ods_row([], repeated=3) + ods_row([PHONE, "x"]))
    assert outcomes(opened(content)) == [(5, CANONICAL)]


@pytest.mark.parametrize("region", ["", "US"])
def test_a_phone_that_is_a_number_is_never_guessed_at(region: str) -> None:
    content = xlsx([HEADER, [12025550143.0, None, None, region]])
    assert outcomes(opened(content, region="US")) == [(2, "stored_as_number")]


def test_a_card_is_taken_from_a_number_only_where_a_number_is_exact() -> None:
    rows = [HEADER, [None, 378282246310005], [None, 4111111111111111], [None, 4.2e18]]
    assert outcomes(opened(xlsx(rows))) == [
        (2, "378282246310005"),
        (3, "changed_number"),
        (4, "changed_number"),
    ]


def test_numbers_in_the_value_column_of_a_list_are_as_doubtful() -> None:
    rows: list[list[Cell]] = [["kind", "value", "role"], ["phone", 12025550143.0, "buyer"]]
    assert outcomes(opened(xlsx(rows))) == [(2, "stored_as_number")]


def test_numbers_and_dates_of_other_columns_are_read() -> None:
    rows = [HEADER, [PHONE, None, None, "US", 85.0, Date(46752)]]
    entry = only_entry(opened(xlsx(rows)))
    assert entry.confidence == 85
    assert entry.expires_at is not None
    assert entry.expires_at.date().isoformat() == "2027-12-31"


def test_a_time_of_day_is_read_as_of_utc() -> None:
    (row,) = opened(xlsx([HEADER, [PHONE, None, None, None, None, Date(46752.5)]]))
    assert isinstance(row, ListRow)
    assert row.expires_at == "2027-12-31T12:00:00Z"


@pytest.mark.parametrize("place", range(3))
def test_an_error_in_a_selector_s_cell_is_rejected(place: int) -> None:
    cells: list[str | Error | None] = [None] * 6
    cells[place] = Error("#N/A")
    rejection = only_rejection(opened(xlsx([HEADER, cells])))
    assert (rejection.code, rejection.kind) == ("error_cell", HEADER[place])


def test_an_error_in_what_is_said_of_a_selector_rejects_the_row() -> None:
    rows = [HEADER, [PHONE, None, None, None, None, Error("#REF!")]]
    assert outcomes(opened(xlsx(rows))) == [(2, "error_cell")]


def test_an_error_beside_a_selector_is_of_a_row_that_says_no_role() -> None:
    rows: list[list[Cell]] = [["phone", "total"], [PHONE, Error("#REF!")], [PHONE, 7.0]]
    assert outcomes(opened(xlsx(rows))) == [(2, "error_cell"), (3, CANONICAL)]
    rows = [["phone", "total", "role"], [PHONE, Error("#REF!"), "buyer"]]
    assert outcomes(opened(xlsx(rows))) == [(2, CANONICAL)]


def test_an_error_of_another_sheet_is_of_no_matter() -> None:
    content = xlsx([HEADER, [PHONE]], [HEADER, [None, Error("#N/A")]])
    file = opened(content)
    assert outcomes(file) == [(2, CANONICAL)]
    assert [(n.text, n.count) for n in file.warnings] == [
        ("other sheets are not read; name one with --sheet to read it", 1)
    ]


def test_an_error_in_an_ods_is_rejected() -> None:
    error = '<table:table-row><table:table-cell office:value-type="string" {}/></table:table-row>'
    marked = error.format('xmlns:calcext="urn:calcext" calcext:value-type="error"')
    assert outcomes(opened(ods(ods_row(["phone"]) + marked))) == [(2, "error_cell")]


def test_a_sheet_is_read_by_its_name() -> None:
    content = xlsx([["phone"]], [["email"], ["a@b.example"]])
    assert outcomes(opened(content, sheet="Sheet2")) == [(2, "a@b.example")]


@pytest.mark.parametrize("name", ["Victims ", "Opfer", "Survivors of raid "])
def test_a_role_of_all_is_not_laid_upon_a_sheet_of_victims(name: str) -> None:
    content = xlsx([["phone"], [PHONE]], [["phone", "role"], [PHONE, "victim"]], name=name)
    for sheet in (None, f"{name}1"):
        with pytest.raises(OperatorError, match="called after victims"):
            opened(content, sheet=sheet)
    victims = Defaults(role=Role.VICTIM)
    assert only_entry(opened(content, defaults=victims)).role is Role.VICTIM
    assert only_entry(opened(content, defaults=None, sheet=f"{name}2")).role is Role.VICTIM


def test_text_cells_are_read_like_those_of_a_csv() -> None:
    cells = [
        ("kind", "value", "role", "region", "source", "reason"),
        ("phone", "020 7946 0958", "buyer", "GB", "case 7", "seen, twice"),
        ("email", "A@B.example", "victim", "", "", ""),
        ("card", "4111 1111 1111 1111", "trafficker", "", "", "x"),
    ]
    csv = "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in cells)
    entries = [(e.line, e.canonical, e.role, e.source, e.reason) for e in map_entries(csv.encode())]
    assert len(entries) == 3
    assert entries == [
        (e.line, e.canonical, e.role, e.source, e.reason) for e in map_entries(xlsx(cells))
    ]


def map_entries(content: bytes) -> list[Entry]:
    return [e for e in map(entry_of, opened(content, defaults=None)) if isinstance(e, Entry)]


def sheet(rows: str) -> dict[str, str]:
    inside = f'<worksheet xmlns="{NAMESPACE}"><sheetData>{rows}</sheetData></worksheet>'
    return {"xl/worksheets/sheet1.xml": inside}


FAR = '<row r="1"><c r="A1"><v>1</v></c></row><row r="{0}"><c r="{1}{0}"><v>2</v></c></row>'
ENDLESS = " " * (2 << 20)
"""Without an end for so long that the parser would begin it anew again and again."""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (xlsx([["a"]], parts=sheet(FAR.format(1048576, "XFD"))), "beyond row 1048576 or column"),
        (xlsx([["a"]], parts=sheet(FAR.format(1048576, "iv"))), "too large a sheet"),
        (xlsx([["a"]], parts=sheet(FAR.format(9999999, "A"))), "beyond row"),
        (xlsx([["a"]], parts=sheet(FAR.format("1 ", "A"))), "damaged"),
        (ods(ods_row(["a"], repeated=400_000_000)), "beyond row"),
        (ods(ods_row(["a"] * 257)), "beyond row 1048576 or column 256"),
        (ods('<table:table-row table:number-rows-repeated="x"/>'), "damaged"),
        (xlsx([[]]), "has nothing in the sheet"),
        (xlsx(), "has no sheets"),
        (xlsx([["phone"]], parts={"xl/worksheets/sheet1.xml": "<a"}), "damaged"),
        (xlsx([["phone"]], parts=sheet("<!DOCTYPE x><row/>")), "damaged"),
        (xlsx([["phone"]], parts=sheet(f"<!--{ENDLESS}-->")), "more in one place than any cell"),
        (xlsx([["phone"]], parts=sheet(f"<?a {ENDLESS}?>")), "more in one place than any cell"),
        (xlsx([["phone"]], parts=sheet(f'<row a="{ENDLESS}"/>')), "more in one place than any"),
        (ods(f'<table:table-row a="{ENDLESS}"/>'), "more in one place than any cell"),
        (xlsx([["phone"]], parts={"xl/workbook.bin": ""}), r"binary workbook \(\.xlsb\)"),
        (zipped({"notes.txt": "x"}), "an archive and no workbook"),
        (xlsx([["phone"]])[:-30], "damaged"),
        (b"PK\x03\x04", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "of an older format"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
    ],
)
def test_a_workbook_that_is_not_read_says_why(content: bytes, sentence: str) -> None:
    with pytest.raises(OperatorError, match=f"^t.xlsx .*{sentence}"):
        opened(content, file="t.xlsx")


def test_what_is_as_long_as_a_cell_may_be_is_read_however_much_of_it_there_is() -> None:
    longest = "&#x10FFFD;" * 32_767
    apart = f'<!--{longest}--><row a="{longest}"/><row><c t="str"><v>{longest}</v></c></row>'
    rows = (
        f'<row><c t="str"><v>phone</v></c></row>{apart * 2}<row><c t="str"><v>{PHONE}</v></c></row>'
    )
    assert outcomes(opened(xlsx([["a"]], parts=sheet(rows))))[-1][1] == CANONICAL


def test_an_absent_sheet_is_refused() -> None:
    with pytest.raises(OperatorError, match="has no sheet of the name"):
        opened(xlsx([["phone"]]), sheet="Other")


def test_a_part_that_stands_twice_is_refused() -> None:
    content = io.BytesIO(xlsx([["phone"], [PHONE]]))
    with zipfile.ZipFile(content, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    with pytest.raises(OperatorError, match="damaged"):
        opened(content.getvalue())


def test_without_the_reader_a_workbook_is_refused_in_a_sentence() -> None:
    program = (
        "import sys, io, datetime; sys.modules['python_calamine'] = None\n"
        "from screening.importers.detect import open_import\n"
        "from screening.vocabulary.errors import OperatorError\n"
        "today = datetime.date(2026, 6, 15)\n"
        "try: open_import(io.BytesIO(sys.stdin.buffer.read()), file='t', today=today)\n"
        "except OperatorError as error: print(error)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program],
        input=xlsx([["phone"]]),
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert b"install screening[xlsx]" in said.stdout


def test_a_phone_in_groups_of_three_is_taken_from_a_workbook_too() -> None:
    rows: list[list[Cell]] = [["Nombre", "Teléfono"], ["Ana", "612 345 670"]]
    assert outcomes(opened(xlsx(rows), region="ES")) == [(2, "+34612345670")]


def test_phones_kept_as_numbers_under_a_name_that_tells_little_do_not_vanish() -> None:
    rows: list[list[Cell]] = [["Contact", "Email"], [12025550143.0, "a@b.example"]]
    assert outcomes(opened(xlsx(rows))) == [(2, "a@b.example"), (2, "column_not_read")]


def test_a_sheet_of_victims_that_is_not_read_is_told() -> None:
    content = xlsx([["phone"], [PHONE]], [["phone"], [PHONE]], [["phone"], [PHONE]], name="Opfer ")
    file = opened(content, sheet="Opfer 1", defaults=Defaults(role=Role.VICTIM))
    ((text, count),) = [(notice.text, notice.count) for notice in file.warnings]
    assert count == 2
    assert "called after victims are not read, and protect nobody" in text

"""What a workbook shows that is the value of no cell is heard as what stands in one."""

import pytest

from screening.importers.entry import Role
from screening.importers.foreign_rows import Defaults
from screening.vocabulary.errors import OperatorError
from tests.importers.importing import opened, outcomes
from tests.importers.written_workbook import (
    NAMESPACE,
    OFFICE,
    PACKAGE,
    RELATIONS,
    Cell,
    Date,
    ods,
    ods_row,
    remarked,
    xlsx,
)

PHONE = "+1 202-555-0134"
CANONICAL = "+12025550134"
HEADING = ods_row(["phone", "status"])
FORMATTED = (
    "<table:table-cell {value}><text:p>{shown}</text:p></table:table-cell></table:table-row>"
)
DRAWING = (
    '<xdr:wsDr xmlns:xdr="d" xmlns:a="a"><xdr:txBody><a:p><a:r><a:t>List of </a:t></a:r>'
    "<a:r><a:t>{}</a:t></a:r></a:p></xdr:txBody></xdr:wsDr>"
)
RELATED = (
    f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{RELATIONS}/officeDocument" '
    f'Target="xl/workbook.xml"/><Relationship Id="rId2" Type="{PACKAGE}/metadata/core-properties" '
    'Target="docProps/core.xml"/></Relationships>'
)
OF_VICTIMS = Defaults(role=Role.VICTIM)


def styled(code: str, value: float = 1.0) -> bytes:
    """Return a workbook in which a number has a format of its own."""
    code = code.replace('"', "&quot;")
    styles = (
        f'<styleSheet xmlns="{NAMESPACE}"><numFmts><numFmt numFmtId="164" formatCode="{code}"/>'
        '</numFmts><cellStyleXfs><xf numFmtId="0"/></cellStyleXfs>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>'
    )
    rows: list[list[Cell]] = [["phone", "status"], [PHONE, Date(value)]]
    return xlsx(rows, parts={"xl/styles.xml": styles})


@pytest.mark.parametrize(
    "code",
    [
        *('[=1]"victim";[=0]"suspect"', "\\v\\i\\c\\t\\i\\m", '0 "victim"', "[$victim-409]0"),
        *('0;0;0;"victim: "@', '_("victim"_)'),
    ],
)
def test_a_word_of_a_number_format_is_heard_in_its_row(code: str) -> None:
    assert outcomes(opened(styled(code))) == [(2, "unknown_role")]


@pytest.mark.parametrize("code", ['0 "years"', '"under "0', "0\\ \\y\\e\\a\\r\\s"])
@pytest.mark.parametrize(("value", "is_heard"), [(15.0, True), (35.0, False)])
def test_a_number_is_heard_together_with_the_words_of_its_format(
    code: str, value: float, *, is_heard: bool
) -> None:
    assert outcomes(opened(styled(code, value))) == [(2, "unknown_role" if is_heard else CANONICAL)]


def test_a_format_that_opens_brackets_without_end_is_looked_through_once() -> None:
    """A look back from each of them would take minutes for so many."""
    assert outcomes(opened(styled("[$" * 100_000))) == [(2, CANONICAL)]


def test_more_formats_than_any_spreadsheet_has_are_refused() -> None:
    styles = f'<styleSheet xmlns="{NAMESPACE}"><cellXfs>{"<xf/>" * 70_000}</cellXfs></styleSheet>'
    with pytest.raises(OperatorError, match="more formats than any spreadsheet"):
        opened(xlsx([["phone"], [PHONE]], parts={"xl/styles.xml": styles}))


@pytest.mark.parametrize("code", ['#,##0.00 "EUR"', "[Red]0", "0_v_i_c_t_i_m", "yyyy"])
def test_a_number_format_that_says_nothing_of_anybody_keeps_nobody_from_the_list(code: str) -> None:
    assert outcomes(opened(styled(code, 40_000.0))) == [(2, CANONICAL)]


@pytest.mark.parametrize(
    "value",
    [
        *('office:value-type="float" office:value="1"', 'office:value-type="string"'),
        'office:value-type="boolean" office:boolean-value="true"',
        'office:value-type="string" office:string-value="x"',
        'office:value-type="date" office:date-value="2026-01-01"',
    ],
)
@pytest.mark.parametrize(("shown", "is_heard"), [("victim", True), ("12 EUR", False)])
def test_what_a_cell_of_an_ods_shows_is_heard_in_its_row(
    value: str, shown: str, *, is_heard: bool
) -> None:
    row = ods_row([PHONE]).replace("</table:table-row>", FORMATTED.format(value=value, shown=shown))
    other = ods_row(["+12025550135", ""])
    assert outcomes(opened(ods(HEADING + row + other))) == [
        (2, "unknown_role" if is_heard else CANONICAL),
        (3, "+12025550135"),
    ]


def test_what_a_formula_of_an_ods_shows_is_its_value_and_heard_below_its_heading() -> None:
    """As LibreOffice writes the text that a formula gives: a surname, here."""
    cell = '<table:table-cell table:formula="of:=[.A9]" office:value-type="string" '
    row = ods_row([PHONE]).replace(
        "</table:table-row>",
        f'{cell}office:string-value="Rosa  Minor"><text:p>Rosa Minor</text:p></table:table-cell>'
        "</table:table-row>",
    )
    assert outcomes(opened(ods(ods_row(["phone", "name"]) + row))) == [(2, CANONICAL)]


def test_no_row_is_made_of_what_a_cell_without_a_value_shows_again_and_again() -> None:
    cell = "<table:table-cell><text:p>seen twice</text:p></table:table-cell>"
    row = f'<table:table-row table:number-rows-repeated="900000000">{cell}</table:table-row>'
    assert outcomes(opened(ods(ods_row(["phone"]) + ods_row([PHONE]) + row))) == [(2, CANONICAL)]


def test_the_table_of_another_sheet_is_none_of_the_one_that_is_read() -> None:
    ranges = (
        '</table:table><table:database-ranges><table:database-range table:name="Victims" '
        "table:target-range-address=\"'{}'.A1:'{}'.B9\"/></table:database-ranges><table:table>"
    )
    rows = ods_row(["phone"]) + ods_row([PHONE])
    assert outcomes(opened(ods(rows + ranges.format("Other", "Other")))) == [(2, CANONICAL)]
    with pytest.raises(OperatorError, match="speaks of victims"):
        opened(ods(rows + ranges.format("Sheet1", "Sheet1")))


def titled_books(title: str) -> dict[str, bytes]:
    """Return workbooks that carry a title, by where."""
    rows = [["phone"], [PHONE]]
    plain = ods_row(["phone"]) + ods_row([PHONE])
    office = f'xmlns:office="{OFFICE}:office:1.0" xmlns:style="s" xmlns:text="t" xmlns:dc="dc"'
    page = f"<headerFooter><oddHeader>&amp;C&amp;&quot;Arial,Bold&quot;{title}</oddHeader>"
    sheet = (
        f'<worksheet xmlns="{NAMESPACE}"><sheetData><row r="1"><c r="A1" t="inlineStr"><is>'
        '<t>phone</t></is></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>'
        f"{PHONE}</t></is></c></row></sheetData>{page}</headerFooter></worksheet>"
    )
    core = f'<cp:coreProperties xmlns:cp="c" xmlns:dc="dc"><dc:title>{title}</dc:title>'
    box = f'<table:shapes><draw:frame xmlns:draw="d"><text:p>{title}</text:p></draw:frame>'
    meta = f"<office:document-meta {office}><office:meta><dc:title>{title}</dc:title>"
    header = f"<office:document-styles {office}><style:header><text:p>{title}</text:p>"
    return {
        "a text box": remarked(rows, DRAWING.format(title), "drawing"),
        "a table": remarked(rows, f'<table xmlns="{NAMESPACE}" displayName="{title}"/>', "table"),
        "a page": xlsx(rows, parts={"xl/worksheets/sheet1.xml": sheet}),
        "a document": xlsx(
            rows,
            parts={"_rels/.rels": RELATED, "docProps/core.xml": f"{core}</cp:coreProperties>"},
        ),
        "a text box, ODS": ods(f"{box}</table:shapes>{plain}"),
        "a text box in a cell, ODS": ods(
            plain.replace("<text:p>", box.removeprefix("<table:shapes>") + "<text:p>", 1)
        ),
        "a document, ODS": ods(plain, {"meta.xml": f"{meta}</office:meta></office:document-meta>"}),
        "a page, ODS": ods(
            plain, {"styles.xml": f"{header}</style:header></office:document-styles>"}
        ),
    }


@pytest.mark.parametrize("place", titled_books(""))
def test_a_workbook_that_is_called_after_victims_is_refused_for_another_role(place: str) -> None:
    with pytest.raises(OperatorError, match="speaks of victims"):
        opened(titled_books("Victims")[place])
    assert outcomes(opened(titled_books("Victims")[place], defaults=OF_VICTIMS)) == [(2, CANONICAL)]
    assert outcomes(opened(titled_books("Contacts")[place])) == [(2, CANONICAL)]

"""What a formula came to, and that one which nobody has calculated is no empty cell."""

import pytest

from screening.importers.entry import Rejection
from screening.vocabulary.errors import OperatorError
from tests.importers.importing import only_rejection, opened, outcomes
from tests.importers.written_workbook import Cell, Error, Formula, ods, ods_row, xlsx

PHONE = "+1 202-555-0134"
CANONICAL = "+12025550134"


@pytest.mark.parametrize("kept", ["", "<v/>", "<v></v>"])
def test_a_formula_that_was_never_calculated_is_no_empty_cell(kept: str) -> None:
    rows: list[list[Cell]] = [
        ["phone", "is victim"],
        [Formula('"+12025550134"', kept), None],
        [PHONE, "no"],
    ]
    assert outcomes(opened(xlsx(rows))) == [(2, "error_cell"), (3, CANONICAL)]
    rows = [["phone", "is victim"], [PHONE, Formula("1=1", kept)]]
    rejection = only_rejection(opened(xlsx(rows)))
    assert (rejection.code, rejection.protects) == ("unknown_role", True)


def test_a_formula_is_what_it_came_to() -> None:
    rows: list[list[Cell]] = [
        ["phone", "notes"],
        [Formula('"+1"&A9', f"<v>{PHONE}</v>", "str"), Formula('""', "<v></v>", "str")],
    ]
    assert outcomes(opened(xlsx(rows))) == [(2, CANONICAL)]


def test_a_formula_of_an_ods_that_was_never_calculated_is_no_empty_cell() -> None:
    formula = '<table:table-row><table:table-cell table:formula="of:=1=1"/></table:table-row>'
    assert outcomes(opened(ods(ods_row(["phone"]) + formula))) == [(2, "error_cell")]


def test_formulas_beyond_all_that_has_a_value_are_no_empty_cells() -> None:
    never = Formula("A1")
    rows: list[list[Cell]] = [
        [None, "phone", "notes"],
        [None, PHONE],
        [None, never],
        [never, None, None, never],
    ]
    assert outcomes(opened(xlsx(rows))) == [
        (2, CANONICAL),
        (3, "error_cell"),
        (4, "error_cell"),
    ]


@pytest.mark.parametrize(
    ("formula", "is_known"),
    [
        ('office:value-type="boolean"', False),
        ('office:value-type="float"', False),
        ('office:value-type="string"', False),
        ('office:value-type="string" office:string-value=""', True),
        ('office:value-type="boolean" office:boolean-value="false"', True),
        ('office:value-type="float" office:value="0"', True),
    ],
)
def test_a_formula_of_an_ods_is_only_what_is_kept_of_it(formula: str, *, is_known: bool) -> None:
    remark = "<office:annotation><text:p>x</text:p></office:annotation>"
    cell = f'<table:table-cell table:formula="of:=1=1" {formula}>{remark}</table:table-cell>'
    row = ods_row([PHONE]).replace("</table:table-row>", f"{cell}</table:table-row>")
    (one,) = opened(ods(ods_row(["phone", "is victim"]) + row))
    assert (isinstance(one, Rejection) and one.protects) is not is_known


def test_an_empty_text_of_an_ods_is_what_a_formula_came_to() -> None:
    cell = '<table:table-cell table:formula="of:=1" office:value-type="string"><text:p/>'
    row = ods_row([PHONE]).replace(
        "</table:table-row>", f"{cell}</table:table-cell></table:table-row>"
    )
    assert outcomes(opened(ods(ods_row(["phone", "notes"]) + row))) == [(2, CANONICAL)]


@pytest.mark.parametrize("calculated", ["1", "true"])
def test_what_is_kept_of_formulas_is_no_result_where_the_workbook_says_so(calculated: str) -> None:
    rows: list[list[Cell]] = [["phone", "is victim"], [PHONE, Formula("1=1", "<v>0</v>")]]
    book = f'<calcPr calcId="124519" fullCalcOnLoad="{calculated}"/>'
    assert only_rejection(opened(xlsx(rows, book=book))).protects
    rows = [["phone"], [Formula('"+1"&A9', f"<v>{PHONE}</v>", "str")], [PHONE]]
    assert outcomes(opened(xlsx(rows, book=book))) == [(2, "error_cell"), (3, CANONICAL)]


def test_a_formula_that_is_kept_as_a_text_is_that_text() -> None:
    kept = Formula('"x"', f"<is><t>{PHONE}</t></is>", "inlineStr")
    assert outcomes(opened(xlsx([["phone"], [kept]]))) == [(2, CANONICAL)]


@pytest.mark.parametrize("heading", [Formula('"Victim phone"'), Error("#REF!")])
def test_a_column_whose_name_nobody_knows_is_refused_with_the_file(heading: Cell) -> None:
    rows: list[list[Cell]] = [["phone", heading], [PHONE, "+1 202-555-0135"]]
    with pytest.raises(OperatorError, match="a formula in the first row of import gave an error"):
        opened(xlsx(rows))


def test_what_an_ods_shows_of_an_error_is_no_selector() -> None:
    error = (
        '<table:table-row><table:table-cell office:value-type="string" xmlns:calcext="urn:calcext" '
        'calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell></table:table-row>'
    )
    assert outcomes(opened(ods(ods_row(["phone"]) + error))) == [(2, "error_cell")]

"""Tables with cells like names below their header, or with columns that have no name."""

import pytest

from screening.vocabulary.errors import OperatorError
from tests.importers.importing import opened, outcomes
from tests.importers.written_workbook import Cell, xlsx

PHONE = "+1 202-555-0134"
CANONICAL = "+12025550134"


def test_a_title_above_the_only_name_is_told_where_nothing_is_found() -> None:
    with pytest.raises(OperatorError, match="its first row must name the columns"):
        opened("Report 12,x\nTelefon,Ort\n030 23125099,Berlin\n", file="t.csv")


@pytest.mark.parametrize(
    "content",
    [
        f"Name,Phone,Channel,Other\nA,,phone,email\nB,{PHONE},mobile,email\n",
        "x,b\n" + f"A,{PHONE}\n" * 9 + "phone,email\n",
        f"Name;Telefon;Art\nA;{PHONE};Handy\n",
    ],
)
def test_cells_that_say_what_names_say_are_no_header_below_a_known_one(content: str) -> None:
    assert CANONICAL in [outcome for _, outcome in outcomes(opened(content, file="t.csv"))]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Name;Telefon;;", "A;{};seen twice;x"),
        ("Name;Telefon;;", "A;{};;"),
        (";Telefon;", "1;{};x"),
    ],
)
def test_columns_without_a_name_spoil_no_row(header: str, row: str) -> None:
    file = opened(f"{header}\n{row.format(PHONE)}\n")
    assert outcomes(file) == [(2, CANONICAL)]
    assert file.columns[1].taken_as == "phone"


def test_a_victim_in_a_column_without_a_name_is_heard() -> None:
    assert outcomes(opened(f"phone;\n{PHONE};victim\n")) == [(2, "unknown_role")]


def test_a_column_without_a_name_spoils_no_row_of_a_workbook() -> None:
    rows: list[list[Cell]] = [["Name", "Phone", ""], ["A", PHONE, "x"], ["B", PHONE]]
    assert outcomes(opened(xlsx(rows))) == [(2, CANONICAL), (3, CANONICAL)]

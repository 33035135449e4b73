"""What stands in a merged cell of a workbook is said of all that it covers."""

from collections import Counter
from contextlib import nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.importers.csv_rows import entry_of
from screening.importers.entry import Entry, Rejection
from screening.importers.merged_cells import MergedCells
from screening.importers.workbook_parts import Unsuitable
from screening.vocabulary.errors import OperatorError
from tests.importers.importing import opened, outcomes
from tests.importers.written_workbook import Cell, ods, ods_row, xlsx

PHONES = ["+1 202-555-0134", "+1 202-555-0135", "+1 202-555-0136"]


@pytest.mark.parametrize(
    ("word", "protects"), [("victim", True), ("witness", False), ("girl, freed by police", False)]
)
def test_a_word_beside_several_rows_is_of_each_and_of_none_below(word: str, protects: bool) -> None:
    rows: list[list[Cell]] = [["status", "phone"], [word, PHONES[0]]]
    rows += [[None, phone] for phone in PHONES[1:]]
    read = list(map(entry_of, opened(xlsx(rows, merged=["A2:A3"]))))
    assert [isinstance(one, Entry) for one in read] == [False, False, True]
    rejected = [one for one in read if isinstance(one, Rejection)]
    assert [one.protects for one in rejected] == [protects] * 2


def test_a_heading_above_several_columns_is_of_each() -> None:
    rows: list[list[Cell]] = [["suspect phone", "victim phones", None], [*PHONES]]
    read = list(map(entry_of, opened(xlsx(rows, merged=["B1:C1"]))))
    assert [isinstance(one, Entry) for one in read] == [True, False, False]


@pytest.mark.parametrize("merged", ["A1:B1", "A1:B2"])
def test_a_title_over_the_whole_width_is_a_title_still(merged: str) -> None:
    rows: list[list[Cell]] = [["Case 7", None], [None], ["phone", "city"], [PHONES[0], "X"]]
    with pytest.raises(OperatorError, match="is a title"):
        opened(xlsx(rows, merged=[merged]))


@pytest.mark.parametrize("merged", ["A3:C3", "A3:B3", "A3:C4", "A3:B4", "A3:A4"])
def test_a_heading_across_a_table_is_of_the_rows_below(merged: str) -> None:
    rows: list[list[Cell]] = [["phone", "city", "seen"], [PHONES[0], "X", "there"]]
    rows += [["victims", None, None], [None], [PHONES[1], "X", "there"], [PHONES[2], "Y", None]]
    read = [entry_of(one) for one in opened(xlsx(rows, merged=[merged]))]
    assert {one.line for one in read if isinstance(one, Entry)} == {2}
    assert {5, 6} <= {one.line for one in read if isinstance(one, Rejection) and one.protects}


def test_ranges_beyond_what_is_read_are_of_no_matter() -> None:
    content = xlsx([["phone"], PHONES[:1]], merged=["C2:D2", "A2:F2", "A9:A1048576"])
    assert outcomes(opened(content)) == [(2, "+12025550134")]


@pytest.mark.parametrize(
    "merged", [["A2:A3", "A2:A3"], ["A2:A4", "A3"], ["A2:B3", "B3:C4"], ["B2:B4", "A4:C4"]]
)
def test_ranges_that_overlap_are_refused(merged: list[str]) -> None:
    rows: list[list[Cell]] = [["status", "city", "phone"]]
    rows += [["x", "y", phone] for phone in PHONES]
    with pytest.raises(OperatorError, match="has merged cells that overlap; part them"):
        opened(xlsx(rows, merged=merged))


RANGES = st.tuples(*[st.integers(1, 7)] * 4)


@given(st.lists(RANGES, max_size=6), st.integers(1, 7), st.integers(1, 7))
def test_ranges_overlap_where_two_have_a_cell_that_is_read(
    ranges: list[tuple[int, int, int, int]], rows: int, columns: int
) -> None:
    merged = MergedCells()
    for top, left, bottom, right in ranges:
        merged.add((top, left), (max(top, bottom), right))
    covered = Counter(
        (row, column)
        for top, left, bottom, right in ranges
        for row in range(top, max(top, bottom) + 1)
        for column in range(left, right + 1)
        if row <= rows and column <= columns
    )
    is_refused = max(covered.values(), default=0) > 1
    with pytest.raises(Unsuitable) if is_refused else nullcontext():
        merged.require_apart(rows, columns)


def test_an_ods_is_read_so_too() -> None:
    merged = (
        '<table:table-row><table:table-cell office:value-type="string" '
        'table:number-rows-spanned="2"><text:p>victim</text:p></table:table-cell>'
        '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
        "</table:table-row><table:table-row><table:covered-table-cell/>"
        '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
        "</table:table-row>"
    ).format(*PHONES[:2])
    content = ods(ods_row(["status", "phone"]) + merged + ods_row(["", PHONES[2]]))
    read = list(map(entry_of, opened(content)))
    assert [isinstance(one, Entry) for one in read] == [False, False, True]

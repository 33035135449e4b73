"""Original cells come back as they were, but for those that a spreadsheet could run."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening.vocabulary.formula import guarded, unguarded
from tests.client.conftest import ADDED, List, Screen


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "=cmd|' /C calc'!A0",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "\u00a0=1",
        "\uff1d1",
        "+cmd",
        "-cmd|x",
        "+1 202 555 0100 ext 7",
        "-1+cmd()",
        "+A1",
        "-(A1)",
        "\uff0b1",
    ],
)
def test_what_a_spreadsheet_could_run_gets_an_apostrophe(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "Jane",
        "'=1",
        "1=1",
        "+1 (202) 555-0100",
        "+1.202.555.0100",
        "+1\u2011202\u2011555\u20110100",
        "-12.5",
        "-1,234.50",
        "+1e5",
        "-",
        "--",
        "a@x.example",
        "4242 4242 4242 4242",
    ],
)
def test_numbers_phones_and_text_stay_as_they_are(cell: str) -> None:
    assert guarded(cell) == cell


@given(st.text())
def test_a_guarded_cell_never_begins_as_a_formula_and_loses_nothing(cell: str) -> None:
    result = guarded(cell)
    assert result in (cell, f"'{cell}")
    visible = result.lstrip(" \u00a0")
    assert not visible.startswith(("=", "@", "\t", "\r", "\n"))
    if visible.startswith(("+", "-")):
        assert not any(
            character.isalpha() for character in visible.replace("e", "").replace("E", "")
        )


@given(st.one_of(st.text(), st.text().map(guarded)))
def test_what_is_read_of_a_guarded_cell_is_the_same_each_time_it_is_guarded(cell: str) -> None:
    assert unguarded(guarded(cell)) in (cell, unguarded(cell))
    kept = unguarded(cell)
    assert unguarded(guarded(kept)) == kept


@pytest.mark.parametrize(
    ("cell", "is_read"), [("'=1", "=1"), ("'quoted'", "'quoted'"), ("=1", "=1")]
)
def test_only_the_guard_is_taken_off(cell: str, is_read: str) -> None:
    assert unguarded(cell) == is_read


def test_the_guard_takes_linear_time() -> None:
    assert guarded("+" + "1" * 1_000_000 + "x").startswith("'")


def test_a_guarded_cell_is_screened_as_what_it_was(screen: Screen, list_selectors: List) -> None:
    list_selectors(("email", "+12025550143@x.example"))
    _, row = screen(b"email,n\n'+12025550143@x.example,1\n")
    assert row[2] == "match"


def test_formulas_in_headers_and_cells_are_guarded_in_the_file(screen: Screen) -> None:
    header, row = screen(b'phone,=name\n+1 (202) 555-0100,=HYPERLINK("x")\n')
    assert header[1] == "'=name"
    assert row[:2] == ["+1 (202) 555-0100", '\'=HYPERLINK("x")']


CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(CELLS, CELLS), max_size=6),
    delimiter=st.sampled_from(",;\t"),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_original_cells_come_back_as_they_were(
    screen: Screen, rows: list[tuple[str, str]], delimiter: str, line_end: str
) -> None:
    written = io.StringIO(newline="")
    writer = csv.writer(
        written, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL
    )
    writer.writerows([["phone", "a", "b"], *(["+12025550100", *row] for row in rows)])
    header, *screened = screen(
        written.getvalue().encode(), "--column", "phone=phone", delimiter=delimiter
    )
    assert header == ["phone", "a", "b", *ADDED]
    assert [row[1:3] for row in screened] == [[guarded(cell) for cell in row] for row in rows]
    assert all(row[3] == "no_match" for row in screened)

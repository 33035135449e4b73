"""What is no title above the names of the columns, whatever is beside them."""

import pytest

from tests.client.conftest import Screen


@pytest.mark.parametrize(
    "content",
    [
        "Typ;Wert\nTelefon;+12025550142\nE-Mail;a@x.example\n",
        "Name;Telefon;;\nAna;+12025550142;siehe E-Mail;Handy aus\n",
        "Name;E-Mail;Kanal\nAna;a@x.example;Telefon\nEva;b@x.example;E-Mail\n",
        "Name;;\nAna;+12025550142;Handy\n",
        "email;2024;2025\na@x.example;1;2\n",
    ],
)
def test_names_of_kinds_among_the_values_make_no_title_of_a_header(
    screen: Screen, content: str
) -> None:
    _, *rows = screen(content.encode(), delimiter=";")
    assert {row[-3] for row in rows} == {"no_match"}


@pytest.mark.parametrize(
    ("content", "result"),
    [
        ("email\na@x.example;b@x.example\nc@x.example;d@x.example\n", "email: several_values"),
        ("phone\n+12025550142|+12025550143\n+12025550142|+12025550144\n", "phone: several_values"),
    ],
)
def test_two_values_in_each_cell_of_one_column_make_no_title_of_its_name(
    screen: Screen, content: str, result: str
) -> None:
    _, *rows = screen(content.encode())
    assert [row[1:3] for row in rows] == [["not_screened", result]] * 2


@pytest.mark.parametrize("row", ["Ana;0171 2345678;", "0171 2345678"])
def test_below_a_national_phone_no_row_names_the_columns(screen: Screen, row: str) -> None:
    content = f"Name;;\n{row}\nEva;Telefon;E-Mail\nBob;;b@x.example\n"
    *_, last = screen(content.encode(), delimiter=";")
    assert last[-3] == "no_match"


def test_one_row_with_a_cell_too_many_makes_no_title_of_the_only_name(screen: Screen) -> None:
    *_, longer, row = screen(b"sep=,\nwho\na@x.example,late\nb@x.example\n")
    assert (longer[1], row[1]) == ("not_screened", "no_match")


def test_a_remark_that_names_kinds_behind_a_value_parts_no_columns(screen: Screen) -> None:
    _, *rows = screen(b"who\na@x.example\nb@x.example; phone; mail\n")
    assert [row[1] for row in rows] == ["no_match", "not_screened"]


def test_a_file_of_one_column_of_any_name_is_read(screen: Screen) -> None:
    _, *rows = screen(b"who\na@x.example\nb@x.example\n")
    assert [row[1] for row in rows] == ["no_match"] * 2

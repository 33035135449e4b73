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


def test_a_file_of_one_column_of_any_name_is_read(screen: Screen) -> None:
    _, *rows = screen(b"who\na@x.example\nb@x.example\n")
    assert [row[1] for row in rows] == ["no_match"] * 2

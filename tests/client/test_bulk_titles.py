"""What stands above the names of the columns: refused, with what to do about it."""

from pathlib import Path

import pytest

from tests.client.conftest import GenScreen, Screen
from tests.client.peer import Peer


@pytest.mark.parametrize(
    "content",
    [
        "Listado de reservas 2024;;\n;;\nNombre;Teléfono;Correo\nAna;612 345 678;ana@x.example\n",
        "Telefonliste;;\n;;\nName;Telefon;E-Mail\nAna;0171 2345678;ana@x.example\n",
        "Export;26.11.2024;Hotel\nName;Telefon;Ort\nAna;0171 2345678;Bonn\n",
        "Report 12,,,Confidential\nName,Phone,Role,Expires at\nJo,+12025550142,x,2027-01-01\n",
        "Buchungsliste 2024\n\nName;Telefon;E-Mail\nAna;0171 2345678;ana@x.example\n",
        "Buchungen, Stand 26.11.2024\nName\tTelefon\nAna\t0171 2345678\nEva\t0171 2345679\n",
        "Telefonliste\nName|Telefon|E-Mail\nAna|0171 2345678|ana@x.example\n",
        "Liste 7\nNimi;Numero\nAna;0171 2345678\nEva;0171 2345679\n",
        "Kunde;;Kontakt;\nName;Nr;Telefon;E-Mail\nAna;1;0171 2345678;ana@x.example\n",
    ],
)
def test_a_title_above_the_header_is_refused(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, peer: Peer, content: str
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(content)
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv")
    assert done.code == 2
    assert "is a title, not the names of its columns; remove what stands above these" in done.err
    assert peer.total("/v1/bulk") == 0


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

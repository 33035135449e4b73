"""Numbers that may be phones: asked about, or told as not screened - never a silent "no"."""

from pathlib import Path

import pytest

from tests.client.conftest import GenScreen, List, Screen
from tests.client.peer import Peer
from tests.harness.slow import slow_but_first

E164 = {
    "612 345 678": "+34612345678",
    "612.345.678": "+34612345678",
    "02.555.12.12": "+3225551212",
    "044.668.18.00": "+41446681800",
    "06-12-345678": "+31612345678",
    "912 345 678": "+351912345678",
    "601 234 567": "+48601234567",
    "0171.2345678": "+491712345678",
    "20.12.34.56": "+4520123456",
}
REGIONS = ("ES", "ES", "BE", "CH", "NL", "PT", "PL", "DE", "DK")
GROUPED = list(zip(E164, REGIONS, strict=True))


@pytest.mark.parametrize("header", ["Name;Kontakt;Stadt", "Name;Ansprechpartner;Stadt"])
@pytest.mark.parametrize(("phone", "region"), GROUPED)
def test_a_phone_in_groups_is_asked_about_whatever_else_is_written_so(
    screen: Screen, list_selectors: List, header: str, phone: str, region: str
) -> None:
    list_selectors(("phone", E164[phone]))
    content = f"{header}\nAna;{phone};A\nEva;siehe Akte;B\n"
    _, *rows = screen(content.encode(), "--region", region, delimiter=";")
    assert rows[0][3] == "match"


def test_a_phone_in_groups_is_asked_about_beside_other_phones(
    screen: Screen, list_selectors: List
) -> None:
    list_selectors(("phone", "+34612345678"))
    _, row = screen(b"Tel,Notas\n+34 612 345 670,612 345 678\n", "--region", "ES")
    assert row[2:4] == ["match", "Notas"]


@pytest.mark.parametrize(
    ("name", "value", "region"),
    [
        *(("Numero", "612345678", "ES"), ("Kontakt", "612345678", None)),
        *(("Kontakt", "612 345 678", None), ("src", "442079460957", None)),
        *(("", "2025550142", "US"), ("number", "2025550142", None)),
    ],
)
def test_a_column_that_may_be_of_phones_is_named_and_its_rows_are_no_no(
    gen_screen: GenScreen,
    kit_path: Path,
    tmp_path: Path,
    peer: Peer,
    name: str,
    value: str,
    region: str | None,
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(f"email,{name}\na@x.example,{value}\nb@x.example,\nc@x.example,none\n")
    options = ("--region", region) if region else ()
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", out, *options)
    assert f"Numbers that may be phones, and nothing says so: {name or 'column 2'}; " in done.err
    results = [line.split(",")[2:4] for line in out.read_text().splitlines()[1:]]
    cause = "unnamed_number" if region else "region_required"
    assert results == [
        ["not_screened", f"{name or 'column 2'}: {cause}"],
        ["no_match", ""],
        ["no_match", ""],
    ]
    assert set(peer.asked.values()) == {1}
    told = ("--column", "email=email", "--overwrite")
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", out, *options, *told)
    assert "may be phones" not in done.err
    assert [line.split(",")[2] for line in out.read_text().splitlines()[1:]] == ["no_match"] * 3


def test_one_such_number_far_down_in_a_column_of_words_is_no_no(screen: Screen) -> None:
    lines = [f"u{number}@x.example,prefers e-mail" for number in range(300)]
    lines[250] = "u250@x.example,2025550142"
    _, *rows = screen("\n".join(["email,Notes", *lines, ""]).encode(), "--region", "US")
    assert [row[2] for row in rows if row[2] != "no_match"] == ["not_screened"]
    assert rows[250][3] == "Notes: unnamed_number"


def test_a_national_number_among_addresses_is_no_no_without_a_region(screen: Screen) -> None:
    lines = [*["a@x.example"] * 3, "612 345 678", "612345678", "ask at the desk"]
    _, *rows = screen("\n".join(["n;Contacto", *(f"1;{one}" for one in lines), ""]).encode(),
        delimiter=";")  # fmt: skip
    assert [row[2:4] for row in rows[:3]] == [["no_match", ""]] * 3
    assert [row[2:4] for row in rows[3:5]] == [
        ["not_screened", "Contacto: region_required"],
    ] * 2


def test_an_empty_column_of_phones_makes_no_ids_of_the_numbers_beside_it(screen: Screen) -> None:
    _, *rows = screen(
        b"email,phone,Numero\na@x.example,,612345678\nb@x.example,,612345679\n", "--region", "ES"
    )
    assert [row[3:5] for row in rows] == [["not_screened", "Numero: unnamed_number"]] * 2


ORDINARY = {
    "US": {
        "Order number": ["2025550142", "2025550143"],
        "Customer ID": ["2025550142", "2025550143"],
        "Invoice": ["302-123-456", "302-123-457"],
        "Amount": ["612,345,678.00", "1,250.00"],
        "Booking date": ["2026-11-26", "2026-11-27"],
        "Created at": ["1764000000", "1764000001"],
        "App version": ["4.12.1005", "4.12.1006"],
        "IP": ["10.20.30.40", "85.214.132.117"],
        "Last login": ["11/26/2026", "11/27/2026 10:00"],
        "Batch": ["20261126", "20261127"],
    },
    "DE": {
        "Bestellnummer": ["1712345678", "1712345679"],
        "Kundennr.": ["1712345678", "1712345679"],
        "Betrag": ["612.345.678", "1.250.000,00"],
        "Rechnungsdatum": ["26.11.2026", "27.11.2026"],
        "Zeitraum": ["12.11.-14.11.2026", "13.11.-14.11.2026"],
        "Vorgang": ["1712345678", "1712345679"],
        "Position": ["52.5200066", "52.5200067"],
        "Kunde": ["1712345678", "1712345679"],
    },
    "ES": {
        "N\u00ba de pedido": ["612345678", "612345679"],
        "Referencia": ["612345678", "612 345 678"],
        "Importe": ["612.345.678", "612 345 678"],
        "Fecha": ["26/11/2026", "27-11-2026"],
        "C\u00f3digo": ["612345678", "612345679"],
        "DNI": ["612345678", "612345679"],
        "Versi\u00f3n": ["6.12.345", "6.12.346"],
    },
    "FR": {
        "N\u00b0 de commande": ["612345678", "612345679"],
        "Montant": ["612 345 678", "612 345 679"],
        "Date de naissance": ["26/11/1980", "27.11.1980"],
        "Dossier": ["612345678", "612345679"],
        "R\u00e9f\u00e9rence client": ["612345678", "612345679"],
    },
    "PT": {
        "Encomenda": ["912345678", "912345679"],
        "Valor": ["912 345 678", "912 345 679"],
        "Data de cria\u00e7\u00e3o": ["26/11/2026", "26-11-2026"],
        "NIF": ["212345678", "212345679"],
        "C\u00f3digo postal": ["1000-123", "1000-124"],
        "Reserva": ["912345678", "912345679"],
    },
    "BR": {"CEP": ["01310-100", "01310100"], "CPF": ["11987654321", "11987654322"]},
}


@slow_but_first(1, "has_phones", [True, False])
@pytest.mark.parametrize(
    ("region", "name"), [(region, name) for region, names in ORDINARY.items() for name in names]
)
def test_ids_dates_amounts_and_versions_keep_no_row_from_its_answer(
    screen: Screen, list_selectors: List, peer: Peer, region: str, name: str, has_phones: bool
) -> None:
    list_selectors(*(("phone", number) for number in ("+12025550142", "+491712345678",
        "+34612345678", "+33612345678", "+351912345678", "+5511987654321")))  # fmt: skip
    first = "Telefon,+1202555010{}" if has_phones else "E-Mail,a{}@x.example"
    heading, _, value = first.partition(",")
    lines = [f'{value.format(n)},"{one}"' for n, one in enumerate(ORDINARY[region][name])]
    _, *rows = screen("\n".join([f"{heading},{name}", *lines, ""]).encode(), "--region", region)
    assert {row[2] for row in rows} == {"no_match"}
    assert len(peer.asked) == len(lines)


@pytest.mark.parametrize(
    ("name", "value", "region"),
    [
        *(("Last known phone", "2025550142", "US"), ("Telem\u00f3vel", "912345678", "PT")),
        *(("Carte bancaire", "4242424242424242", None), ("Portable", "0612345678", "FR")),
    ],
)
def test_what_its_name_calls_a_phone_or_a_card_is_asked_about(
    screen: Screen, list_selectors: List, name: str, value: str, region: str | None
) -> None:
    list_selectors(
        *(("phone", phone) for phone in ("+12025550142", "+351912345678", "+33612345678")),
        ("card", "4242424242424242"),
    )
    options = ("--region", region) if region else ()
    content = f"name;{name};email\nAna;{value};a@x.example\n"
    _, row = screen(content.encode(), *options, delimiter=";")
    assert row[3:5] == ["match", name]


@pytest.mark.parametrize("name", ["Carte bancaire", "Kontakt", ""])
@pytest.mark.parametrize("value", ["4.24242E+15", "1.20256E+10", "12025550142.0"])
def test_what_a_spreadsheet_has_changed_is_no_no_under_any_name(
    screen: Screen, name: str, value: str
) -> None:
    _, row = screen(f"email,{name}\na@x.example,{value}\n".encode())
    assert row[2:4] == ["not_screened", f"{name or 'column 2'}: changed_number"]


def test_numbers_of_a_contact_are_no_no_beside_other_phones(screen: Screen) -> None:
    _, row = screen(
        b"Telefon,Notfallkontakt\n+49 171 2345679,1712345678\n", "--region", "DE"
    )  # fmt: skip
    assert row[2:4] == ["not_screened", "Notfallkontakt: unnamed_number"]


@pytest.mark.parametrize("name", ["Telefono", "Recapito", "Numero"])
def test_a_number_without_its_zero_is_no_no(
    screen: Screen, list_selectors: List, peer: Peer, name: str
) -> None:
    list_selectors(("phone", "+390612345678"))
    _, *rows = screen(
        f"n;{name}\n1;612345678\n2;06 1234 5678\n".encode(), "--region", "IT", delimiter=";"
    )
    assert [row[2:4] for row in rows] == [
        ["not_screened", f"{name}: changed_number"],
        ["match", name],
    ]


def test_bare_numbers_beside_a_column_of_phones_are_ids_and_named(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("Tel,Numero\n+34 612 345 670,612345678\n")
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", out, "--region", "ES")
    assert "numbers or addresses stand in them: Numero; name with --column" in done.err
    assert out.read_text().splitlines()[1].split(",")[2] == "no_match"


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("email", "4242424242424242 12/27"),
        ("email", "only phone: +1 202 555 0100 please"),
        ("card", '"cash, call +1 202 555 0100"'),
    ],
)
def test_a_selector_of_another_kind_within_a_cell_of_a_named_column_is_no_no(
    screen: Screen, header: str, cell: str
) -> None:
    lines = [f"+12025550100,{cell}" for cell in [*["n/a"] * 9, cell]]
    _, *rows = screen("\n".join([f"phone,{header}", *lines, ""]).encode())
    assert [row[2] for row in rows] == ["no_match"] * 9 + ["not_screened"]


@pytest.mark.parametrize(
    ("name", "first", "region"),
    [
        ("CPF", "332.730.805-13", "BR"), ("Aadhaar", "4957 4697 3018", "IN"),
        ("\u041f\u0430\u0441\u043f\u043e\u0440\u0442", "62 25 492267", "RU"),
        ("\u4f1a\u54e1\u756a\u53f7", "4923-1955-0268", "JP"),
    ],
)  # fmt: skip
def test_numbers_in_groups_that_their_column_calls_ids_keep_no_row_from_its_answer(
    screen: Screen, name: str, first: str, region: str
) -> None:
    lines = [f"{first[:-2]}{n},a{n}@x.example" for n in range(10, 60)]
    _, *rows = screen("\n".join([f"{name},email", *lines, ""]).encode(), "--region", region)
    assert {row[2] for row in rows} == {"no_match"}


def test_a_phone_that_nothing_else_looks_like_is_one_in_a_column_of_ids_too(
    screen: Screen, list_selectors: List
) -> None:
    list_selectors(("phone", "+12025550142"))
    content = b"Order,email\n(202) 555-0142,a@x.example\n12345678,b@x.example\n"
    _, *rows = screen(content, "--region", "US")
    assert [row[2] for row in rows] == ["match", "no_match"]


@pytest.mark.parametrize("cell", ["20255501", "A17-b", "order 020 7946 0958 x"])
def test_an_id_is_one_even_where_most_of_its_column_are_phones(screen: Screen, cell: str) -> None:
    lines = [*(f"(202) 555-0{n},a@x.example" for n in range(100, 120)), f"{cell},b@x.example"]
    _, *rows = screen("\n".join(["Order ID,email", *lines, ""]).encode(), "--region", "US")
    assert [row[2] for row in rows] == ["no_match"] * 21

"""What nobody reads: told under a name of contacts, and left where ids, dates and amounts stand."""

from pathlib import Path

import pytest

from tests.client.conftest import GenScreen, List, Screen

NAMES = ("Contact", "Emergency contact", "Rechnungskontakt", "Contact on arrival", "Reachable at")
OTHERS = ("Notes", "Order number", "Amount", "Created at")

UNREAD = [
    *("2025550142/2025550143", "202 555 0142 / 43", "202 555 0142 9-17", "2. 202 555 0142"),
    *("...42", "2OO 555 0142"),
    *("#12025550142", "202,555,0142", "202|555|0142", "202:555:0142", "2O2 555 0142"),
    *(
        "2026-11-25 10:15 202_555_0142",
        "Ann (Mon): 202~555~0142",
        "202 # 555 # 0142",
        "612|345|678",
    ),
    *(
        "xxx-xxx-0142",
        "(XXX) XXX-0142",
        "202-555-01XX",
        "xxx0142",
        "...0142",
        "\u20260142",
        "########42",
    ),
    *("j.doe@listed,example", "j.doe @ listed.example"),
    *("2025550142202", "202555014", "1000000123", "202 555 01...", "202 555 01\u2026"),
    *("202 555 ----", "020 7946..."),
    *("\u2022\u2022\u2022 \u2022\u2022\u2022 0142", "***-***-0142", "j.doe[at]listed[dot]example"),
]
"""Told only where the name of the column speaks of contacts."""

UNREAD_BEHIND_PLUS = [
    "+1,202,555,014",
    *("+1 2O2 555 0142", "+l 202 555 0142", "+1,202,555,0142", "+1|202|555|0142"),
    *("+1\u2019202\u2019555\u20190142", "+1:202:555:0142", "+1~202~555~0142", "+1=202=555=0142"),
    *(
        "call +1 , 202 , 555 , 0142",
        "+1 2O2 5S5 0142",
        "+290|1234",
        "+49,171,2345678",
        "+49,171,234,567",
    ),
]
"""Told in any column in which others are selectors."""

OF_SOMETHING_ELSE = [
    *(
        "ask Bob",
        "**VIP**",
        "Ms X, room 12",
        "xx 12",
        "xxx-042",
        "xxx-xxx-xxxx",
        "XXL 2026",
        "Weg 12, 10115 Teststadt, Hof 3",
    ),
    *("2026-11-25 10:15:00", "25.11.2026 10:15", "12.11.26-14.11.26", "10:15-12:30, 14:00-18:45"),
    *("2026-11-25T10:15:00+01:00", "550e8400-e29b-41d4-a716-446655440000", "see... 2026"),
]
"""Told nowhere."""

IDS_AND_AMOUNTS = [
    *("1000000123", "order 2026-000123-77", "A-2026/000123/4", "2026/1125/101500"),
    *("4,512,300.00 EUR", "12,50,000.00", "20261125T101500"),
    *(
        "+1,250,000.00",
        "+12,345,678.90",
        "+12,50,000",
        "+1\u2019250\u2019000",
        "+12.5% (2026: +8.25%)",
        "+12.5 % (2026)",
    ),
    *(
        "4+5, 6, 7, 8, 9, 10, 11",
        "+1 night, 2 beds, 30 sqm, 2026",
        "GMT+01:00, 2026-11-25 10:15",
        "+10 l, 20 l, 30 l, 40 l",
        "+1|23|45 of 2026",
    ),
]
"""Told nowhere but, some of them, under a name of contacts."""


def results(screen: Screen, name: str, cells: list[str], *options: str) -> list[str]:
    """Screen cells of a column beside one of phones, and below two that are read."""
    rows = ["+12025550110,+12025550111", "+12025550112,see above"]
    rows += [f'+1202555012{n % 10},"{cell}"' for n, cell in enumerate(cells)]
    _, *read = screen("\n".join([f"phone,{name}", *rows, ""]).encode(), *options)
    assert [row[2] for row in read[:2]] == ["no_match"] * 2
    return [row[2] for row in read[2:]]


@pytest.mark.parametrize("options", [(), ("--region", "US")])
@pytest.mark.parametrize("name", NAMES)
def test_what_may_be_a_phone_is_told_in_a_column_of_contacts(
    screen: Screen, name: str, options: tuple[str, ...]
) -> None:
    cells = [*UNREAD, *UNREAD_BEHIND_PLUS]
    assert dict(zip(cells, results(screen, name, cells, *options), strict=True)) == dict.fromkeys(
        cells, "not_screened"
    )
    assert results(screen, name, OF_SOMETHING_ELSE, *options) == ["no_match"] * len(
        OF_SOMETHING_ELSE
    )


@pytest.mark.parametrize("options", [(), ("--region", "US")])
@pytest.mark.parametrize("name", OTHERS)
def test_what_stands_behind_a_plus_is_told_in_any_column_and_no_id_date_or_amount_is(
    screen: Screen, name: str, options: tuple[str, ...]
) -> None:
    told = results(screen, name, UNREAD_BEHIND_PLUS, *options)
    assert told == ["not_screened"] * len(UNREAD_BEHIND_PLUS)
    cells = [*OF_SOMETHING_ELSE, *IDS_AND_AMOUNTS]
    assert dict(zip(cells, results(screen, name, cells, *options), strict=True)) == dict.fromkeys(
        cells, "no_match"
    )


@pytest.mark.parametrize("options", [(), ("--region", "US")])
@pytest.mark.parametrize(
    "cell",
    [
        *("xxx-xxx-0142", "#12025550142", "202|555|0142", "j.doe[at]a.example"),
        *("j.doe@listed", "j.doe(@)listed.example", "j.doe@listed(dot)example"),
    ],
)
def test_it_is_told_where_no_other_value_of_the_column_is_a_selector(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, cell: str, options: tuple[str, ...]
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    filler = "+12025550110,see above\n" * 150
    source.write_text(f"phone,Contact\n{filler}+12025550111,{cell}\n")
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", out, *options)
    assert "Screened only where a value looks like a phone, card or e-mail: Contact" in done.err
    rows = [line.split(",")[2:4] for line in out.read_text().splitlines()[1:]]
    assert [row[0] for row in rows] == ["no_match"] * 150 + ["not_screened"]
    assert rows[-1][1].startswith("Contact: ")


@pytest.mark.parametrize("options", [(), ("--region", "US")])
@pytest.mark.parametrize(
    "zero", ["0", "\u0660", "\u06f0", "\u0966", "\uff10"], ids=["ascii", "ar", "fa", "hi", "wide"]
)
def test_a_phone_is_read_in_the_digits_of_any_script(
    screen: Screen, list_selectors: List, zero: str, options: tuple[str, ...]
) -> None:
    list_selectors(("phone", "+12025550142"))
    own = {ord("0") + digit: chr(ord(zero) + digit) for digit in range(10)}
    filler = "+12025550110,ask Bob\n" * 60
    cells = [one.translate(own) for one in ("+12025550142", "2025550142", "202-555-0142")]
    rows = "".join(f"+12025550111,{cell}\n" for cell in cells)
    _, *read = screen(f"Phone,Contact\n{filler}{rows}".encode(), *options)
    national = "match" if options else "not_screened"
    assert [row[2] for row in read] == ["no_match"] * 60 + ["match", national, national]
    alone = screen(f"Phone,Contact\n{filler}+12025550111,{cells[1]}\n".encode(), *options)[-1]
    assert alone[2] == "not_screened"


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("Adres kontaktowy", "ul. D\u0142uga 38/97, 00-055 Warszawa"),
        ("Contact reason", "booking 2026-000197 cancelled"),
        ("Contact notes", "IBAN DE44 5001 0517 5407 3249 31"),
        ("Horario de contacto", "9.00-13.00, 16.00-20.00"),
        ("Letzter Kontakt", "01.05.26, 03.05.26"),
        ("Contact owner", "user_1000012345"),
    ],
)
def test_what_is_said_of_a_contact_is_told_only_behind_a_plus(
    screen: Screen, name: str, cell: str
) -> None:
    assert results(screen, name, [cell, "+1,202,555,0142"]) == ["no_match", "not_screened"]


def test_behind_a_word_of_ids_a_phone_that_is_cut_off_is_told_and_an_id_is_not(
    screen: Screen,
) -> None:
    cells = ["Booking 07700 90...", "Reservations: 020 7946 0...", "WhatsApp ID 202 555 01..."]
    ids = ["Booking 2312509...", "Order: 77009001..."]
    told = ["not_screened"] * len(cells) + ["no_match"] * len(ids)
    assert results(screen, "contact", [*cells, *ids], "--region", "GB") == told


@pytest.mark.parametrize("name", ["Contact ID", "Contact date", "Last contact at"])
def test_a_name_of_ids_or_dates_of_contacts_is_none_of_contacts(screen: Screen, name: str) -> None:
    cells = ["1000-0001-2345", "2026/1125/101500", "xxx-xxx-0142"]
    assert results(screen, name, cells) == ["no_match"] * len(cells)


@pytest.mark.parametrize("name", ["Contact", "Emergency contact", "Guest contact", "Kontakt"])
@pytest.mark.parametrize("region", ["", "US", "GB"])
def test_a_region_unsays_nothing_of_a_column_of_names_with_a_contact_or_two(
    screen: Screen, name: str, region: str
) -> None:
    cells = ["2025550142202", "202 555 01...", "202 555 01\u2026", "202 555 ----", "020 7946..."]
    cells += ["202 555 0142 202", "+1 202 555 01..."]
    words = ["Bob", "Ann, room 12", "20.11.2026", "late at night", "12 - 14 ...", "see 1201..."]
    column = ["jane@mail.example", "+12025550142", *cells, *words]
    content = "".join(f"{n},{cell},a{n}@x.example\n" for n, cell in enumerate(column))
    options = ("--region", region) if region else ()
    content = content.replace("Ann, room", '"Ann, room').replace("12,a", '12",a')
    _, _, _, *read = screen(f"id,{name},E-mail\n{content}".encode(), *options)
    told = [row[4] for row in read[: len(cells)]]
    assert [row[3] for row in read] == ["not_screened"] * len(cells) + ["no_match"] * len(words)
    assert not [code for code in told if "not_an_email" in code]


@pytest.mark.parametrize("cell", ["xxx-xxx-xx42", "########42"])
def test_a_mask_with_two_digits_is_told_where_the_name_says_phone(
    screen: Screen, cell: str
) -> None:
    rows = f"{cell},a@x.example\n" * 3 + "yes,b@x.example\n"
    _, *read = screen(f"Phone,email\n{rows}".encode())
    assert [row[2] for row in read] == ["not_screened"] * 3 + ["no_match"]


def test_a_column_of_contacts_that_is_left_out_is_named(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source = tmp_path / "in.csv"
    rows = [f"+1202555012{number},ask Bob" for number in range(8)]
    command = ("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv", "--overwrite")
    for cell, named in (("202|555|0142", True), ("xxx-xxx-0142", True), ("room 12", False)):
        source.write_text("\n".join(["phone,Contact", *rows, f"+12025550129,{cell}", ""]))
        said = gen_screen(*command, "--column", "phone=phone").err
        assert ("Not screened, though numbers or addresses stand in them: Contact" in said) is named

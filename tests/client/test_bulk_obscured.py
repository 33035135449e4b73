"""What hides a selector, or writes it as nobody reads it, is told; a row with it is never a no."""

from pathlib import Path

import pytest

from tests.client.conftest import GenScreen, List, Screen


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        *(("Email", "j.doe(at)listed.example"), ("Email", "j.doe at listed.example")),
        *(("Email", "j.doe%40listed.example"), ("Email", "j.doe (arroba) listed.example")),
        *(("Email", "2025550142"), ("Email", "202|555|0142")),
        *(("Email", "j.doe [AT] listed.example"), ("Phone", "***0142"), ("Phone", "202-555-01XX")),
        *(("Card number", "************4242"), ("Card number", "4242 42** **** 4242")),
    ],
)
@pytest.mark.parametrize("others", [0, 20])
def test_what_is_masked_or_in_words_is_told_whatever_most_of_its_column_is(
    screen: Screen, name: str, cell: str, others: int
) -> None:
    rows = f"{cell},a@x.example,\n" * (3 + others) + "yes,b@x.example,\n"
    _, *read = screen(f"{name},Contact,x\n{rows}".encode())
    assert [row[3] for row in read] == ["not_screened"] * (3 + others) + ["no_match"]


@pytest.mark.parametrize("cell", ["1200 Main St", "124", "2026-05-01 10:15", "no. 12-34"])
def test_digits_are_no_sign_of_an_address(screen: Screen, cell: str) -> None:
    rows = f"+12025550110,{cell}\n" * 5 + "+12025550110,j***@x.example\n"
    _, *read = screen(f"Phone,Mail\n{rows}".encode())
    assert [row[2] for row in read] == ["no_match"] * 5 + ["not_screened"]


@pytest.mark.parametrize(
    "value",
    [
        *("mailto:a%40x.example", "+1%20202%20555%200100", "4242  4242  4242  4242"),
        "4242 - 4242 - 4242 - 4242",
    ],
)
def test_a_link_or_a_card_with_wide_gaps_is_asked_about_in_any_column(
    screen: Screen, list_selectors: List, value: str
) -> None:
    list_selectors(
        ("phone", "+12025550100"), ("card", "4242424242424242"), ("email", "a@x.example")
    )
    _, *rows = screen(f"id,x,email\n1,https://a.test,b@x.example\n2,{value},\n".encode())
    assert rows[1][3] == "match"


@pytest.mark.parametrize(
    "value",
    [
        *("+1[202]555-0142", "+1\t202\t555\t0142", "+1_202_555_0142", "+1'202'555'0142"),
        *("4242\n4242 4242 4242", "4242_4242_4242_4242", "4242|4242|4242|4242"),
    ],
)
def test_what_is_written_with_other_signs_between_its_digits_is_told(
    screen: Screen, value: str
) -> None:
    others = "1,+442079460100,b@x.example\n" + "2,see above,c@x.example\n" * 3
    _, *rows = screen(f'id,x,email\n{others}3,"{value}",d@x.example\n'.encode())
    assert rows[-1][3] == "not_screened"


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "jane (at) mail.example",
            "jane [at] mail [dot] example",
            "Ann, jane at mail dot example",
        ),
        *("ask jane(at)mail.example, room 2025550142", "phone ***0142"),
    ],
)
@pytest.mark.parametrize("name", ["Notes", "Guest", "Booking ID"])
@pytest.mark.parametrize("told", [[], ["--column", "Phone=phone"]], ids=["found", "told"])
@pytest.mark.slow
def test_a_column_that_is_not_screened_is_named_for_what_is_hidden_in_it(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, cell: str, name: str, told: list[str]
) -> None:
    source = tmp_path / "in.csv"
    command = ("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv", *told)
    lines = ["+12025550110,late at night; 12.30 pm"] * 150
    source.write_text("\n".join([f"Phone,{name}", *lines, f'+12025550110,"{cell}"', ""]))
    said = gen_screen(*command).err
    assert f"Not screened, though numbers or addresses stand in them: {name};" in said
    assert cell not in said
    source.write_text("\n".join([f"Phone,{name}", *lines, ""]))
    assert "Not screened, though" not in gen_screen(*command).err


@pytest.mark.parametrize(
    "cell",
    [
        *("jane\uff08at\uff09mail.example", "joe\xa0at\xa0mail.example", "joe\tat\tmail.example"),
        *("joe【at】mail.example", "joe&commat;mail.example", "joe&#x40;mail.example"),
        *('joe "at" mail.example', "4242 XXXX XXXX 4242", "wife +1 (202) - 555 - 0142"),
        "wife +1    202    555    0142",
    ],
)
@pytest.mark.parametrize("name", ["E-mail", "Info"])
def test_what_is_hidden_with_other_signs_or_spaces_keeps_its_row_from_a_no(
    screen: Screen, name: str, cell: str
) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    first = "a@x.example" if name == "E-mail" else "b@x.example"
    _, *rows = screen(f"Phone,{name}\n+12025550110,{first}\n+12025550111,{quoted}\n".encode())
    assert [row[2] for row in rows] == ["no_match", "not_screened"]


@pytest.mark.parametrize("name", ["Reference", "Data"])
def test_a_phone_with_two_zeros_before_its_country_is_told_in_a_column_of_ids(
    screen: Screen, name: str
) -> None:
    rows = "+12025550110,joe@x.example\n+12025550111,wife 0044 20 7946 0958\n"
    rows += "+12025550112,0044207946\n"
    _, *read = screen(f"Phone,{name}\n{rows}".encode(), "--region", "US")
    assert [row[2] for row in read] == ["no_match", "not_screened", "no_match"]


@pytest.mark.parametrize(
    "cell",
    [
        *("Check in at St.Pancras", "meet at reception.Thanks", "**24h** notice", "**120.00"),
        "https://cdn.example//img/a.png",
    ],
)
def test_texts_that_only_look_hidden_name_no_column(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, cell: str
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f"Phone,Notes\n+12025550110,{cell}\n")
    said = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv").err
    assert "Not screened, though" not in said


@pytest.mark.parametrize(
    ("name", "cell", "code"),
    [
        *(
            ("email", "jane#mail.example", "not_an_email"),
            ("email", "jane mail.example", "not_an_email"),
        ),
        *(("E-mail / Phone", "jane*mail.example", "not_an_email"),),
        *(("Karte", "4242x4242x4242x4242", "not_a_card"), ("Karte", "VISA-4242", "not_a_card")),
        *(("Card", "4242x4242x4242x4242", "not_a_card"), ("Card", "VISA-4242", "not_a_card")),
    ],
)
@pytest.mark.parametrize("known", ["", "4242424242424242", "bob@mail.example"])
@pytest.mark.slow
def test_what_nobody_reads_is_told_under_a_name_that_says_its_kind(
    screen: Screen, name: str, cell: str, code: str, known: str
) -> None:
    words = "".join(f"+12025550110,{word}\n" for word in ("yes", "Gold member", "none", "n/a"))
    content = f"phone,{name}\n+12025550110,{known}\n+12025550110,{cell}\n{words}"
    _, _, odd, *others = screen(content.encode())
    assert odd[2:4] == ["not_screened", f"{name}: {code}"]
    assert [row[2] for row in others] == ["no_match"] * 4


@pytest.mark.parametrize("first", ["4242424242424242", "bob@mail.example", "+12025550111"])
@pytest.mark.parametrize(
    "text",
    [
        *("his other number is +1 202 555 0142", "su n\u00famero +1 202 555 0142"),
        *("Visa 4242 4242 4242 4242", "4242 4242 4242 4242 exp 12/29"),
        *("jane@mail.example (bounced)", "Room 12 020 7946 0958"),
    ],
)
@pytest.mark.parametrize("name", ["notes", "Observaciones"])
@pytest.mark.slow
def test_a_text_with_a_whole_selector_is_told_as_that_whichever_kind_its_column_is_of(
    screen: Screen, name: str, first: str, text: str
) -> None:
    content = f"phone,{name}\n+12025550110,{first}\n+12025550110,{text}\n+12025550110,late\n"
    _, _, told, other = screen(content.encode())
    assert told[2:4] == ["not_screened", f"{name}: remark_in_cell"]
    assert other[2] == "no_match"


@pytest.mark.parametrize(
    ("name", "cell", "code"),
    [
        *(
            ("email", "+49 30 2312...", "hidden_value"),
            ("phone", "j??e@mail.example", "hidden_value"),
        ),
        ("phone", "JANE@MA\u0130L.EXAMPLE", "not_an_email"),
    ],
)
def test_what_is_wrong_with_a_selector_of_another_kind_is_told_of_that_kind(
    screen: Screen, name: str, cell: str, code: str
) -> None:
    known = "+12025550110" if name == "phone" else "jane@mail.example"
    _, *_, odd = screen(f"{name}\n{known}\n{known}\n{cell}\n".encode())
    assert odd[1:3] == ["not_screened", f"{name}: {code}"]


@pytest.mark.parametrize("name", ["Info", "Order ID"])
@pytest.mark.parametrize("region", ["US", "DE"])
def test_a_phone_that_is_cut_off_is_told_wherever_a_whole_one_is_asked_about(
    screen: Screen, name: str, region: str
) -> None:
    cells = ["202-555-0142--", "202 555 0142...", "2025550142??"]
    others = ["12.10.2026 ??", "??.12.2026-14.12.2026", "see 1201...", "BK-1234567", "ask Bob"]
    rows = "".join(f"+12025550110,{cell}\n" for cell in ("+12025550111", *cells, *others))
    _, _, *read = screen(f"phone,{name}\n{rows}".encode(), "--region", region)
    told = [["not_screened", f"{name}: hidden_value"]] * len(cells)
    assert [row[2:4] for row in read[: len(cells)]] == told
    assert [row[2] for row in read[len(cells) :]] == ["no_match"] * len(others)


@pytest.mark.parametrize(
    ("cell", "region"),
    [
        *(("612 345 678...", "ES"), ("612.345.678..", "ES"), ("612 345 678 -", "ES")),
        *(("512 345 678\u2026", "PL"), ("30 231 250...", "DE"), ("912 345 678..", "PT")),
    ],
)
def test_a_phone_that_is_cut_off_is_told_though_amounts_are_written_so(
    screen: Screen, cell: str, region: str
) -> None:
    others = ["1.234.567 ...", "12052024 -", "order 1234567 2026-??-12"]
    rows = "".join(f"+12025550110,{one}\n" for one in ("+12025550111", cell, *others))
    _, _, told, *read = screen(f"phone,notes\n{rows}".encode(), "--region", region)
    assert told[2:4] == ["not_screened", "notes: hidden_value"]
    assert [row[2] for row in read] == ["no_match"] * len(others)


def test_a_national_phone_before_a_date_that_is_not_known_yet_is_told(screen: Screen) -> None:
    cells = ["+12025550111", "612 345 678 2026-??-12", "booking 612345 2026-??-12"]
    rows = "".join(f"+12025550110,{cell}\n" for cell in cells)
    *_, told, other = screen(f"phone,notes\n{rows}".encode(), "--region", "ES")
    assert told[2:4] == ["not_screened", "notes: not_a_phone"]
    assert other[2] == "no_match"


def test_under_a_name_of_addresses_one_without_its_sign_is_told_and_under_one_of_cards_none(
    screen: Screen,
) -> None:
    rows = "+12025550110,jane mail.example\n" + "+12025550110,yes\n" * 3
    for name, result in (("E-mail", "not_screened"), ("Card", "no_match")):
        assert screen(f"phone,{name}\n{rows}".encode())[1][2] == result


def test_what_is_masked_is_told_as_that_with_a_column_of_countries(screen: Screen) -> None:
    rows = "020 7946 0958,GB\n" * 3 + "020 **** 0958,GB\n424242******4242,GB\n"
    content = f"phone,country\n{rows}"
    *_, masked, card = screen(content.encode(), "--region-column", "country")
    assert [row[3] for row in (masked, card)] == ["phone: hidden_value"] * 2

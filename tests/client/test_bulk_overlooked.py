"""No selector is overlooked, and nothing is a no that could not be asked about."""

from pathlib import Path

import pytest

from tests.client.conftest import GenScreen, List, Screen


def test_a_selector_in_a_column_that_is_doubted_is_asked_all_the_same(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, list_selectors: List
) -> None:
    list_selectors(("phone", "+12025550100"))
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(
        "email,mobile\na@x.example,ask\nb@x.example,no phone\nc@x.example,call me\n"
        "d@x.example,+12025550100\ne@x.example,2025550111\n"
    )
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", out)
    assert done.code == 0
    rows = [row.split(",") for row in out.read_text().splitlines()]
    assert [row[2] for row in rows] == [
        "result",
        "no_match",
        "no_match",
        "no_match",
        "match",
        "not_screened",
    ]


@pytest.mark.parametrize("filler", ["", "prefers e-mail"])
def test_a_selector_far_down_in_a_column_of_anything_is_not_overlooked(
    screen: Screen, list_selectors: List, filler: str
) -> None:
    list_selectors(("phone", "+12025550100"))
    lines = [f"u{number}@x.example,{filler}" for number in range(300)]
    lines[250] = "u250@x.example,+1 202 555 0100"
    _, *rows = screen("\n".join(["email,Notes", *lines, ""]).encode())
    assert [row[2] for row in rows if row[2] != "no_match"] == ["match"]
    assert rows[250][2:4] == ["match", "Notes"]


@pytest.mark.parametrize(
    "value",
    [
        *(
            "4242\u00a04242\u00a04242\u00a04242",
            "4242  4242  4242  4242",
            "4242 - 4242 - 4242 - 4242",
        ),
        *(
            "\uff0b\uff11\uff12\uff10\uff12\uff15\uff15\uff15\uff10\uff11\uff10\uff10",
            "a\uff20x.example",
        ),
        *("(202) 555-0100", "202-555-0100"),
    ],
)
def test_no_spelling_of_a_selector_is_overlooked_wherever_it_stands(
    screen: Screen, list_selectors: List, value: str
) -> None:
    list_selectors(
        ("phone", "+12025550100"), ("card", "4242424242424242"), ("email", "a@x.example")
    )
    lines = ["b@x.example,nothing"] * 120
    lines[110] = f"b@x.example,{value}"
    _, *rows = screen("\n".join(["email,Misc", *lines, ""]).encode(), "--region", "US")
    assert rows[110][2:4] == ["match", "Misc"]


@pytest.mark.parametrize(
    "value",
    [
        *("+1 202 555 0100 (home)", "+1 202 555 O100 / 0100 555", "A. B. <a@x.example>"),
        *("see mailto:a@x.example", "4242 4242 4242 4242 exp 12/30", "a@x.example; b@"),
    ],
)
def test_what_is_almost_a_selector_beside_selectors_is_never_a_no(
    screen: Screen, value: str
) -> None:
    _, *rows = screen(
        f"mail,contact\nb@x.example,c@x.example\nb@x.example,{value}\n".encode(), "--region", "US"
    )
    assert [row[2] for row in rows] == ["no_match", "not_screened"]


@pytest.mark.parametrize(
    ("header", "values", "options"),
    [
        ("src", ["442079460956", "442079460957"], ("--region", "GB")),
        ("contact", ["b@x.example", "2025550100"], ("--region", "US")),
        ("contact", ["b@x.example", "(+1) 202 555 0100"], ("--region", "US")),
        ("contact", ["b@x.example", "'+12025550100"], ()),
    ],
)
def test_phones_of_a_nameless_column_are_asked_about_in_every_spelling(
    screen: Screen, list_selectors: List, header: str, values: list[str], options: tuple[str, ...]
) -> None:
    list_selectors(("phone", "+12025550100"), ("phone", "+442079460957"))
    lines = [f"a@x.example,{value}" for value in values]
    _, *rows = screen("\n".join([f"email,{header}", *lines, ""]).encode(), *options)
    assert rows[-1][2] == "match"


def test_national_phones_without_any_region_are_never_a_no(screen: Screen) -> None:
    _, *rows = screen(b"email,Caller\na@x.example,020 7946 0958\nb@x.example,020 7946 0959\n")
    assert [row[2:4] for row in rows] == [["not_screened", "Caller: region_required"]] * 2


@pytest.mark.parametrize(
    "inner", ["Ann,+12025550102", "Ann,p:+12025550102", "Ann,2025550102", "Ann,a@x.example"]
)
def test_rows_within_a_cell_are_not_screened_as_one(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, inner: str
) -> None:
    source = tmp_path / "in.csv"
    rows = f'"Bob,+12025550100\n{inner}\nScreen 24",+12025550101\n'
    source.write_text(f'\nname,phone\n"Ann\nLee",+12025550102\n\n{rows}')
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv")
    assert done.code == 2
    assert "in the row that begins at line 6, a cell with line breaks" in done.err
    assert "in which rows seem to stand: look for a quotation mark" in done.err


def test_rows_that_a_mark_has_swallowed_are_missed_whatever_they_look_like(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(
        'Nombre,Tel,Nota\nAna,612 345 678,"vip\nRui,612 345 679,x\nEva,612 345 680,y"\n'
    )
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv")
    assert "in which rows seem to stand" in done.err


@pytest.mark.parametrize("region", ["DE", "JP", "US"])
@pytest.mark.parametrize("card", ["378282246310005", "3782 822463 10005", "4242424242424242"])
@pytest.mark.parametrize("name", ["contact", "Telefon"])
def test_a_card_among_phones_is_asked_about_as_a_card(
    screen: Screen, list_selectors: List, name: str, card: str, region: str
) -> None:
    list_selectors(("card", card))
    lines = ["+49 30 23125098", "+49 30 23125097", "+49 30 23125096", card]
    content = "\n".join([f"{name},n", *(f"{one},1" for one in lines), ""])
    _, *rows = screen(content.encode(), "--region", region)
    assert [row[2] for row in rows] == ["no_match"] * 3 + ["match"]


@pytest.mark.parametrize(
    "value",
    [
        *("020 7946 0958 (wife)", "wife 020 7946 0958", "20 7946 0958 x", "4.42079E+11"),
        *("1.20256E+10", "442079460958.0", "020 7946 0958 abends"),
    ],
)
@pytest.mark.parametrize("name", ["Mob", "Festnetz", "contact"])
def test_a_phone_with_something_beside_it_is_never_a_no(
    screen: Screen, name: str, value: str
) -> None:
    others = ["a@x.example"] * 8 if name == "contact" else []
    lines = [*others, *(f"020 7946 09{n}" for n in range(50, 60)), value]
    content = "\n".join([f"email,{name}", *(f"b@x.example,{one}" for one in lines), ""])
    _, *rows = screen(content.encode(), "--region", "GB")
    assert [row[2] for row in rows] == ["no_match"] * (len(lines) - 1) + ["not_screened"]


def test_what_looks_like_a_phone_in_a_column_of_phones_is_never_passed_over(
    screen: Screen, list_selectors: List
) -> None:
    list_selectors(("phone", "+12025550100"))
    _, *rows = screen(
        b"id,phone,phone_verified,email\n"
        b"1,none,2026-11-20 10:11:12,a@x.example\n"
        b"2,none,20.11.2026,a@x.example\n"
        b"3,none,yes,a@x.example\n"
        b"4,0012025550100,,b@x.example\n"
        b"5,+1 202 555 0100 (work),,c@x.example\n"
        b"6,2025550100,,c@x.example\n",
        "--region", "US",
    )  # fmt: skip
    assert [row[4:6] for row in rows] == [
        ["no_match", ""],
        ["no_match", ""],
        ["no_match", ""],
        ["not_screened", "phone: impossible_length"],
        ["not_screened", "phone: remark_in_cell"],
        ["match", "phone"],
    ]


def test_ids_that_are_phones_are_read_as_such_whatever_the_first_selector_among_them_is(
    screen: Screen,
) -> None:
    phones = [f"(202) 555-01{number:02}" for number in range(12)]
    cells = ["a@x.example", *phones, "+12025550142 ask Bob"]
    *rows, last = screen("\n".join(["Booking ID", *cells, ""]).encode(), "--region", "US")[1:]
    assert {row[1] for row in rows} == {"no_match"}
    assert last[1:3] == ["not_screened", "Booking ID: remark_in_cell"]


def test_numbers_that_are_none_of_a_phone_keep_no_row_from_its_answer(screen: Screen) -> None:
    _, *rows = screen(
        b"order,email\n" + b"".join(b"%d,a@x.example\n" % (202555 + n) for n in range(150)),
        "--region", "US",
    )  # fmt: skip
    assert {row[2] for row in rows} == {"no_match"}


@pytest.mark.parametrize("name", ["Customer", "Booking notes", "Account name", "Payment"])
@pytest.mark.parametrize(
    "cell", ["(202) 555-0100", "202-555-0100", "1 202-555-0100", "4.24242E+15"]
)
def test_a_phone_that_nothing_else_looks_like_is_told_whatever_its_column_is_called(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, name: str, cell: str
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f"email,{name}\na@x.example,John\nb@x.example,{cell}\nc@x.example,Mary\n")
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv")
    assert name in done.err


@pytest.mark.parametrize(
    "note",
    [
        "wa.me/12025550142", "https://wa.me/12025550142", "Tel. 2025550142", "mobil:2025550142",
        "202\u00b7555\u00b70142",
    ],
)  # fmt: skip
@pytest.mark.parametrize("options", [(), ("--region", "US")])
@pytest.mark.parametrize("name", ["note", "contact"])
def test_a_note_that_holds_a_phone_is_never_a_no_where_another_one_is_a_phone(
    screen: Screen, note: str, options: tuple[str, ...], name: str
) -> None:
    content = f"email,{name}\na@x.example,+12025550100\nb@x.example,{note}\nc@x.example,late\n"
    _, *rows = screen(content.encode(), *options)
    assert [row[2] for row in rows] == ["no_match", "not_screened", "no_match"]


DASHES = ["\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015", "\u2212", "-\u00ad", "\uff0d"]


@pytest.mark.parametrize("dash", DASHES)
def test_any_dash_between_the_digits_of_a_phone_is_a_dash(
    screen: Screen, list_selectors: List, dash: str
) -> None:
    list_selectors(("phone", "+12025550142"))
    value = f"202{dash}555{dash}0142"
    content = f"email,contact\na@x.example,c@x.example\nb@x.example,{value}\n".encode()
    assert screen(content)[2][2] == "not_screened"
    assert screen(content, "--region", "US")[2][2] == "match"


def test_a_dash_of_an_address_stays_what_it_is(screen: Screen, list_selectors: List) -> None:
    list_selectors(("email", "ana\u2013maria@x.example"))
    _, *rows = screen("mail\nana\u2013maria@x.example\nana-maria@x.example\n".encode())
    assert [row[1] for row in rows] == ["match", "no_match"]


@pytest.mark.parametrize("name", ["contact", "note", "src", "Telefon"])
def test_a_phone_that_has_lost_its_plus_is_no_phone_of_another_country(
    screen: Screen, list_selectors: List, name: str
) -> None:
    list_selectors(("phone", "+442079460958"))
    content = f"email,{name}\na@x.example,+4930231251\nb@x.example,442079460958\n".encode()
    row = screen(content, "--region", "DE")[-1]
    assert row[2:4] == ["not_screened", f"{name}: unclear_country"]


@pytest.mark.parametrize("header", ["Contact", "Kontakt"])
@pytest.mark.parametrize(
    "cell",
    [
        "***0142",
        "***-***-0142",
        "j.doe (at) listed.example",
        "j.doe[at]listed[dot]example",
        "j.doe (at) listed (dot) example",
        "j.doe AT listed DOT example",
        "j.doe(a)listed.example",
        "j.doe-at-listed-dot-example",
    ],
)
def test_a_hidden_value_is_never_a_no(screen: Screen, header: str, cell: str) -> None:
    rows = f"jane@x.example,{cell}\nann@x.example,+12025550100\nbob@x.example,**VIP**\n"
    _, first, _, last = screen(f"email,{header}\n{rows}".encode())
    assert (first[2], last[2]) == ("not_screened", "no_match")

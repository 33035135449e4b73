"""Files as they come: what is kept, and what a row amounts to."""

import csv
import io
import json
import stat
from pathlib import Path

import pytest

from screening.client.bulk.outcomes import cause_sentence
from screening.vocabulary.errors import REJECTION_SENTENCES
from screening.vocabulary.normalise import normalise
from tests.client.conftest import ADDED, GenScreen, List, Screen, parsed
from tests.client.peer import Peer


def test_every_row_comes_back_with_result_reason_and_receipt(
    screen: Screen, list_selectors: List
) -> None:
    list_selectors(("phone", "+12025550100"), ("email", "jane.doe@booking.example"))
    header, *rows = screen(
        b"id,phone,email\n"
        b"1,+1 (202) 555-0100,nobody@booking.example\n"
        b"2,+12025550111,\n"
        b"3,202 555 0100,nobody@booking.example\n"
        b"4,,JANE.DOE@booking.example\n"
        b"5,+12025550100,Jane.Doe@booking.example\n"
        b"6,,\n"
        b"7,abc,jane.doe@@\n"
        b"8,202 555 0100,jane.doe@booking.example\n"
    )
    assert header == ["id", "phone", "email", *ADDED]
    assert [row[:4] for row in rows] == [
        ["1", "+1 (202) 555-0100", "nobody@booking.example", "match"],
        ["2", "+12025550111", "", "no_match"],
        ["3", "202 555 0100", "nobody@booking.example", "not_screened"],
        ["4", "", "JANE.DOE@booking.example", "match"],
        ["5", "+12025550100", "Jane.Doe@booking.example", "match"],
        ["6", "", "", "not_screened"],
        ["7", "abc", "jane.doe@@", "not_screened"],
        ["8", "202 555 0100", "jane.doe@booking.example", "match"],
    ]
    assert [row[4] for row in rows] == [
        "phone",
        "",
        "phone: region_required",
        "email",
        "phone, email",
        "empty",
        "phone: region_required; email: not_an_email",
        "email",
    ]
    receipt = rows[0][5].partition(".")[0]
    places = [row[5].removeprefix(receipt) for row in rows]
    assert places == [".0", ".2", ".3", ".4", ".5", "", "", ".7"]


def test_a_region_completes_national_numbers(screen: Screen, list_selectors: List) -> None:
    list_selectors(("phone", "+12025550100"))
    _, row = screen(b"phone\n202 555 0100\n", "--region", "US")
    assert row[1] == "match"


@pytest.mark.parametrize(("delimiter", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab")])
def test_delimiters_are_found_and_kept(screen: Screen, delimiter: str, name: str) -> None:
    lines = [["name", "e-mail", "note"], [name, "a@x.example", "1.5"], ["b", "b@x.example", ""]]
    content = "".join(f"{delimiter.join(line)}\n" for line in lines)
    header, *rows = screen(content.encode(), delimiter=delimiter)
    assert header == [*lines[0], *ADDED]
    assert [row[:3] for row in rows] == lines[1:]


def test_semicolons_with_decimal_commas_are_semicolons(screen: Screen) -> None:
    _, row = screen(b"price;mail\n1,50;a@x.example\n", delimiter=";")
    assert row[:3] == ["1,50", "a@x.example", "no_match"]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_byte_order_mark_and_line_ends_are_kept(
    screen: Screen, tmp_path: Path, line_end: bytes, bom: bytes
) -> None:
    screen(bom + line_end.join([b"phone,name", b"+12025550100,J\xc3\xbcrgen", b""]))
    content = (tmp_path / "out.csv").read_bytes()
    assert content.startswith(bom + b"phone,name,result")
    assert content.count(b"\r\n") == (2 if line_end == b"\r\n" else 0)
    assert "Jürgen".encode() in content


def test_lines_that_end_in_a_carriage_return_alone_are_rows(
    screen: Screen, list_selectors: List
) -> None:
    list_selectors(("phone", "+12025550101"))
    header, *rows = screen(b"phone,name\r+12025550100,a\r+12025550101,b\r\r+12025550102,c")
    assert header == ["phone", "name", *ADDED]
    assert [row[:3] for row in rows] == [
        ["+12025550100", "a", "no_match"],
        ["+12025550101", "b", "match"],
        ["", "", "not_screened"],
        ["+12025550102", "c", "no_match"],
    ]


def test_quotation_marks_line_breaks_and_delimiters_in_cells_survive(screen: Screen) -> None:
    cells = ['say "hi", please', "two\nlines", "two\r\nlines", "return\rhere", "semi;colon", " a "]
    written = io.StringIO(newline="")
    csv.writer(written).writerows([["phone", *"abcdef"], ["+12025550100", *cells]])
    _, row = screen(written.getvalue().encode())
    assert row[1:7] == cells
    assert row[7] == "no_match"


def test_a_cell_that_holds_another_delimiter_is_quoted(screen: Screen, tmp_path: Path) -> None:
    screen(b"phone,name\n+12025550100,x;=cmd\n")
    assert b'"x;=cmd"' in (tmp_path / "out.csv").read_bytes()


def test_null_bytes_pass_through(screen: Screen) -> None:
    _, first, second = screen(b"phone,n\n+12025550100,a\0b\n\0,c\n")
    assert first[1:3] == ["a\0b", "no_match"]
    assert second[2:4] == ["not_screened", "phone: region_required"]


def test_short_rows_are_filled_and_long_rows_are_not_screened(screen: Screen) -> None:
    _, *rows = screen(b"name,phone\nJane\nJane,+12025550100,\nDoe, Jane,+12025550100\n\n")
    assert rows[0] == ["Jane", "", "not_screened", "empty", ""]
    assert rows[1][:3] == ["Jane", "+12025550100", "no_match"]
    assert rows[1][5:] == [""]
    assert rows[2] == ["Doe", " Jane", "not_screened", "ragged_row", "", "+12025550100"]
    assert rows[3] == ["", "", "not_screened", "empty", ""]


def test_a_file_of_a_header_only_comes_back_with_the_header(screen: Screen, peer: Peer) -> None:
    assert screen(b"phone,name\n") == [["phone", "name", *ADDED]]
    assert peer.total("/v1/bulk") == 0


def test_taken_column_names_get_one_number_for_all(screen: Screen) -> None:
    once = screen(b"phone,Result\n+12025550100,x\n")
    assert once[0] == ["phone", "Result", "result_2", "reason_2", "receipt_2"]
    again = screen(b"phone,result,reason_2\n+12025550100,x,y\n")
    assert again[0][3:] == ["result_3", "reason_3", "receipt_3"]


def test_columns_are_found_by_name_or_content(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(
        "id,Mobile No,Contact,PaymentCard,phone verified,card_expiry,Téléphone,E-Mail\n"
        "1000000000000000,+12025550100,a@x.example,4242424242424242,yes,12/27,,\n"
        "1000000000000001,2025550111,b@x.example,378282246310005,no,01/28,,\n"
    )
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv")
    assert done.code == 0
    assert (
        "by: Mobile No (phone), Contact (email), PaymentCard (card), Téléphone (phone), "
        "E-Mail (email)." in done.err
    )
    assert "numbers or addresses stand in them: id; name with --column" in done.err


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


@pytest.mark.parametrize(
    "name",
    [
        *("Telefonnummer", "Rufnummer", "Handynummer", "Mobilnr", "Phone1", "PHONE2", "homephone"),
        *("Contact number", "mobilephone", "Telephonenumber", "Cellulare", "Telefoonnummer"),
        *("Телефон", "電話番号", "Numéro", "Kontakt"),
    ],
)
@pytest.mark.parametrize(
    "options", [("--region", "US", "--no-region-column"), ("--region-column", "Land")]
)
def test_a_column_of_national_phones_is_screened_whatever_it_is_called(
    screen: Screen, list_selectors: List, name: str, options: tuple[str, ...]
) -> None:
    list_selectors(("phone", "+12025550100"))
    _, *rows = screen(
        f"id;{name};E-Mail;Land\n1;(202) 555-0100;a@x.example;US\n"
        "2;202 555 0100;b@x.example;US\n3;2025550100;c@x.example;US\n".encode(),
        *options,
        delimiter=";",
    )
    assert [row[4:6] for row in rows] == [["match", name]] * 3


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


ORDINARY = {
    "epoch": [str(1_764_000_000_000 + 7 * n) for n in range(60)],
    "ticket": [str(2_201_234_567_890 + n) for n in range(60)],
    "order": [f"114-{1234567 + n}-{7654321 - n}" for n in range(60)],
    "booking": [str(4_000_111_122_223_300 + n) for n in range(60)],
    "amount": [f"1.{250 + n}.000,00" for n in range(60)],
    "index": [f"{1_000_005 + n}.0" for n in range(60)],
    "lat": [f"52.52000{n:02}66{n:02}" for n in range(60)],
    "zip": [f"{62_704 + n}-1234" for n in range(60)],
    "day": [f"{1 + n % 28:02}.11.2026" for n in range(60)],
    "Loyalty Card": [str(6_004_000_000 + n) for n in range(60)],
    "phone_sha256": [f"{n:02}" * 32 for n in range(60)],
    "mobile_imei": [str(356_938_035_643_800 + n) for n in range(60)],
    "phone_added": [str(1_764_000_000 + n) for n in range(60)],
    "SIM card": [str(89_490_200_000_000_000_00 + n) for n in range(60)],
    "Account": [f"000{1_234_567 + n}" for n in range(60)],
    "Invoice": [f"100-200-{3_000 + n}" for n in range(60)],
    "stay": [f"{1 + n % 28:02}.06.24 - {2 + n % 27:02}.06.24" for n in range(60)],
    "visited": [f"2024/05/{1 + n % 28:02}" for n in range(60)],
    "誕生日": [f"19{40 + n}/12/31" for n in range(60)],
    "phone_id": [str(7_000_000 + n) for n in range(60)],
    "phone_verified_at": [str(1_764_000_000 + n) for n in range(60)],
    "mobile_app_version": [f"4.12.{1005 + n}" for n in range(60)],
    "card_masked": [f"424242******{n:04}" for n in range(60)],
    "note": ["order 12345678 shipped", "GB29 NWBK 6016 1331 9268 19", "two rooms"] * 20,
}


@pytest.mark.parametrize(
    "options", [(), *(("--region", region) for region in ("US", "GB", "DE", "JP", "DK"))]
)
@pytest.mark.parametrize("name", ORDINARY)
def test_no_ordinary_column_keeps_a_row_from_its_answer(
    screen: Screen, name: str, options: tuple[str, ...]
) -> None:
    lines = [f'+1202555{n:04},"{value}"' for n, value in enumerate(ORDINARY[name])]
    _, *rows = screen("\n".join([f"mobile,{name}", *lines, ""]).encode(), *options)
    assert {row[2] for row in rows} == {"no_match"}


def test_columns_of_numbers_that_are_not_screened_are_named(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source = tmp_path / "in.csv"
    source.write_text("email,Ref,n\na@x.example,442079460956,1\nb@x.example,442079460957,2\n")
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv")
    assert "numbers or addresses stand in them: Ref; name with --column what is a phone" in done.err
    assert "and what is screened already: --column 'email=email'" in done.err
    options: tuple[str, ...] = ("--overwrite", "--column", "Ref=phone")
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv", *options)
    assert "NOT screened, because --column names others: email (email)" in done.err
    options += ("--column", "email=email")
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv", *options)
    assert "NOT screened" not in done.err


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


NOTES = [
    "2024-01-15, called, no answer",
    "Springfield, 62704-1234",
    "stayed, 2019-2026",
    "total, 1.250.000",
    "jane@x.example, asked for a cot",
    "Jane, +12025550100",
]


@pytest.mark.parametrize("note", NOTES)
def test_a_note_of_several_lines_is_a_note(screen: Screen, note: str) -> None:
    _, row = screen(f'id,phone,note\n1,+12025550100,"arrived late\n{note}\ntwo beds"\n'.encode())
    assert row[3] == "no_match"


def test_two_stray_marks_do_not_make_two_rows_one(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source = tmp_path / "in.csv"
    source.write_text('id,name,phone\n1,"O\'Brien,+12025550142\n2,Smith",+12025550100\n')
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv")
    assert done.code == 2
    assert "in which rows seem to stand" in done.err


@pytest.mark.parametrize("inner", ["Ann,+12025550102", "Ann,2025550102", "Ann,a@x.example"])
def test_rows_within_a_cell_are_not_screened_as_one(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, inner: str
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f'name,phone\n"Bob,+12025550100\n{inner}\nScreen 24",+12025550101\n')
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv")
    assert done.code == 2
    assert "in which rows seem to stand: look for a quotation mark" in done.err


@pytest.mark.parametrize(
    ("cell", "region"),
    [
        *(("020 7946 0958", "GB"), ("020 7946 0958", None), ("2025550142", "US")),
        *(("+1 202 555 0142 / +1 202 555 0143", "US"), ("Jane <j.doe@x.example>", None)),
        *(("4242 4242 4242 4242 12/26", None), ("4.42079E+11", None)),
    ],
)
def test_a_first_line_of_values_is_no_header_and_is_not_shown(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, cell: str, region: str | None
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f"Jane,{cell},a\nJohn,020 7946 0959,b@x.example\n")
    options = ("--region", region) if region else ()
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv", *options)
    assert done.code == 2
    assert "the first line holds a selector; put a header above it" in done.err
    assert cell not in done.err


@pytest.mark.parametrize(
    "name",
    [
        *("2024-01-15", "31.12.2026", "1.250.000", "E-mail (@)", "2026", "Umsatz 2023/2024"),
        *("Saison 2023-2024", "20240131", "Q1 2024 / Q2 2024", "01.06.24-30.06.24"),
        *("Ort (PLZ 10115-14199)", "E-Mail (z.B. name@firma.example)", "2023-2024"),
    ],
)
def test_a_header_may_be_a_date_or_an_amount(screen: Screen, name: str) -> None:
    _, row = screen(f"email,{name}\na@x.example,3\n".encode(), "--region", "DE")
    assert row[2] == "no_match"


@pytest.mark.parametrize(
    "name", ["Member phone", "Gift recipient phone", "Phone on file", "전화번호"]
)
def test_a_column_that_its_name_calls_phones_is_screened(
    screen: Screen, list_selectors: List, name: str
) -> None:
    list_selectors(("phone", "+12025550143"))
    _, row = screen(f"n,{name},email\n1,2025550143,a@x.example\n".encode(), "--region", "US")
    assert row[3] == "match"


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
    ("name", "first", "region"),
    [("order", 2_025_550_140, "US"), ("geboren", 19_800_512, "DK"), ("pedido", 612_345_678, "ES")],
)
def test_bare_numbers_that_their_column_calls_ids_are_not_asked_about(
    screen: Screen, list_selectors: List, name: str, first: int, region: str
) -> None:
    list_selectors(*(("phone", normalise("phone", str(first + n), region=region).text)
        for n in range(10)))  # fmt: skip
    lines = [f"{first + n},a@x.example" for n in range(10)]
    _, *rows = screen("\n".join([f"{name},email", *lines, ""]).encode(), "--region", region)
    assert {row[2] for row in rows} == {"no_match"}


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


def test_numbers_that_are_none_of_a_phone_keep_no_row_from_its_answer(screen: Screen) -> None:
    _, *rows = screen(
        b"order,email\n" + b"".join(b"%d,a@x.example\n" % (202555 + n) for n in range(150)),
        "--region", "US",
    )  # fmt: skip
    assert {row[2] for row in rows} == {"no_match"}


def test_bars_separate_columns(screen: Screen, list_selectors: List) -> None:
    list_selectors(("phone", "+12025550100"))
    _, row = screen(b"id|phone|email\n1|+12025550100|a@x.example\n", delimiter="|")
    assert row[3:5] == ["match", "phone"]


@pytest.mark.parametrize("mark", ["^", "~", ":"])
def test_columns_separated_in_another_way_are_not_read_as_one(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, peer: Peer, mark: str
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f"id{mark}email\n1{mark}a@x.example\n")
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv")
    assert done.code == 2
    assert f"seems to separate its columns by {mark}; export it again" in done.err
    assert peer.total("/v1/bulk") == 0


def test_column_names_do_nothing_to_a_terminal_and_stay_short(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    names = ['"pho\nne"', "\x1b]0;title\a\u202ephone", "phone" + " x" * 5_000, "mail\x1b[2J"]
    source.write_text(f"{','.join(names)}\n5550100,+12025550100,,none\n")
    told = ["--column", "pho\nne=phone", "--column", f"{names[1]}=phone"]
    for options in ([], told):
        done = gen_screen("bulk", "--kit", kit_path, source, "-o", out, "--overwrite", *options)
        assert done.code == 2  # the one row lacks its region
        assert (done.out + done.err).replace("\n", "").isprintable()
        assert max(len(line) for line in (done.out + done.err).splitlines()) < 400
        header, row = parsed(out.read_bytes())
        assert header[0] == "pho\nne"
        assert row[5] == "pho ne: region_required"


def test_columns_can_be_told(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, list_selectors: List
) -> None:
    list_selectors(("email", "a@x.example"))
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("phone,who=what\n+12025550100,a@x.example\n")
    done = gen_screen("bulk", "--kit", kit_path, "--column", "who=what=email", source, "-o", out)
    assert "by: who=what (email)." in done.err
    assert parsed(out.read_bytes())[1][2:4] == ["match", "who=what"]


def test_duplicate_header_names_are_kept_and_both_screened(
    screen: Screen, list_selectors: List
) -> None:
    list_selectors(("phone", "+12025550100"))
    header, row = screen(b"phone,phone\n+12025550111,+12025550100\n")
    assert header == ["phone", "phone", *ADDED]
    assert row[2:4] == ["match", "phone"]


def test_files_are_private_and_the_receipts_hold_neither_value_nor_token(
    screen: Screen, tmp_path: Path, peer: Peer
) -> None:
    screen(b"phone,name\n+12025550100,Jane\n")
    out, receipts = tmp_path / "out.csv", tmp_path / "out.csv.receipts"
    for path in (out, receipts):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not (tmp_path / "out.csv.resume").exists()
    header, batch = map(json.loads, receipts.read_text().splitlines())
    assert (batch["cells"], batch["first_row"], len(batch["opening"])) == ("n", 0, 44)
    text = receipts.read_bytes()
    (token,) = peer.asked
    for absent in (b"5550100", b"Jane", token, token.hex().encode()):
        assert absent not in text
    assert header["key_id"] == "acme-2026a"
    assert {path.name for path in tmp_path.iterdir()} == {
        "acme.kit.json", "in.csv", "out.csv", "out.csv.receipts"
    }  # fmt: skip


def test_the_summary_counts_rows_and_says_what_to_do_about_each_reason(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, list_selectors: List
) -> None:
    list_selectors(("phone", "+12025550100"))
    source = tmp_path / "in.csv"
    source.write_text(
        "phone,mobile,email\n"
        "+12025550100,5550100,\n"  # a match: what else is in the row is no reason
        "+12025550111,,\n"
        "5550100,5550111,\n"  # one row, though two of its cells lack a country code
        "5550100,,jane@@\n"
        ",,jane@@x\n"
        ",,\n"
        ",+12025550111,,more\n"
    )
    options = [f"--column={name}" for name in ("phone=phone", "mobile=phone", "email=email")]
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv", *options)
    lines = [line.strip() for line in done.out.splitlines()]
    assert [line.split() for line in lines[:4]] == [
        ["7", "rows", "in", str(tmp_path / "out.csv")],
        ["match", "1"],
        ["no", "match", "1"],
        ["not", "screened", "5"],
    ]
    assert lines[4:8] == [
        f"2  region_required: {REJECTION_SENTENCES['region_required']}",
        f"2  not_an_email: {REJECTION_SENTENCES['not_an_email']}",
        f"1  empty: {cause_sentence('empty')}",
        f"1  ragged_row: {cause_sentence('ragged_row')}",
    ]
    assert "lead for human review" in done.out


@pytest.mark.parametrize("rows", [1, 2])
def test_a_file_of_which_nothing_could_be_screened_is_written_and_is_no_success(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, peer: Peer, rows: int
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("phone\n" + "202 555 0100\n" * rows)
    command = ["bulk", "--kit", kit_path, source, "-o", out]
    done = gen_screen(*command)
    assert done.code == 2
    assert done.out.startswith(f"1 row in {out}\n" if rows == 1 else f"2 rows in {out}\n")
    assert done.err.splitlines()[0].startswith(f"Screening {rows} row{'s' * (rows > 1)} by: ")
    assert done.err.splitlines()[-1].startswith("gen-screen: not one row could be screened; ")
    assert [row[1] for row in parsed(out.read_bytes())[1:]] == ["not_screened"] * rows
    assert (tmp_path / "out.csv.receipts").exists()
    assert gen_screen(*command, "--overwrite", "--region", "US").code == 0


def test_batches_in_any_size_give_the_same_file(
    screen: Screen, tmp_path: Path, peer: Peer, list_selectors: List
) -> None:
    list_selectors(*(("phone", f"+1202555{number:04}") for number in range(0, 90, 7)))
    content = "".join(
        f"{n},+1202555{n:04},{'' if n % 3 else f'u{n}@x.example'}\n" for n in range(90)
    )
    files = []
    for batch, in_flight in ((1, 1), (7, 16), (180, 4), (10_000, 1)):
        rows = screen(
            f"id,phone,email\n{content}".encode(),
            "--batch", str(batch), "--in-flight", str(in_flight),
        )  # fmt: skip
        assert peer.largest <= max(batch, 2)
        peer.largest = 0
        files.append([row[:-1] for row in rows])
        receipts = [row[-1] for row in rows[1:]]
        assert len(set(receipts)) == 90
        (tmp_path / "out.csv.receipts").unlink()
    assert files[0] == files[1] == files[2] == files[3]
    assert [row[3] for row in files[0][1:]] == [
        "no_match" if number % 7 else "match" for number in range(90)
    ]
    assert set(peer.asked.values()) == {4}


@pytest.mark.parametrize(
    "text",
    [
        "write to jane@booking.example at night",
        "Jane <jane@booking.example>, see file",
        "call +1 202 555 0100 at night",
        "paid with 4242 4242 4242 4242 twice",
        "+1 202 555 0100; +1 202 555 0101",
        "+1 202 555 0100 (2019)",
        "4242424242424242 12/27",
        "4242424242424242/123",
        "+49 (0)30 / 231 250 99 office",
        "+1\u2011202\u2011555\u20110100 office",
        "+1 202\u2013555\u20130100 office",
        "card 4242.4242.4242.4242 used",
        "card 4242\u20134242\u20134242\u20134242 used",
        "please call (202) 555-0100 instead",
        "(202) 555-0100 / (202) 555-0101",
        "2024-05-12: guest called from +1 202-555-0100",
        "05/12/2024 10:30 called from (202) 555-0100",
        "12.05.2024 jane@booking.example wrote",
        "2024-05-12 10:00 card 4242424242424242",
        "2025550100, 2025550101",
        "2025550100 x12",
        "call 1-202-555-0100",
        "https://wa.me/12025550100",
        "202\u2013555\u20130100",
        "\u200b(202) 555-0100",
    ],
)
@pytest.mark.parametrize("told", [[], ["--column", "email=email"]], ids=["found", "told"])
def test_a_column_with_a_selector_within_a_text_is_named_as_not_screened(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, text: str, told: list[str]
) -> None:
    source = tmp_path / "in.csv"
    lines = [f"u{number}@x.example,asked twice @home" for number in range(300)]
    lines[250] = f'u250@x.example,"{text}"'
    source.write_text("\n".join(["email,Notes", *lines, ""]))
    command = ("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv", "--region", "US")
    done = gen_screen(*command, *told)
    assert "Not screened, though numbers or addresses stand in them: Notes;" in done.err
    lines[250] = "u250@x.example,on 2023-10-12 14:00:05 paid 1 of 2"
    lines[251] = 'u251@x.example,"1,234,567.89"'
    lines[252] = "u252@x.example,2023-10-12 14:00:05"
    lines[253] = "u253@x.example,ORD-2023123456"
    source.write_text("\n".join(["email,Notes", *lines, ""]))
    done = gen_screen(*command, *told, "--overwrite")
    assert "Notes" not in done.err


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


def test_what_a_database_writes_for_nothing_is_nothing(
    screen: Screen, list_selectors: List
) -> None:
    list_selectors(("phone", "+12025550100"))
    nothing = ["NULL", "\\N", "N/A", "n/a", "-", "NaN", "None", ""]
    lines = [f"+12025550101,{cell}" for cell in nothing] + [
        f"{cell},a@x.example" for cell in nothing
    ]
    _, *rows = screen("\n".join(["phone,email", *lines, "+12025550100,NULL", ""]).encode())
    assert [row[2] for row in rows] == ["no_match"] * 2 * len(nothing) + ["match"]


@pytest.mark.parametrize("first", ["612345678", "20123456", "2025550100"])
def test_a_number_in_the_first_line_is_no_name_of_a_column(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, first: str
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f"Ana,{first}\nEva,+34612345679\n")
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv")
    assert done.code == 2
    assert "the first line holds a selector; put a header above it" in done.err

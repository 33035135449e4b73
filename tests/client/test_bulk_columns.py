"""Which columns of a file are asked about, and what is told of the others."""

from pathlib import Path

import pytest

from screening.vocabulary.normalise import normalise
from tests.client.conftest import ADDED, GenScreen, List, Screen, parsed
from tests.harness.slow import slow_but_first


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
@pytest.mark.slow
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
@pytest.mark.slow
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
    assert "and what is screened already: --column email=email" in done.err
    options: tuple[str, ...] = ("--overwrite", "--column", "Ref=phone")
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv", *options)
    assert "NOT screened, because --column names others: email (email)" in done.err
    options += ("--column", "email=email")
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv", *options)
    assert "NOT screened" not in done.err


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
    assert f"the first row of {source} holds a selector; put a header above it" in done.err
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


def test_a_column_that_is_told_twice_is_refused_and_one_kind_finds_all(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, list_selectors: List
) -> None:
    list_selectors(("email", "a@x.example"))
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("contact\n+12025550100\na@x.example\n")
    command = ("bulk", "--kit", kit_path, source, "-o", out, "--column", "contact=phone")
    done = gen_screen(*command, "--column", "contact=email")
    assert done.code == 2
    assert "give it one kind: what is of another kind in it is asked about as that" in done.err
    assert gen_screen(*command).code == 0
    assert [row[1] for row in parsed(out.read_bytes())] == ["result", "no_match", "match"]


def test_duplicate_header_names_are_kept_and_both_screened(
    screen: Screen, list_selectors: List
) -> None:
    list_selectors(("phone", "+12025550100"))
    header, row = screen(b"phone,phone\n+12025550111,+12025550100\n")
    assert header == ["phone", "phone", *ADDED]
    assert row[2:4] == ["match", "phone"]


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
        "202\u00b7555\u00b70100",
    ],
)
@slow_but_first(1, "told", [[], ["--column", "email=email"]], ids=["found", "told"])
def test_a_column_with_a_selector_within_a_text_is_named_as_not_screened(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, text: str, told: list[str]
) -> None:
    source = tmp_path / "in.csv"
    lines = [f"u{number}@x.example,asked twice @home" for number in range(150)]
    lines[130] = f'u130@x.example,"{text}"'
    source.write_text("\n".join(["email,Notes", *lines, ""]))
    command = ("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv", "--region", "US")
    done = gen_screen(*command, *told)
    assert "Not screened, though numbers or addresses stand in them: Notes;" in done.err
    lines[130] = "u130@x.example,on 2023-10-12 14:00:05 paid 1 of 2"
    lines[131] = 'u131@x.example,"1,234,567.89"'
    lines[132] = "u132@x.example,2023-10-12 14:00:05"
    lines[133] = "u133@x.example,ORD-2023123456"
    source.write_text("\n".join(["email,Notes", *lines, ""]))
    done = gen_screen(*command, *told, "--overwrite")
    assert "Notes" not in done.err


@pytest.mark.parametrize(
    "first",
    [
        "612345678", "20123456", "2025550100", "202\u2011555\u20110142", "wa.me/12025550142",
        "Tel 2025550142", "\u20ac2025550142",
    ],
)  # fmt: skip
def test_a_number_in_the_first_line_is_no_name_of_a_column(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, first: str
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f"Ana,{first}\nEva,+34612345679\n")
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv")
    assert done.code == 2
    assert f"the first row of {source} holds a selector; put a header above it" in done.err

"""`--region-column`: each row says the country of its phones. `--booking-region` is another."""

from pathlib import Path

import pytest

from tests.client.booking_regions import booking_regions_of
from tests.client.conftest import GenScreen, List, Screen
from tests.client.peer import Peer

CONTENT = (
    b"phone,country\n"
    b"202 555 0100,US\n"
    b"020 7946 0958, gb \n"
    b"020 7946 0958,\n"
    b"020 7946 0958,United Kingdom\n"
    b"+1 202 555 0100,UK\n"
    b"202 555 0100,GB\n"
)


def test_phones_are_completed_by_the_country_of_their_row(
    screen: Screen, list_selectors: List
) -> None:
    list_selectors(("phone", "+12025550100"), ("phone", "+442079460958"))
    _, *rows = screen(CONTENT, "--region-column", "country", "--region", "GB")
    assert [row[2:4] for row in rows] == [
        ["match", "phone"],
        ["match", "phone"],
        ["match", "phone"],
        ["not_screened", "phone: unknown_region"],
        ["match", "phone"],  # a number with its country code needs no other
        ["no_match", ""],
    ]


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("GBR", ["match", "phone"]),
        (" gbr ", ["match", "phone"]),
        ("+44", ["match", "phone"]),
        ("USA", ["not_screened", "phone: impossible_length"]),
        ("", ["match", "phone"]),
        (" \u00a0", ["match", "phone"]),
        ("n/a", ["match", "phone"]),
        ("GBX", ["not_screened", "phone: unknown_region"]),
        ("United Kingdom", ["not_screened", "phone: unknown_region"]),
        ("GBR, Wales", ["not_screened", "phone: unknown_region"]),
    ],
)
def test_a_country_is_read_by_its_code_alone_and_a_blank_cell_is_of_the_default(
    screen: Screen, list_selectors: List, cell: str, told: list[str]
) -> None:
    list_selectors(("phone", "+442079460958"))
    content = f'phone,country\n020 7946 0958,"{cell}"\n'.encode()
    row = screen(content, "--region-column", "country", "--region", "GB")[1]
    assert row[2:4] == told


def test_a_column_of_codes_of_three_letters_need_only_be_named(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(b"phone,Land\n020 7946 0958,GBR\n(030) 23125 099,DEU\n")
    done = gen_screen(
        "bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv", "--region", "GB"
    )
    assert done.code == 2
    assert "looks like countries, 'Land': add --region-column 'Land'" in done.err


def test_an_empty_cell_without_a_default_is_a_missing_region(screen: Screen) -> None:
    rows = screen(CONTENT, "--region-column", "country")
    assert rows[3][2:4] == ["not_screened", "phone: region_required"]


def test_a_column_of_countries_that_was_not_named_is_named_where_phones_lack_one(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(b"phone,Land\n202 555 0100,US\n020 7946 0958,GB\n+12025550100,US\n")
    command = ["bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv"]
    hint = "Column 'Land' looks like countries: try --region-column 'Land'."
    assert hint in gen_screen(*command).out.splitlines()
    told = gen_screen(*command, "--overwrite", "--region-column", "Land").out
    assert "looks like countries" not in told


def test_columns_are_detected_with_the_regions_of_their_rows(screen: Screen) -> None:
    # Each is a phone in its own country alone: no default could make the column one.
    _, *rows = screen(
        b"phone,cc\n(020)7946 0958 ext 1,GB\n(202)5550100 ext 1,US\n", "--region-column", "cc"
    )
    assert [row[2] for row in rows] == ["no_match", "no_match"]


@pytest.mark.parametrize(
    "change", [["--region-column", "phone"], []], ids=["another column", "none"]
)
def test_another_region_column_is_another_question(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, change: list[str]
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(CONTENT)
    command = ["bulk", "--kit", kit_path, source, "-o", out]
    assert gen_screen(*command, "--region-column", "country").code == 0
    out.unlink()
    (tmp_path / "out.csv.receipts").rename(tmp_path / "out.csv.resume")
    done = gen_screen(*command, *change)
    assert done.code == 2
    assert "other columns, region or kit" in done.err
    assert gen_screen(*command, "--region-column", "country").code == 0


def test_a_record_of_a_version_without_region_columns_is_taken(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(CONTENT)
    command = ["bulk", "--kit", kit_path, source, "-o", out]
    assert gen_screen(*command).code == 0
    out.unlink()
    record = (tmp_path / "out.csv.receipts").read_bytes()
    (tmp_path / "out.csv.receipts").unlink()
    resume = tmp_path / "out.csv.resume"
    resume.touch(0o600)
    resume.write_bytes(record.replace(b',"region_column":null', b""))
    assert gen_screen(*command).code == 0


NATIONAL = "0612345678"
CODES = {"FR", "FRA", "US", "33", "+33", "+1"}  # as a cell may be
CODES |= {"33.0", "33-", "00 33", '"=""33"""', "\uff0b33", "(33)"}
NOTHING = {"NULL", "n/a", "-"}


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("phone,Country", f"{NATIONAL},FR\n2025550100,US\n"),
        ("phone,Land", f"{NATIONAL},Frankreich\n"),
        ("phone,countryCode", "2025550100,US\n"),
        ("phone,Billing Country", f"{NATIONAL},France\n"),
        ("phone,Country of residence", f"{NATIONAL},France\n"),
        ("phone,shipping_country", f"{NATIONAL},FRA\n"),
        ("phone,Land des Gastes", f"{NATIONAL},Frankreich\n"),
        ("phone,cc2", f"{NATIONAL},FR\n2025550100,US\n"),  # called something, and of codes alone
        ("phone,Region", f"{NATIONAL},FR\n"),
        ("phone,where", f"{NATIONAL},FR\n{NATIONAL},FR\n{NATIONAL},FR\n{NATIONAL},here\n"),
        ("phone,dial_code", f"{NATIONAL},+33\n"),
        ("phone,cc", f"{NATIONAL},33\n"),
        ("phone,net", f"{NATIONAL},+33\n2025550100,+1\n"),
        ("phone,net", f"{NATIONAL},+33 (FR)\n2025550100,US +1\n"),
        ("phone,Calling code", f"{NATIONAL},33\n"),
        ("phone,Phone code", f"{NATIONAL},33\n"),
        ("phone,Code", f"{NATIONAL},33\n"),
        ("phone,Intl", f"{NATIONAL},33\n"),
        ("phone,Dialling code", f"{NATIONAL},+33 (FR)\n"),
        ("phone,network", f"{NATIONAL},FR +33\n"),
        ("phone,Location", f"{NATIONAL},France\n2025550100,United States\n"),
        ("phone,Market", f"{NATIONAL},Frankreich\n"),
        ("phone,Based in", f"{NATIONAL},FRA\n"),
        ("phone,LKZ", f"{NATIONAL},D\n"),
        ("phone,banner", f"{NATIONAL},\U0001f1eb\U0001f1f7\n"),
        ("phone,ctry", f"{NATIONAL},FR\n{NATIONAL},NULL\n{NATIONAL},n/a\n"),
        ("phone,Dialcode", f"{NATIONAL},+33\n{NATIONAL},NULL\n{NATIONAL},-\n"),
        ("phone,phonecc", f"{NATIONAL},33\n"),
        *(
            ("phone,dial", f"{NATIONAL},{code}\n")
            for code in ("33.0", "33-", "00 33", '"=""33"""', "\uff0b33", "(33)", "FR (33)")
        ),
        *(
            (f"phone,{name}", f"{NATIONAL},33\n")
            for name in ("\u56fd\u756a\u53f7", "\u56fd\u5bb6\u4ee3\u7801", "landsnummer", "LDW")
        ),
    ],
)
@pytest.mark.parametrize("told", [[], ["--column", "phone=phone"]], ids=["found", "told"])
def test_a_region_for_all_is_refused_beside_a_column_of_countries_that_nobody_asks(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, header: str, rows: str, told: list[str]
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(f"{header}\n{rows}")
    command = ["bulk", "--kit", kit_path, source, "-o", out, *told]
    done = gen_screen(*command, "--region", "US")
    column = header.partition(",")[2]
    assert done.code == 2
    said = [row.partition(",")[2] for row in rows.splitlines()]
    is_coded = all(cell in CODES or cell in NOTHING for cell in said)
    advice = "" if is_coded or header == "phone,where" else "write codes in it, as FR or +33, and "
    assert f"'{column}': {advice}add --region-column '{column}', or --no-region-col" in done.err
    assert not out.exists()
    assert gen_screen(*command, "--region", "US", "--no-region-column").code in (0, 2)


@pytest.mark.parametrize("code", ["+44", "44", "0044", "+ 44", "44.0", "(44)", "\uff0b44"])
def test_a_row_may_name_its_country_by_the_dialling_code(
    screen: Screen, list_selectors: List, code: str
) -> None:
    list_selectors(("phone", "+442079460958"))
    content = f"phone,dial\n020 7946 0958,{code}\n2079460958,{code}\n020 7946 0958,+999\n"
    _, *rows = screen(content.encode(), "--region-column", "dial")
    assert [row[2] for row in rows] == ["match", "match", "not_screened"]


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("phone,Region", "2025550100,Midwest\n"),
        ("phone,Shipping State", "2025550100,IN\n"),
        ("phone,Language", "2025550100,FR\n"),
        ("phone,Paid", "2025550100,NO\n"),
        ("phone,Subscribed", "2025550100,NO\n2025550100,SI\n"),
        ("phone,Title", "2025550100,Mr\n2025550100,Ms\n"),
        ("phone,Note", "2025550100,\n"),
        ("phone,Visits", "2025550100,44\n"),
        *(("phone,Area", "2025550100,45\n"), ("phone,Std", "2025550100,1\n")),
        ("phone,Code", "2025550100,33\n2025550100,999\n"),  # some are no country's
        ("phone,Phone ext", "2025550100,20\n2025550100,31\n2025550100,44\n"),
        ("phone,Time zone offset", "2025550100,UTC +1\n"),
        ("phone,Guests", "2025550100,me +1 and three dogs of 2025550101\n"),
        ("phone,Card Type", "2025550100,AX\n2025550100,MC\n"),
        ("phone,Full name", "2025550100,Israel\n"),
        ("phone,Town", "2025550100,Lebanon PA\n2025550100,Paris\n"),
    ],
)
def test_what_is_no_column_of_countries_refuses_nothing(
    screen: Screen, list_selectors: List, header: str, rows: str
) -> None:
    list_selectors(("phone", "+12025550100"))
    _, *found = screen(f"{header}\n{rows}".encode(), "--region", "US")
    assert {row[2] for row in found} == {"match"}


@pytest.mark.parametrize("code", ["UK", "uk", "GB"])
def test_great_britain_may_be_called_uk(screen: Screen, list_selectors: List, code: str) -> None:
    list_selectors(("phone", "+442079460958"))
    _, row = screen(f"phone,country\n020 7946 0958,{code}\n".encode(), "--region-column", "country")
    assert row[2] == "match"


@pytest.mark.parametrize(
    ("header", "named"),
    [("Country,Dial code", "Dial code"), ("Phone country,Dial code", "Phone country")],
)
def test_of_two_columns_of_countries_the_one_that_tells_more_of_the_phones_is_named(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, header: str, named: str
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(f"phone,{header}\n{NATIONAL},FR,+33\n")
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", out, "--region", "US")
    assert done.code == 2
    assert f"looks like countries, '{named}': add --region-column '{named}'" in done.err


@pytest.mark.parametrize("nothing", ["NULL", "n/a", "-", "None"])
def test_a_cell_that_says_nothing_leaves_the_region_of_all(screen: Screen, nothing: str) -> None:
    content = f"phone,country\n020 7946 0958,{nothing}\n020 7946 0958,NA\n".encode()
    _, *rows = screen(content, "--region-column", "country", "--region", "GB")
    assert [row[2] for row in rows] == ["no_match", "not_screened"]  # NA is Namibia


TWO_COUNTRIES = "billing phone,billing country,shipping phone,{}\n030 23125000,DE,{},{}\n"


@pytest.mark.parametrize("second", ["shipping country", "country 2", "region 2"])
@pytest.mark.parametrize("code", ["GB", "gb", "UK"])
def test_phones_with_countries_of_their_own_are_not_completed_by_others(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, second: str, code: str
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(TWO_COUNTRIES.format(second, "020 7946 0958", code))
    command = ("bulk", "--kit", kit_path, source, "-o", out, "--region-column")
    done = gen_screen(*command, "billing country")
    assert done.code == 2
    assert f"a second one that looks like countries, '{second}': screen the phones" in done.err
    assert gen_screen(*command, "billing country", "--region-column", second).code == 2
    assert not out.exists()
    assert gen_screen(*command, second, "--column", "shipping phone=phone").code == 0


@pytest.mark.parametrize("code", ["de", "DEU"])
def test_a_second_column_of_the_same_countries_is_no_doubt(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, code: str
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(TWO_COUNTRIES.format("country 2", "030 23125001", code))
    told = ("--region-column", "billing country")
    assert gen_screen("bulk", "--kit", kit_path, source, "-o", out, *told).code == 0


def test_the_country_of_the_bookings_is_sent_with_each_request(screen: Screen, peer: Peer) -> None:
    told = booking_regions_of(peer)
    screen(b"phone\n+12025550100\n+12025550111\n", "--batch", "1", "--booking-region", "DE")
    assert told == ["DE", "DE"]

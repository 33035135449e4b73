"""`--region-column`: each row says the country of its phones."""

from pathlib import Path

import pytest

from tests.client.conftest import GenScreen, List, Screen

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


def test_an_empty_cell_without_a_default_is_a_missing_region(screen: Screen) -> None:
    rows = screen(CONTENT, "--region-column", "country")
    assert rows[3][2:4] == ["not_screened", "phone: region_required"]


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


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("phone,Country", "0612345678,FR\n2025550100,US\n"),
        ("phone,Land", "0612345678,Frankreich\n"),
        ("phone,countryCode", "2025550100,US\n"),
        ("phone,cc2", "0612345678,FR\n2025550100,US\n"),  # called something, and of codes alone
        ("phone,Region", "0612345678,FR\n"),
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
    assert f"add --region-column '{column}', or --no-region-column" in done.err
    assert not out.exists()
    assert gen_screen(*command, "--region", "US", "--no-region-column").code == 0
    assert gen_screen(*command, "--region-column", column, "--overwrite").code in (0, 2)


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("phone,Region", "2025550100,Midwest\n"),
        ("phone,State", "2025550100,IN\n"),
        ("phone,Language", "2025550100,FR\n"),
        ("phone,Paid", "2025550100,NO\n"),
        ("phone,Note", "2025550100,\n"),
    ],
)
def test_what_is_no_column_of_countries_refuses_nothing(
    screen: Screen, list_selectors: List, header: str, rows: str
) -> None:
    list_selectors(("phone", "+12025550100"))
    _, row = screen(f"{header}\n{rows}".encode(), "--region", "US")
    assert row[2] == "match"

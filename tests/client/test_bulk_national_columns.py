"""Columns of national phones whose headings do not say so: none of their cells is passed over."""

from pathlib import Path

import pytest

from tests.client.conftest import GenScreen, Screen, parsed


@pytest.mark.parametrize("name", ["Fax", "Alternate No", "Contact 2", "x"])
@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("(202) 555-01", "impossible_length"),
        ("call reception", "not_a_phone"),
        ("202 555 0100, 555 0101", "several_values"),
    ],
)
def test_a_column_of_national_phones_is_one_of_phones_though_its_name_does_not_say_so(
    screen: Screen, name: str, cell: str, reason: str
) -> None:
    phones = "".join(f"Guest,(202) 555-01{n:02}\n" for n in range(19))
    *_, last = screen(f'guest,{name}\n{phones}Guest,"{cell}"\n'.encode(), "--region", "US")
    assert last[2:4] == ["not_screened", f"{name}: {reason}"]


MIXED = [*(f"(202) 555-01{n:02}" for n in range(4)), *(f"20255501{n:02}" for n in range(4, 12))]


@pytest.mark.parametrize("beside", ["phone,+12025550199", "email,a@x.example"])
@pytest.mark.parametrize("name", ["Contact 2", "x"])
def test_digits_alone_are_phones_in_a_column_where_some_are_written_as_such(
    screen: Screen, name: str, beside: str
) -> None:
    heading, _, value = beside.partition(",")
    lines = [f"{value},{cell}" for cell in (*MIXED, "(202) 555-01", "call reception")]
    _, *rows = screen("\n".join([f"{heading},{name}", *lines, ""]).encode(), "--region", "US")
    assert {row[2] for row in rows[: len(MIXED)]} == {"no_match"}
    assert [row[2:4] for row in rows[len(MIXED) :]] == [
        ["not_screened", f"{name}: impossible_length"],
        ["not_screened", f"{name}: not_a_phone"],
    ]


@pytest.mark.parametrize("name", ["Contact 2", "x"])
def test_national_phones_beside_a_column_of_phones_are_never_a_no_without_a_region(
    screen: Screen, name: str
) -> None:
    lines = [f"+12025550199,{cell}" for cell in MIXED]
    _, *rows = screen("\n".join([f"phone,{name}", *lines, ""]).encode())
    assert [row[2:4] for row in rows] == [
        ["not_screened", f"{name}: region_required"] for _ in MIXED
    ]


def test_one_national_phone_in_a_column_of_words_keeps_no_row_from_its_answer_and_is_told(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    cells = ("desk", "desk", "desk", "(202) 555-0100")
    source.write_text("phone,x\n" + "".join(f"+12025550199,{cell}\n" for cell in cells))
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", out)
    assert done.code == 0
    assert [row[2] for row in parsed(out.read_bytes())[1:]] == ["no_match"] * 4
    assert "Not screened, though numbers or addresses stand in them: x; " in done.err


@pytest.mark.parametrize("region", [(), ("--region", "US")])
def test_ids_beside_phones_keep_no_row_from_its_answer_whatever_one_is_like(
    screen: Screen, region: tuple[str, ...]
) -> None:
    lines = [f"+12025550199,{cell}" for cell in (*MIXED, "20255501")]
    _, *rows = screen("\n".join(["phone,Guest ID", *lines, ""]).encode(), *region)
    assert {row[2] for row in rows} == {"no_match"}

"""What `gen-screen bulk` says so that the next run is the one that was meant."""

import shlex
from pathlib import Path

import pytest

from tests.client.conftest import GenScreen, List, Outcome, Screen, parsed

ADDRESSES = "(addresses in a column of phones are screened, too)"


def screened(gen_screen: GenScreen, kit_path: Path, folder: Path, text: str, *told: str) -> Outcome:
    source = folder / "in.csv"
    source.write_text(text)
    return gen_screen("bulk", "--kit", kit_path, source, "-o", folder / "out.csv", *told)


def test_added_columns_that_have_a_number_are_named(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    again = "ref,phone,result,reason,receipt\n1,+12025550142,ok,a,b\n"
    done = screened(gen_screen, kit_path, tmp_path, again)
    (said,) = (line for line in done.out.splitlines() if "_2" in line)
    assert "are in the columns result_2, reason_2, receipt_2:" in said
    header = parsed((tmp_path / "out.csv").read_bytes())[0]
    assert header[5:] == ["result_2", "reason_2", "receipt_2"]


def test_added_columns_of_the_usual_names_are_not_named(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    done = screened(gen_screen, kit_path, tmp_path, "phone\n+12025550142\n")
    assert "are in the columns" not in done.out


def test_a_hint_that_names_a_mixed_column_says_that_its_addresses_are_screened(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    mixed = "Contact,Notes\n+12025550142,call +12025550142 today\njane@x.example,\n"
    done = screened(gen_screen, kit_path, tmp_path, mixed)
    assert f"--column Contact=phone {ADDRESSES}." in done.err


def test_a_hint_without_a_column_of_phones_does_not(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    noted = "email,Notes\njane@x.example,call +12025550142 today\n"
    done = screened(gen_screen, kit_path, tmp_path, noted)
    assert "--column email=email." in done.err
    assert ADDRESSES not in done.err


@pytest.mark.parametrize("kind", ["phone", "email", "card"])
def test_a_cell_of_another_kind_than_its_column_is_asked_about_as_what_it_is(
    screen: Screen, list_selectors: List, kind: str
) -> None:
    values = ["+12025550142", "jane@x.example", "4111111111111111"]
    list_selectors(*zip(["phone", "email", "card"], values, strict=True))
    content = "\n".join(["Contact", *values, ""]).encode()
    _, *rows = screen(content, "--column", f"Contact={kind}")
    assert [row[1] for row in rows] == ["match"] * 3


def test_numbers_without_a_country_are_told_that_their_column_may_need_a_name(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    bare = "ref,Contact\n1,2025550142\n2,2025550143\n"
    done = screened(gen_screen, kit_path, tmp_path, bare)
    (said,) = (line for line in done.out.splitlines() if "region_required" in line)
    assert "name it with --column" in said
    told = ("--overwrite", "--region", "US", "--column", "Contact=phone")
    assert screened(gen_screen, kit_path, tmp_path, bare, *told).code == 0


@pytest.mark.parametrize("name", ["Client's phone", "", "The phone of a relative, who " + "m" * 99])
def test_a_hint_can_be_followed_as_it_is_written(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, name: str
) -> None:
    content = f'"{name}",Notes\n+12025550142,call +12025550143 today\n'
    done = screened(gen_screen, kit_path, tmp_path, content)
    (said,) = (line for line in done.err.splitlines() if "already: " in line)
    _, option, told = shlex.split(said[said.index("already: ") :])[:3]
    assert option == "--column"
    followed = (kit_path, tmp_path / "in.csv", "-o", tmp_path / "again.csv", option, told)
    assert gen_screen("bulk", "--kit", *followed).code == 0


@pytest.mark.parametrize("option", ["--column", "--region-column"])
def test_a_name_that_no_column_has_is_not_repeated(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, option: str
) -> None:
    (tmp_path / "in.csv").write_text("phone\n+12025550142\n")
    value = "jane@x.example" + "=email" * (option == "--column")
    command = (kit_path, tmp_path / "in.csv", "-o", tmp_path / "out.csv", option, value)
    done = gen_screen("bulk", "--kit", *command)
    assert (done.code, "jane" in done.err) == (2, False)
    told = f"no column has the name given by {option}; the first line of IN has 1 column: write"
    assert told in done.err


def test_a_name_may_be_given_in_other_capitals_where_no_column_has_it_as_written(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    content = "Mobile,Country,country\n(202) 555-0142,GB,US\n020 7946 0958,US,GB\n"
    told = ("--column", "mobile=phone", "--region-column", "country")
    done = screened(gen_screen, kit_path, tmp_path, content, *told)
    assert (done.code, "no match               2" in done.out) == (0, True)
    assert "by: Mobile (phone)." in done.err
    one = content.replace(",Country,country", ",x,COUNTRY")
    done = screened(gen_screen, kit_path, tmp_path, one, "--overwrite", *told)
    assert (done.code, "no match               2" in done.out) == (0, True)
    two = ("--overwrite", *told[:-1], "COUNTRY")
    done = screened(gen_screen, kit_path, tmp_path, content, *two)
    assert (done.code, "more than one column has the name given by --region" in done.err) == (
        2,
        True,
    )


@pytest.mark.parametrize(
    "text", ["my number is 2025550142", "call 442079460958", "CTCM BA HK1/12025550142"]
)
def test_a_column_of_texts_is_named_for_digits_that_may_be_a_phone(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, text: str
) -> None:
    rows = "".join(f"{n},+1202555010{n % 10},see you at 10\n" for n in range(29))
    content = f"id,phone,message\n{rows}29,+12025550142,{text}\n"
    done = screened(gen_screen, kit_path, tmp_path, content, "--no-region-column")
    assert any("message" in line for line in done.err.splitlines())


def test_references_that_letters_name_are_named_as_no_numbers(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    rows = "".join(f"BK-2026-0000{n},+1202555010{n}\n" for n in range(9))
    done = screened(gen_screen, kit_path, tmp_path, f"Booking ref,phone\n{rows}")
    assert "Booking ref" not in done.err

"""Columns of area codes: they refuse a file in which phones may lack them, and no other."""

from pathlib import Path

import pytest

from tests.client.conftest import GenScreen, List, Screen

WHOLE = "+1 202-555-0143,10\n+44 20 7946 0958,11\n"


@pytest.mark.parametrize("options", [["--region", "DE"], ["--region", "US"]])
@pytest.mark.parametrize("name", ["City code", "Area code", "Vorwahl"])
def test_codes_beside_international_phones_concern_nothing(
    screen: Screen, list_selectors: List, name: str, options: list[str]
) -> None:
    list_selectors(("phone", "+442079460958"))
    _, *rows = screen(f"Phone,{name}\n{WHOLE}".encode(), *options)
    assert [row[2] for row in rows] == ["no_match", "match"]


def test_an_area_code_that_stands_in_the_phone_too_concerns_nothing(
    screen: Screen, list_selectors: List
) -> None:
    list_selectors(("phone", "+442079460958"))
    content = b"Phone,Area code\n+44 20 7946 0958,020\n+49 30 23125099,030\n"
    _, *rows = screen(content, "--region", "DE")
    assert [row[2] for row in rows] == ["match", "no_match"]


@pytest.mark.parametrize(
    ("phone", "code", "region"),
    [
        ("23125099", "030", "DE"),
        ("20 7946 0958", "11", "GB"),
        ("(202) 555-0143", "10", "US"),
        ("555-0143", "202", "US"),  # of which no country is asked
        ("+49 23125099", "030", "DE"),  # a number of another town, as it stands
        ("+49 23125099", "30.0", "DE"),
    ],
)
@pytest.mark.parametrize("told", [[], ["--column", "Phone=phone"]])
def test_one_phone_that_may_lack_its_code_refuses_a_file_of_whole_ones(
    gen_screen: GenScreen,
    kit_path: Path,
    tmp_path: Path,
    phone: str,
    code: str,
    region: str,
    told: list[str],
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(f"Phone,City code\n{WHOLE * 100}{phone},{code}\n")
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", out, "--region", region, *told)
    assert done.code == 2
    assert "looks like area codes, 'City code': put them before the numbers" in done.err
    assert not out.exists()


def test_cards_and_addresses_beside_whole_phones_lack_no_code(
    screen: Screen, list_selectors: List
) -> None:
    list_selectors(("card", "4242424242424242"))
    content = (
        "Phone,City code,Card,E-mail\n+1 202-555-0143,10,4242424242424242,jane@mail.example\n"
        ",10,378282246310005,joe@mail.example\njane@mail.example,11,,\n"
    )
    _, *rows = screen(content.encode(), "--region", "DE")
    assert [row[4] for row in rows] == ["match", "no_match", "no_match"]

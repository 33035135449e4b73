"""Phones that lack their country are told before anything is asked, which costs of the day."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.client import peer as behave
from tests.client.conftest import GenScreen
from tests.client.peer import Peer

LACKING = "Mobile,Country\n+12025550142,US\n(202) 555-0143,US\n020 7946 0958,GB\n"
Told = Callable[..., list[str]]


@pytest.fixture
def told(gen_screen: GenScreen, kit_path: Path, tmp_path: Path, peer: Peer) -> Told:
    """Return what is said of lacking countries before the first request, which is refused."""
    peer.always = behave.problem(401, "unauthenticated")

    def run(content: str, *options: str) -> list[str]:
        source = tmp_path / "in.csv"
        source.write_text(content)
        done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv", *options)
        assert done.code == 77
        said, _, _ = done.err.partition("Stopped; ")
        return [line for line in said.splitlines() if "without the code of a country" in line]

    return run


def test_they_are_counted_and_a_column_that_looks_like_countries_is_named(told: Told) -> None:
    (said,) = told(LACKING)
    assert "2 of the first 3 in Mobile; rows with one are not screened unless --region or" in said
    assert said.endswith("Column 'Country' looks like countries: try --region-column 'Country'.")


def test_where_no_column_tells_it_none_is_named(told: Told) -> None:
    (said,) = told(LACKING.replace(",Country", ",n").replace(",US", ",1").replace(",GB", ",2"))
    assert said.endswith("so stop this where one can.")


@pytest.mark.parametrize(
    "options",
    [["--region-column", "Country"], ["--region", "US", "--no-region-column"]],
    ids=["of its own row", "of all"],
)
def test_where_their_country_is_given_nothing_is_said(told: Told, options: list[str]) -> None:
    assert told(LACKING, *options) == []


def test_a_blank_cell_of_the_column_of_countries_lacks_it_too(told: Told) -> None:
    (said,) = told(LACKING.replace(",GB", ","), "--region-column", "Country")
    assert "1 of the first 3 in Mobile" in said
    assert "looks like" not in said


def test_whole_phones_lack_nothing(told: Told) -> None:
    assert told("phone,email\n+12025550142,jane@booking.test\n") == []

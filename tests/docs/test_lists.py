"""`docs/lists.md`: its example prints what the page shows, and its tables leave nothing out."""

import re
from typing import Final

import pytest

from indexer.settings import IndexerSettings
from screening.importers.csv_header import OPTIONAL_COLUMNS, REQUIRED_COLUMNS
from screening.importers.entry import IMPORT_SENTENCES, PUBLISHED_ROLES, Role
from tests.docs.session import ROOT, blocks_of, cells_of_table, is_shown, printed_by_each

PAGE: Final = ROOT / "docs/lists.md"
BLOCKS: Final = blocks_of(PAGE)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Run the example once, from an empty folder."""
    return printed_by_each(BLOCKS, tmp_path_factory.mktemp("lists"))


@pytest.mark.parametrize("number", range(len(BLOCKS)))
@pytest.mark.slow
def test_each_command_prints_what_the_page_shows(printed: list[str], number: int) -> None:
    assert is_shown(BLOCKS[number].shown or "", printed[number]), printed[number]


def test_the_table_of_codes_has_every_code_once() -> None:
    codes = [row[0].strip("`") for row in cells_of_table(PAGE, "code")]
    assert sorted(codes) == sorted(IMPORT_SENTENCES)


def test_the_table_says_of_an_unknown_role_what_the_command_says() -> None:
    (meaning,) = (row[1] for row in cells_of_table(PAGE, "code") if row[0] == "`unknown_role`")
    assert meaning == IMPORT_SENTENCES["unknown_role"]
    assert "--role" in meaning


def test_the_decisions_that_the_page_names_are_there() -> None:
    named = re.findall(r"\[decision (\d+)\]\((decisions/0*(\d+)-[^)]+)\)", PAGE.read_text())
    assert named
    assert all(number == own for number, _, own in named)
    assert all((PAGE.parent / path).is_file() for _, path, _ in named)


def test_the_table_of_columns_has_every_column_once() -> None:
    columns = [row[0].strip("`") for row in cells_of_table(PAGE, "column")]
    assert columns == [*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS]


def test_the_table_of_roles_says_which_are_published() -> None:
    rows = {row[0].strip("`"): row[2] for row in cells_of_table(PAGE, "role")}
    assert list(rows) == list(Role)
    assert [role for role, published in rows.items() if published == "yes"] == [*PUBLISHED_ROLES]


def test_the_table_of_lifetimes_says_the_defaults() -> None:
    days = {row[0].strip("`"): int(row[1].split()[0]) for row in cells_of_table(PAGE, "kind")}
    lifetimes = IndexerSettings.model_construct().lifetimes()
    assert {kind: number * 86_400 for kind, number in days.items()} == lifetimes

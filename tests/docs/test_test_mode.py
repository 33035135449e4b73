"""`docs/test-mode.md`: its table is the list itself, and its example prints what the page shows."""

from pathlib import Path
from typing import Final

import pytest

from indexer.index.list_for_test_keys import TEST_SELECTORS
from screening.api.rehearsal import RETRY_AFTER_S, SLOW_AT_ONCE, SLOW_S
from screening.vocabulary.normalise import normalise
from tests.docs.session import (
    ROOT,
    blocks_of,
    cells_of_table,
    free_port,
    is_shown,
    printed_by_each,
)

PAGE: Final = ROOT / "docs/test-mode.md"
BLOCKS: Final = blocks_of(PAGE)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Run the example once, from an empty folder."""
    folder: Path = tmp_path_factory.mktemp("test-mode")
    port = str(free_port())
    ended = "trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n"
    blocks = [one._replace(text=one.text.replace("8080", port)) for one in BLOCKS]
    blocks[0] = blocks[0]._replace(text=ended + blocks[0].text)
    return printed_by_each(blocks, folder, SCREENING_METRICS_PORT=str(free_port()))


@pytest.mark.parametrize("number", range(len(BLOCKS)))
@pytest.mark.slow
def test_each_block_prints_what_the_page_shows(printed: list[str], number: int) -> None:
    assert is_shown(BLOCKS[number].shown or "", printed[number]), printed[number]


def test_the_table_is_the_list_that_test_keys_read() -> None:
    rows = [[cell.strip("`") for cell in row] for row in cells_of_table(PAGE, "outcome")]
    told = {
        outcome: tuple(
            normalise(kind, value)
            for kind, value in zip(("phone", "card", "email"), values[:3], strict=True)
        )
        for outcome, *values in rows
    }
    assert told == TEST_SELECTORS


def test_the_figures_on_the_page_are_those_of_the_code() -> None:
    page = PAGE.read_text()
    assert f"`Retry-After: {RETRY_AFTER_S}`" in page
    assert f"after {SLOW_S:.0f} s" in page
    assert {4: "holds four such answers back"}[SLOW_AT_ONCE] in page

"""What several tests of the console's pages share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.intelligence.console.newcomers import Newcomer, console_of_ada
from tests.intelligence.console.staffed import Staffed, staffed_console


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staffed]:
    """A console of its own for the module."""
    with staffed_console(tmp_path_factory.mktemp("pages")) as made:
        yield made


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Newcomer]:
    """A console of its own for the test, with its first administrator alone."""
    with console_of_ada(tmp_path) as made:
        yield made

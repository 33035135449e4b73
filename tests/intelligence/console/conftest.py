"""What several tests of the console's pages share."""

from collections.abc import Iterator

import pytest

from tests.intelligence.console.staffed import Staffed, staffed_console


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staffed]:
    """A console of its own for the module."""
    with staffed_console(tmp_path_factory.mktemp("pages")) as made:
        yield made

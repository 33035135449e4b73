"""A list file that is empty, and a clock that stands until it is moved."""

from pathlib import Path

import pytest

from indexer.list.file import ListFile
from tests.indexer.listed import Clock, open_list


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def list_file(tmp_path: Path, clock: Clock) -> ListFile:
    return open_list(tmp_path, clock)

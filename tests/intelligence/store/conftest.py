"""What tests of the store begin with."""

from pathlib import Path

import pytest

from intelligence.store.key_file import KeyFile


@pytest.fixture
def key_file(tmp_path: Path) -> KeyFile:
    file = KeyFile(tmp_path)
    file.create()
    return file

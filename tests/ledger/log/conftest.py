"""A journal with a log, and a place for its copy."""

from datetime import timedelta
from pathlib import Path

import pytest

from screening.private_files import ensure_private_directory
from tests.ledger.log.keeping import NOW, OLD, write


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Two old segments and a new one, all signed."""
    directory = ensure_private_directory(tmp_path / "journal")
    write(directory, 0)
    write(directory, 10, OLD + timedelta(days=1))
    write(directory, 20, NOW)
    return directory


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copy"

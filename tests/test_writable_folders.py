"""Folders that a command will write to: tried beforehand, and named where they do not take it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from screening.private_files import require_writable


@pytest.fixture
def plain_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whom modes bind, as they do not root; it stands in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    is_root = os.geteuid() == 0
    if is_root:
        os.chown(tmp_path, 12_345, -1)
        os.seteuid(12_345)
    yield
    if is_root:
        os.seteuid(0)


def test_a_directory_that_takes_a_file_is_left_as_it_was_and_one_that_does_not_is_named(
    tmp_path: Path,
) -> None:
    require_writable(tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(NotADirectoryError) as refused:
        require_writable(Path("/dev/null"))
    assert refused.value.filename == "/dev/null"


@pytest.mark.usefixtures("plain_user")
@pytest.mark.parametrize("mode", [0o300, 0o500])
def test_a_directory_that_cannot_be_listed_or_written_to_is_named(mode: int) -> None:
    here = Path()
    here.chmod(mode)
    with pytest.raises(PermissionError) as refused:
        require_writable(here)
    here.chmod(0o700)
    assert refused.value.filename == str(here)

"""A folder of numbered files: private, whole or not there, in order."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from screening.spools.folder import SpoolFolder
from screening.vocabulary.errors import OperatorError
from tests.harness.when_opened import WhenOpened


def test_files_are_private_and_never_written_over(tmp_path: Path) -> None:
    down = SpoolFolder(tmp_path / "spool", "down")
    down.lay(1, b"first")
    assert down.path(1).name == "0000000001.down"
    assert [oct(path.stat().st_mode & 0o777) for path in (down.path(1), down.path(1).parent)] == [
        "0o600",
        "0o700",
    ]
    with pytest.raises(FileExistsError):
        down.lay(1, b"second")
    assert down.find(1) == b"first"


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    down = SpoolFolder(tmp_path / "spool", "down")
    down.lay(1, b"first")
    down.path(1).chmod(0o644)
    with pytest.raises(OperatorError, match="can be read by others"):
        down.find(1)


def test_numbers_are_in_order_and_nothing_else_is_one(tmp_path: Path) -> None:
    down = SpoolFolder(tmp_path / "spool", "down")
    assert down.sequences() == []
    assert down.find(1) is None
    for sequence in (10, 9, 2):
        down.lay(sequence, b"")
    for name in ("0000000001.up", "1.down", ".0000000003.down.0123456789ab", "x"):
        (down.path(2).parent / name).touch(mode=0o600)
    assert down.sequences() == [2, 9, 10]


def test_a_file_is_durable_before_it_has_its_name(tmp_path: Path, durable_steps: list[str]) -> None:
    down = SpoolFolder(tmp_path / "spool", "down")
    del durable_steps[:]
    down.lay(1, os.urandom(10))
    steps = [step.split()[0] for step in durable_steps]
    assert steps.index("fsync") < steps.index("link") < len(steps) - 1
    assert steps[-1] == "fsync"


def test_what_is_gone_or_no_numbered_file_is_passed_over(tmp_path: Path) -> None:
    down = SpoolFolder(tmp_path / "spool", "down")
    down.lay(1, b"first")
    (down.path(1).parent / ".0000000002.down.0123456789ab").symlink_to("gone")
    down.path(3).symlink_to("gone")
    assert set(down.versions()) == {"0000000001.down", "0000000003.down"}


def test_a_file_is_taken_away_once_and_that_is_enough(tmp_path: Path) -> None:
    down = SpoolFolder(tmp_path / "spool", "down")
    down.lay(1, b"first")
    for _ in range(2):
        down.remove(1)
        assert down.sequences() == []


def _link(path: Path) -> None:
    path.rename(path.parent.parent / "moved")
    path.symlink_to("../moved")


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


def _copied_open_to_others(path: Path) -> None:
    path.rename(path.parent.parent / "moved")
    path.write_bytes(b"first")
    path.chmod(0o644)


@pytest.mark.parametrize(
    ("exchange", "said"),
    [
        (_link, "is a link, and no file of a spool"),
        (_pipe, "is no regular file"),
        (_copied_open_to_others, "can be read by others"),
    ],
)
def test_what_is_exchanged_after_it_was_found_is_judged_as_it_was_opened(
    tmp_path: Path, when_opened: WhenOpened, exchange: Callable[[Path], None], said: str
) -> None:
    down = SpoolFolder(tmp_path / "spool", "down")
    down.lay(1, b"first")
    when_opened(down.path(1).name, lambda: exchange(down.path(1)))
    with pytest.raises(OperatorError, match=said):
        down.find(1)


def test_a_link_to_a_whole_file_is_refused_as_one_to_nothing(tmp_path: Path) -> None:
    down = SpoolFolder(tmp_path / "spool", "down")
    down.lay(1, b"first")
    _link(down.path(1))
    down.path(2).symlink_to("nothing")
    for sequence in (1, 2):
        with pytest.raises(OperatorError, match="is a link, and no file of a spool"):
            down.find(sequence)

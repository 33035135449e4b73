"""The folder beside a home in which a restore lays down what becomes the home."""

import io
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from screening.file_lock import try_flock
from screening.private_files import ensure_private_directory, regular_descriptor, sync_directory
from screening.vocabulary.errors import OperatorError

LOCK: Final = "lock"


def staging_of(home: Path) -> Path:
    """Return where it is, for a home that need not be there."""
    real = Path(os.path.realpath(home))
    return real.parent / f".{real.name}.restoring"


def find_left_over(home: Path) -> Path | None:
    """Return the folder where a restore that was killed has left it: secrets may lie in it."""
    staging = staging_of(home)
    try:
        with io.FileIO(staging / LOCK) as lock:
            return staging if try_flock(lock) else None  # a restore is at work
    except OSError:  # it is not there, as a rule
        return None


@contextmanager
def staging_folder(staging: Path) -> Iterator[ExitStack]:
    """Hold the folder, emptied; it is removed unless its removal is popped."""
    ensure_private_directory(staging)
    # This file becomes the lock of the home, with the folder.
    with io.FileIO(staging / LOCK, "a", opener=regular_descriptor) as lock, ExitStack() as undo:
        if not try_flock(lock):
            raise OperatorError("another restore is at work here; wait for its end")
        undo.callback(shutil.rmtree, staging)
        for left in staging.iterdir():  # by a restore that was killed
            if left.is_dir():
                shutil.rmtree(left)
            elif left.name != LOCK:
                left.unlink()
        yield undo


def refuse_taken_home(home: Path, setting: str) -> None:
    """Raise `OperatorError` unless `home`, which `setting` names, can appear at once."""
    if home.is_mount():
        raise OperatorError(
            f"{home} is a mount, whose content cannot appear at once; set {setting} to a folder "
            "in it"
        )
    if os.path.lexists(home) and (not home.is_dir() or any(home.iterdir())):
        raise _taken(home, setting)


def put_in_place(staging: Path, home: Path, setting: str) -> None:
    """Have the folder, durably, be the home, which is absent or empty."""
    sync_directory(staging)
    try:
        staging.rename(home)
    except OSError:
        # Something was put there meanwhile: an empty folder alone is replaced (rename(2)).
        raise _taken(home, setting) from None
    sync_directory(home.parent)


def _taken(home: Path, setting: str) -> OperatorError:
    return OperatorError(
        f"{home} is not empty, and a restore overwrites nothing; move it away, or set {setting} "
        "to another folder"
    )

"""The folder beside a home in which a restore lays down what becomes the home."""

import io
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from indexer.backup.archive import LOCK
from indexer.deployment import exclusively
from screening.file_lock import try_flock
from screening.private_files import ensure_private_directory


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
    with exclusively(staging / LOCK), ExitStack() as undo:
        undo.callback(shutil.rmtree, staging)
        for left in staging.iterdir():  # by a restore that was killed
            if left.is_dir():
                shutil.rmtree(left)
            elif left.name != LOCK:
                left.unlink()
        yield undo

"""The folder of the shared metrics files: in memory, and gone when its server has gone.

prometheus-client maps these files, and a process that touches a page of a mapped file for which the
disk has no space left is killed (SIGBUS). So they lie in memory, where the system has such a place:
a full disk must not end an API that can still say `503 audit`.
"""

import contextlib
import errno
import io
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from screening.api.process_ids import is_alive
from screening.file_lock import try_flock
from screening.private_files import ensure_private_directory, open_regular
from screening.vocabulary.errors import OperatorError

_METRICS_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - what is made there has a random name, and is 0700
_PREFIX: Final = "screening-metrics-"


@contextlib.contextmanager
def metrics_folder(home: Path) -> Iterator[tuple[Path, io.FileIO]]:
    """Yield an empty folder, 0700, that stands in the environment from now on, and its lock.

    Below `home` where the system has no place in memory.
    """
    place = _MEMORY if os.access(_MEMORY, os.W_OK | os.X_OK) else ensure_private_directory(home)
    for path in place.glob(f"{_PREFIX}*"):
        _remove_if_left(path)
    try:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place.absolute()))
    except OSError as error:
        raise OperatorError(
            f"no folder for metrics can be made in {place}: {error.strerror}; make room there"
        ) from None
    with (folder / "new").open("wb", buffering=0) as lock:
        try_flock(lock)
        (folder / "new").rename(folder / "lock")  # from now on others may look whether it is held
        os.environ[_METRICS_VARIABLE] = str(folder)
        try:
            yield folder, lock
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def put_back(folder: Path) -> None:
    """Make a folder anew that was removed while its server lives: a process needs one to begin.

    Without its lock, so that no other server takes it for one that was left. Raises `OSError`
    where that cannot be done, or another user has made it meanwhile.
    """
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(folder))


def is_whole(folder: Path) -> bool:
    """Tell whether nobody has removed the folder, or what processes have written there."""
    pids = (path.stem.rpartition("_")[2] for path in folder.glob("*.db"))
    return (folder / "lock").exists() and any(
        pid.isdecimal() and is_alive(int(pid)) for pid in pids
    )


def _remove_if_left(folder: Path) -> None:
    """Remove what a server has left that was killed: the kernel has dropped its lock."""
    try:
        with open_regular(folder / "lock") as lock:
            if try_flock(lock.fileno()):
                shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        return  # it is in use, just being made, or another user's

"""Locks on files, which the kernel drops however their holder dies (flock(2)).

They belong on a local file system.
"""

import fcntl
import io
from pathlib import Path


def try_flock(file: io.FileIO | int, operation: int = fcntl.LOCK_EX) -> bool:
    """Take a lock exclusively, or shared (`LOCK_SH`), without waiting, or return False.

    A hold that is turned into the other kind may be lost where that cannot be had (flock(2)).
    Raises `OSError` where the file system has no locks.
    """
    try:
        fcntl.flock(file, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        name = None if isinstance(file, int) else file.name
        where = str(name) if isinstance(name, str | Path) else None
        raise OSError(error.errno, "no locks on its file system; use a local disk", where) from None
    return True

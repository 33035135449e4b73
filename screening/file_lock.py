"""Locks on files, which the kernel drops however their holder dies (flock(2)).

They belong on a local file system.
"""

import fcntl
import io


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
        raise OSError(error.errno, "its file system has no locks; use a local disk") from None
    return True

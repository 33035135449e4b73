"""No core dumps of processes that hold secrets: a dump is a copy of all of them on a disk."""

import resource
import sys
from typing import Final

# Of 0 Linux writes no file, but hands the whole memory to a handler that core_pattern names behind
# a pipe all the same. Of exactly 1 it does neither: too little for a file, and refused before the
# handler is started (`coredump_pipe` in fs/coredump.c). PR_SET_DUMPABLE would take /proc/PID of
# these processes from the administrator who runs them.
_LIMIT_BYTES: Final = 1 if sys.platform == "linux" else 0


def forbid_core_dumps() -> None:
    """Forbid them to this process and all that it starts from now on, for good.

    Called before any secret is read. A limit that is lower already stays.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    limit = _LIMIT_BYTES if hard == resource.RLIM_INFINITY else min(_LIMIT_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))

"""One life again and again in children of this process, each with a fault at another step of it."""

import os
import signal
from collections.abc import Callable
from typing import Final

_STEPS_AT_MOST: Final = 1_000


def steps_survived(
    live: Callable[[int], bool],
    *,
    may_end: bool = False,
    goes_on: Callable[[int], bool] = lambda _: True,
) -> int:
    """Live with a fault at step 1, 2, ... until `live` tells that its fault never came.

    Return how many steps there were. Raises `AssertionError` where a child ended by anything but
    its SIGKILL (or well, where it `may_end`), and where things do not go on after that.
    """
    for at in range(1, _STEPS_AT_MOST):
        pid = os.fork()
        if pid == 0:
            os._exit(3 if live(at) else 0)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if status == 3:
            return at - 1
        is_as_meant = status == -signal.SIGKILL or (may_end and status == 0)
        assert is_as_meant, f"the child with a fault at step {at} ended with {status}"
        assert goes_on(at), f"after a fault at step {at} it does not go on"
    raise AssertionError("there is no end of steps")

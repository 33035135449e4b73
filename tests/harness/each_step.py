"""One life again and again in children of this process, each with a fault at another step of it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
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


def steps_of(module: str, *arguments: str) -> int:
    """Have a module of the tests live so, in a process of its own, which may fork; return how many.

    It prints their number.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": "."},
    )
    assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
    return int(done.stdout)

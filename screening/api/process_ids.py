"""What a process id that was written down says later: whether its process still lives."""

import os


def is_alive(pid: int) -> bool:
    """Tell whether a process of this id lives, whoever's it is."""
    try:
        os.kill(pid, 0)
    except PermissionError:  # it is another user's
        return True
    except (ProcessLookupError, OverflowError):  # the latter: no process has such a number
        return False
    return True

"""What a command shows on standard error where that is a terminal."""

import os
import subprocess
from collections.abc import Mapping, Sequence


def shown_on_terminal(command: Sequence[object], env: Mapping[str, str] | None = None) -> bytes:
    """Run a command to its end, which must be exit code 0, with `env` besides our own."""
    master, slave = os.openpty()
    process = subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.DEVNULL,
        stderr=slave,
        env={**os.environ, "TERM": "xterm", **(env or {})},
    )
    os.close(slave)
    shown = b""
    try:
        while piece := os.read(master, 65_536):
            shown += piece
    except OSError:  # Linux says EIO when the other side is gone.
        pass
    finally:
        os.close(master)
    assert process.wait(30) == 0, shown
    return shown

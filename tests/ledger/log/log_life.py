"""Lives the life of a log again and again, and is killed at another step of merging each time.

Run as a process: `log_life.py FOLDER WAY`, as `tests.ledger.life` is; WAY is kill or half. What a
child has signed it notes in `FOLDER/n.signed`: size and root of each checkpoint. The writers beside
it are never disturbed.
"""

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from screening.ledger.ledger import Ledger
from screening.ledger.log.merged import MergedLog
from screening.ledger.log.notes import SignerKey
from tests.harness.each_step import steps_survived
from tests.ledger.life import Fault
from tests.ledger.log.merging import merged_log, settle
from tests.ledger.looking import record

# Another process reads what this one signs, with the key of these tests.
KEY: Final = SignerKey.parse(
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
)
STEPS: Final = ("pwrite", "fdatasync", "fsync", "ftruncate", "replace", "unlink", "rename")
ROUNDS: Final = 3


class Disturbed:
    """Has the fault count the steps of the log alone."""

    def __init__(self, fault: Fault) -> None:
        self._calls = {name: getattr(os, name) for name in STEPS}
        self._spoilt = {name: fault.around(call) for name, call in self._calls.items()}

    def __call__(self, function: Callable[[], Any]) -> Any:
        for name, call in self._spoilt.items():
            setattr(os, name, call)
        try:
            return function()
        finally:
            for name, call in self._calls.items():
                setattr(os, name, call)


def live(folder: Path, signed: int, disturbed: Disturbed) -> None:
    """Two writers, one of whom seals after each round; the log is opened anew for each."""
    stays = Ledger(folder, host="stays")
    for number in range(ROUNDS):
        with Ledger(folder, host="goes") as goes:
            for place in range(4):
                (stays, goes)[place % 2].append([record(10 * number + place)])
            log: MergedLog = disturbed(partial(merged_log, folder, KEY))
            disturbed(partial(settle, log))
            disturbed(log.sign)
        os.write(signed, f"{log.signed.size} {log.signed.root.hex()}\n".encode())
        disturbed(log.merge)
        log.close()


def child(folder: Path, at: int, way: str) -> bool:
    """Live with one fault; True when it never came to it."""
    signed = os.open(f"{folder}.signed", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    folder.mkdir(mode=0o700)
    fault = Fault(at, way)
    live(folder, signed, Disturbed(fault))
    return not fault.happened


def main() -> None:
    folder, way = Path(sys.argv[1]), sys.argv[2]
    steps_survived(lambda at: child(folder / f"{at:03}", at, way))


if __name__ == "__main__":
    main()

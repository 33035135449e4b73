"""Keeps an index of receipts again and again, and is killed at another step of it each time.

Run as a process: `receipt_life.py FOLDER`. Writers and log are never disturbed. After each
death the next process goes on, and must find every record by its receipt.
"""

import os
import sys
from pathlib import Path
from typing import Final

from screening.ledger.ledger import Ledger
from screening.ledger.log.receipt_index import ReceiptIndex
from tests.harness.each_step import steps_survived
from tests.ledger.life import Fault
from tests.ledger.log.log_life import KEY
from tests.ledger.log.merging import merged_log, signed
from tests.ledger.log.receipts import catch_up, checked, find, receipt

STEPS: Final = ("write", "replace", "rename", "unlink", "open", "close", "link")
ROUNDS: Final = 6


class _Disturbed:
    """Has the fault count the steps of the index alone."""

    def __init__(self, fault: Fault) -> None:
        self._spoilt = {name: fault.around(getattr(os, name)) for name in STEPS}
        self._replace = fault.around(Path.replace)
        self._unlink = fault.around(Path.unlink)

    def catch_up(self, index: ReceiptIndex, size: int) -> None:
        calls = {name: getattr(os, name) for name in STEPS}
        replace, unlink = Path.replace, Path.unlink
        for name, call in self._spoilt.items():
            setattr(os, name, call)
        Path.replace, Path.unlink = self._replace, self._unlink  # type: ignore[method-assign]
        try:
            catch_up(index, size)
        finally:
            for name, call in calls.items():
                setattr(os, name, call)
            Path.replace, Path.unlink = replace, unlink  # type: ignore[method-assign]


def live(folder: Path, disturbed: _Disturbed) -> None:
    """Two writers, one of whom seals after each round."""
    stays = Ledger(folder, host="stays")
    with merged_log(folder, KEY) as log:
        index = ReceiptIndex(folder)
        for number in range(ROUNDS):
            with Ledger(folder, host="goes") as goes:
                for place in range(4):
                    (stays, goes)[place % 2].append([checked(10 * number + place)])
            disturbed.catch_up(index, signed(log).size)
            index = index if number % 2 else ReceiptIndex(folder)


def child(folder: Path, at: int) -> bool:
    """Live with one fault; True when it never came to it."""
    folder.mkdir(mode=0o700)
    fault = Fault(at, "kill")
    live(folder, _Disturbed(fault))
    return not fault.happened


def goes_on(folder: Path) -> bool:
    """Tell whether the next process finds every record that is there."""
    with merged_log(folder, KEY) as log:
        catch_up(ReceiptIndex(folder), signed(log).size)
    lines = [
        line
        for path in folder.iterdir()
        if path.suffix in (".open", ".sealed")
        for line in path.read_bytes().splitlines()
    ]
    written = [n for n in range(10 * ROUNDS) if any(receipt(n).encode() in one for one in lines)]
    return all(receipt(n) in find(folder, n, KEY.verifier).record for n in written)


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir()
    steps = steps_survived(
        lambda at: child(folder / f"{at:03}", at), goes_on=lambda at: goes_on(folder / f"{at:03}")
    )
    print(steps)  # noqa: T201 - how many there were


if __name__ == "__main__":
    main()

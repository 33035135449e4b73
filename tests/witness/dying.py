"""A witness that is killed at another step each time: `dying.py FOLDER`.

Each child countersigns three checkpoints of one log, and notes in `FOLDER/n.signed` the size of
each before it would be sent; one of its steps that change files it does not survive.
"""

import os
import sys
from pathlib import Path
from typing import Final

from screening.witness.home import read_key
from screening.witness.witness import Witness
from tests.harness.each_step import steps_survived
from tests.ledger.life import Fault

STEPS: Final = ("open", "fsync", "replace", "unlink", "link")
SIZES: Final = ((0, 3), (3, 8), (8, 20))


def live(home: Path, told: int, bodies: list[bytes]) -> None:
    witness = Witness(home, read_key(home), lambda: 1_700_000_000.0)
    for (_, size), body in zip(SIZES, bodies, strict=True):
        if witness.add_checkpoint(body).outcome == "signed":
            os.write(told, b"%d\n" % size)


def child(home: Path, at: int, bodies: list[bytes]) -> bool:
    told = os.open(f"{home}.signed", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    fault = Fault(at, "kill")
    for name in STEPS:
        setattr(os, name, fault.around(getattr(os, name)))
    live(home, told, bodies)
    return not fault.happened


def main() -> None:
    folder = Path(sys.argv[1])
    # Made by the parent: the key of these logs is another in each process.
    bodies = [(folder / f"body-{size}").read_bytes() for _, size in SIZES]
    steps_survived(lambda at: child(folder / f"{at:03}", at, bodies))


if __name__ == "__main__":
    main()

"""Exports, or drops, again and again; is killed at another step that changes files each time.

Run as a process: `keeping_life.py FOLDER export|retain kill|half`. It prints how many steps there
were. After each death the host and the copy are verified as they lie, nothing may be missing in
both, and the command, run again, is to finish.
"""

import json
import os
import shutil
import sys
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Final

from screening.cli import cli
from screening.ledger.ledger import Ledger
from screening.ledger.log.checkpoint import CHECKPOINT, LOG
from screening.ledger.log.inspection import inspect, unverified_checkpoint
from screening.ledger.log.keys import LOG_KEY, ensure_log_key
from screening.ledger.log.mending import mend
from screening.ledger.log.notes import SignerKey
from screening.ledger.recovery import recover_ledger
from screening.private_files import ensure_private_directory
from screening.vocabulary.errors import LedgerDamaged, OperatorError
from tests.harness.each_step import steps_survived
from tests.ledger.life import Fault
from tests.ledger.log.keeping import audited, write
from tests.ledger.log.merging import leaves, merged_log, signed
from tests.ledger.looking import record

STEPS: Final = (
    *("mkdir", "fsync", "fdatasync", "ftruncate", "pwrite"),
    *("replace", "rename", "unlink", "link"),
)


class Place:
    """A host's home, and a copy of its journal that is behind."""

    def __init__(self, folder: Path, *, copy: str = "copy") -> None:
        self.home = folder / "home"
        self.journal = self.home / "journal"
        self.copy = folder / copy

    def make(self) -> None:
        """Two old segments; one that was open when it was copied; one more, and one open now.

        And one that was dropped, because another copy has it: in this one it is open.
        """
        ensure_private_directory(self.journal)
        key = ensure_log_key(self.home, "log.example/journal", log=self.journal / LOG)
        now = datetime.now(UTC)
        old = now - timedelta(days=400)
        write(self.journal, 0, old, key=key)
        write(self.journal, 10, old, key=key)
        with Ledger(self.journal, host="test", now=lambda: old) as ledger:
            self._sign(ledger, (40, 41), key)
            oldest = now - timedelta(days=600)
            with Ledger(self.journal, host="test", now=lambda: oldest) as dropped:
                self._sign(dropped, (30, 31), key)
                self.run("export")
            self._sign(ledger, (42,), key)
            another = Place(self.home.parent, copy="another")
            another.run("export")
            another.run("retain", days=500)
        write(self.journal, 20, now, key=key)
        self._sign(Ledger(self.journal, host="test"), (90, 91), key)

    def run(self, command: str, *, days: int = 30) -> None:
        """Run it as its users do; what it refuses is raised."""
        os.environ["SCREENING_HOME"] = str(self.home)
        arguments = {
            "export": ["export", str(self.copy)],
            "retain": ["retain", "--days", str(days), "--exported", str(self.copy)],
        }
        with redirect_stdout(StringIO()):
            cli(["audit", *arguments[command]], "screening", standalone_mode=False)

    def _sign(self, ledger: Ledger, numbers: tuple[int, ...], key: SignerKey) -> None:
        ledger.append([record(number) for number in numbers])
        with merged_log(self.journal, key) as log:
            signed(log)


def held(directory: Path) -> set[int]:
    """The numbers of all records in a folder, whatever the names of its segments are."""
    found: set[int] = set()
    for path in directory.iterdir():
        if path.suffix in (".open", ".sealed", ".damaged"):
            lines = path.read_bytes().splitlines()
            found |= {json.loads(line[65:])["n"] for line in lines if b' {"n":' in line}
    return found


def hidden(*directories: Path) -> list[Path]:
    return [path for one in directories for path in one.rglob(".*")]


class Life:
    """One command in copies of one place, each with a fault at another step."""

    def __init__(self, folder: Path, command: str, way: str) -> None:
        self._folder, self._command, self._way = folder, command, way
        self._begun = Place(folder / "begun")
        self._begun.make()
        self._key = SignerKey.parse((self._begun.home / LOG_KEY).read_text().strip())
        if command == "retain":
            self._begun.run("export")
        self._copied = held(self._begun.copy)
        self._all = held(self._begun.journal) | self._copied
        whole = Place(folder / "begun", copy="whole")
        shutil.copytree(self._begun.copy, whole.copy)
        whole.run("export")
        self._leaves = leaves(whole.copy)

    def die(self, at: int) -> bool:
        """Live with one fault; True when it never came to it."""
        place = self._place(at)
        shutil.copytree(self._begun.home.parent, place.home.parent)
        fault = Fault(at, self._way)
        for name in STEPS:
            setattr(os, name, fault.around(getattr(os, name)))
        place.run(self._command)
        return not fault.happened

    def goes_on(self, at: int) -> bool:
        """Look at what the dead have left, and finish it; on some fsck --mend and recovery run."""
        place = self._place(at)
        self._require_nothing_lost(place)
        if at % 2 == 0 and self._command == "export":
            [*mend(place.copy)]
        if at % 4 == 0 and self._command == "export":
            recover_ledger(place.copy)
        place.run(self._command)
        self._require_nothing_lost(place)
        assert not hidden(place.journal, place.copy)
        assert audited(place.journal, self._key) == audited(place.copy, self._key)
        assert audited(place.copy, self._key) == len(self._leaves)
        assert held(place.copy) == self._all
        assert all(one.is_whole for one in [*inspect(place.journal), *inspect(place.copy)])
        place.run("export")
        shutil.rmtree(place.home.parent)
        return True

    def _place(self, at: int) -> Place:
        return Place(self._folder / f"{at:03}")

    def _require_nothing_lost(self, place: Place) -> None:
        """What is taken for whole has all that it answers for; what was copied stays copied."""
        assert self._all == held(place.journal) | held(place.copy)
        assert self._copied <= held(place.copy)
        assert audited(place.journal, self._key) == len(self._leaves)
        try:
            size = audited(place.copy, self._key)
        except (LedgerDamaged, OperatorError):
            assert self._command == "export", "no drop changes a copy"
            return
        assert size == unverified_checkpoint(place.copy / LOG / CHECKPOINT).size
        assert {*self._leaves[:size]} <= held(place.copy)


def main(arguments: list[str]) -> None:
    folder, command, way = Path(arguments[0]), arguments[1], arguments[2]
    life = Life(folder, command, way)
    sys.stdout.write(f"{steps_survived(life.die, goes_on=life.goes_on)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])

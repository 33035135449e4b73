"""A backup, or a restore, that dies before each of its steps: `python -m` HOME FOLDER WAY."""

import os
import shutil
import sys
from pathlib import Path

from intelligence.backup.backing_up import back_up
from intelligence.backup.keys import open_keys
from intelligence.backup.restoring import Restoring
from screening.ledger.verify import verify_ledger
from tests.harness.each_step import steps_survived
from tests.harness.steps import Steps
from tests.intelligence.backup.homes import PASSPHRASE, content_of, settings_for


class Life:
    """One life at step `at` has a folder of its own: a copy of the home, and what it makes."""

    def __init__(self, home: Path, folder: Path, way: str) -> None:
        self._home, self._folder, self._is_backup = home, folder, way == "backup"
        self._keys = open_keys(folder / "console.keys", PASSPHRASE)

    def live(self, at: int) -> bool:
        own = self._folder / str(at)
        shutil.copytree(self._home, own / "home")
        Steps(os.open(os.devnull, os.O_WRONLY), at - 1).watch()
        self._do(own)
        return True

    def goes_on(self, at: int) -> bool:
        """Tell whether the home is as it was, and what was begun is there wholly or not at all.

        That it can be done then is tried after every tenth step: it takes as long as the life did.
        """
        own = self._folder / str(at)
        made = own / "backup" if self._is_backup else own / "restored" / "home"
        if not made.exists() and at % 10 == 0:
            self._do(own)
        if made.exists() and self._is_backup:
            Restoring(settings_for(own / "check"), self._keys).check(made)
        if made.exists() and not self._is_backup:
            verify_ledger(made / "ledger")
        verify_ledger(own / "home" / "ledger")
        is_whole = _kept(own / "home") == _kept(self._home)
        shutil.rmtree(own)
        return is_whole

    def _do(self, own: Path) -> None:
        if self._is_backup:
            back_up(settings_for(own), own / "backup")
        else:
            Restoring(settings_for(own / "restored"), self._keys).restore(self._folder / "backup")


def _kept(home: Path) -> dict[str, bytes]:
    """Return all but the ledger, which goes on, and what SQLite has beside an open database."""
    passing = ("-wal", "-shm")
    return {
        name: one
        for name, one in content_of(home).items()
        if not name.startswith("ledger") and not name.endswith(passing)
    }


if __name__ == "__main__":
    os.umask(0o077)
    life = Life(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
    print(steps_survived(life.live, goes_on=life.goes_on))  # noqa: T201 - the answer

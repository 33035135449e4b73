"""A home, its backup, and a look at what is left of them."""

import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from indexer.backup.restore import Restoring
from indexer.progress import Advance, Progress
from indexer.settings import IndexerSettings
from screening.store.settings import StoreSettings
from tests.harness.deployment import Partner
from tests.harness.template import Ended
from tests.indexer.running import Running
from tests.indexer.silent import Silent

FIRST = ("phone", "+12025550100", "trafficker")
SECOND = ("email", "a@hotel.example", "trafficker")
THIRD = ("card", "4111111111111111", "buyer")
SILENT = Silent()
PASSPHRASE = "a passphrase of the tests"


class Vault:
    """A home with a list and a partner, and its backup."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.passphrase_file = running.folder / "backup.pass"
        self.passphrase_file.write_text(f"{PASSPHRASE}\n")
        self.passphrase_file.chmod(0o600)
        self.file = running.folder / "home.sealed"
        running.publish([FIRST, SECOND])
        self.partner: Partner = running.add_partner("acme")

    def back_up(self, *options: str, expect: int | None = 0, **more: Any) -> Ended:
        return self.run("backup", *options, expect=expect, **more)

    def restore(self, *options: str, expect: int | None = 0, **more: Any) -> Ended:
        return self.run("restore", *options, expect=expect, **more)

    def lose(self) -> None:
        for folder in (self.running.home, self.running.secrets):
            shutil.rmtree(folder, ignore_errors=True)

    def sequence(self) -> int:
        """Return the sequence of all heads and records in Redis, which have one."""
        heads, records = self.running.heads().values(), self.running.records().values()
        (sequence,) = {head.sequence for head in heads} | {one.sequence for one in records}
        return sequence

    def nothing_is_there(self) -> bool:
        folder, home = self.running.folder, self.running.home
        beside = {path.name for path in folder.iterdir()}
        return not home.exists() and not {name for name in beside if "restoring" in name}

    def run(self, command: str, *options: str, expect: int | None, **more: Any) -> Ended:
        arguments = [str(self.file), "--passphrase-file", str(self.passphrase_file), *options]
        return self.running.run(command, *arguments, expect=expect, **more)


def content_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def rows_of(home: Path) -> list[str]:
    with sqlite3.connect(home / "list.sqlite") as connection:
        rows = [row for row in connection.iterdump() if '"meta"' not in row]
    connection.close()
    return rows


def loose(folder: Path) -> list[str]:
    paths = [folder, *folder.rglob("*")]
    return [str(path) for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077]


def settings_of(running: Running) -> tuple[IndexerSettings, StoreSettings]:
    settings = IndexerSettings.model_validate(
        {"INDEXER_HOME": running.home, "SCREENING_SECRETS": running.secrets}
    )
    store = StoreSettings.model_validate({"redis_url": running.settings["SCREENING_REDIS_URL"]})
    return settings, store


def restoring(vault: Vault, clock: Callable[[], float], progress: Progress = SILENT) -> Restoring:
    return Restoring(*settings_of(vault.running), progress, clock=clock)


class Interrupted:
    """Somebody presses Ctrl-C in one stage."""

    def __init__(self, stage: str) -> None:
        self._stage = stage

    @contextmanager
    def stage(self, name: str, total: int | None) -> Iterator[Advance]:
        del total
        yield self._interrupt if name == self._stage else lambda _: None

    def _interrupt(self, done: int) -> None:
        raise KeyboardInterrupt

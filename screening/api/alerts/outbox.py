"""Alerts that nobody has taken yet: one durable file each, below `SCREENING_HOME/outbox`.

Whoever raises one writes it down, and the process that sends (`sending.py`) takes it away once a
receiver has it. Neither waits for the other, and what is killed in between loses nothing: at worst
a receiver hears of one twice, under the same id.
"""

import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from screening.api.alerts.alert import Addressed
from screening.private_files import create_private, ensure_private_directory, read_private

MOST_WAITING: Final = 10_000
"""Past it what is new is dropped, and counted: the oldest tell how it began."""
_WAITING: Final = ".json"
_SENT: Final = ".sent"
_SENT_KEPT_S: Final = 7_200
"""Longer than an id is given to what goes on, so that a second process does not tell it again."""
_ID: Final = re.compile(r"msg_[A-Za-z0-9_-]{24}")


class Outbox:
    """The folder; any process of the host may put alerts there, and one takes them away."""

    def __init__(self, home: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = ensure_private_directory(home / "outbox")
        self._clock = clock

    def room(self) -> int:
        """Return how many more are taken: names are counted, so ask once for many."""
        with os.scandir(self._folder) as found:
            return MOST_WAITING - sum(one.name.endswith(_WAITING) for one in found)

    def put(self, addressed: Addressed) -> bool:
        """Keep an alert, durably; False where it is kept already, or was sent.

        Raises `OSError` where the disk does not take it.
        """
        if self._path(addressed.id, _SENT).exists():
            return False
        try:
            create_private(self._path(addressed.id, _WAITING), msgspec.json.encode(addressed.alert))
        except FileExistsError:
            return False
        return True

    def has(self, name: str) -> bool:
        """Tell whether an alert waits, or was sent."""
        return any(self._path(name, suffix).exists() for suffix in (_WAITING, _SENT))

    def waiting(self) -> list[str]:
        """Return the ids of what is to be sent, what was raised first before the others."""
        found = []
        for path in self._folder.glob(f"*{_WAITING}"):
            with suppress(FileNotFoundError):
                if _ID.fullmatch(path.stem):
                    found.append((path.stat().st_mtime_ns, path.stem))
        return [name for _, name in sorted(found)]

    def age_s(self, name: str) -> float:
        """Return for how long an alert has waited."""
        try:
            return max(0.0, self._clock() - self._path(name, _WAITING).stat().st_mtime)
        except FileNotFoundError:
            return 0.0

    def read(self, name: str) -> bytes:
        """Return the body of an alert: the same bytes for each attempt; raises `OperatorError`."""
        return read_private(self._path(name, _WAITING))

    def sent(self, name: str) -> None:
        """Take an alert away that a receiver has; raises `OSError`."""
        with suppress(FileNotFoundError):  # a person has removed it meanwhile
            self._path(name, _WAITING).replace(self._path(name, _SENT))

    def forget_sent(self) -> None:
        """Remove what was sent, and raised so long ago that nobody raises it under its id again."""
        for path in self._folder.glob(f"*{_SENT}"):
            with suppress(FileNotFoundError):
                if self._clock() - path.stat().st_mtime > _SENT_KEPT_S:
                    path.unlink()

    def _path(self, name: str, suffix: str) -> Path:
        return self._folder / f"{name}{suffix}"

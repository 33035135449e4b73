"""How much each partner has asked on each day, as one host remembers it: counts, and no selector.

| file in `SCREENING_HOME/usage` | holds |
|---|---|
| `<partner>.json` | counts of 30 days, of this host and of all as far as it has heard |
| `<partner>.throttled-<since>` | nothing: its rate is reduced until a person lifts that |
| `lock` | nothing: whoever counts holds it |
"""

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from screening.api.watching.baseline import DAYS_KEPT, NOTHING, Counts
from screening.file_lock import try_flock
from screening.private_files import (
    create_private,
    ensure_private_directory,
    read_private,
    regular_descriptor,
    replace_private,
)
from screening.registry.record import PartnerRecord
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.unix_time import DAY_S
from screening.vocabulary.unreadable import UNREADABLE

_PATIENCE_S: Final = 0.5
_LOOK_AGAIN_S: Final = 0.005


class History(msgspec.Struct, frozen=True):
    """Counts by day (since 1970-01-01): of this host, and of all hosts; today's since `since`."""

    since: int = 0
    here: dict[int, Counts] = {}
    everywhere: dict[int, Counts] = {}


class HostUsage:
    """The files; every worker of the host counts in them, in a thread beside its loop."""

    def __init__(self, home: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = ensure_private_directory(home / "usage")
        self._clock = clock

    def today(self) -> int:
        """Return the day (UTC)."""
        return int(self._clock() // DAY_S)

    def add(self, partner: PartnerRecord, counts: Counts, everywhere: Counts) -> History:
        """Count what was asked here since, and note what is known of all hosts for today.

        After a person has lifted what a partner was held for, its day begins anew. Raises
        `OSError` where that cannot be counted now; it is to be counted later.
        """
        path, today = self._folder / f"{partner.partner}.json", self.today()
        with self._locked():
            before = _read(path)
            is_anew = before.since != partner.matches_counted_from
            here, all_hosts = _recent(before.here, today), _recent(before.everywhere, today)
            counted = NOTHING if is_anew else here.get(today, NOTHING)
            here[today] = counted.plus(counts)
            all_hosts[today] = Counts(*map(max, here[today], everywhere))
            history = History(partner.matches_counted_from, here, all_hosts)
            replace_private(path, msgspec.json.encode(history), durable=False)
            if is_anew:
                self._forget_lifted(partner)
        return history

    def throttle(self, partner: PartnerRecord) -> None:
        """Remember, durably, that a partner's rate is reduced."""
        with suppress(FileExistsError):
            create_private(self._throttled(partner), b"")

    def throttled_since(self, partner: PartnerRecord) -> int | None:
        """Return since when this host knows that a partner's rate is reduced (Unix seconds).

        None where it is not; raises `OSError` where nobody can know.
        """
        try:
            return int(self._throttled(partner).stat().st_mtime)
        except FileNotFoundError:
            return None

    def _throttled(self, partner: PartnerRecord) -> Path:
        return self._folder / f"{partner.partner}.throttled-{partner.matches_counted_from}"

    def _forget_lifted(self, partner: PartnerRecord) -> None:
        for mark in self._folder.glob(f"{partner.partner}.throttled-*"):
            since = mark.name.rpartition("-")[2]
            if since.isdigit() and int(since[:20]) < partner.matches_counted_from:
                mark.unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with io.FileIO(self._folder / "lock", "a", opener=regular_descriptor) as lock:
            deadline = time.monotonic() + _PATIENCE_S
            while not try_flock(lock):
                if time.monotonic() > deadline:  # a sibling that was stopped must not stop us
                    raise BlockingIOError
                time.sleep(_LOOK_AGAIN_S)
            yield


def _read(path: Path) -> History:
    """Read what was counted; what cannot be read any more begins anew, and is no baseline."""
    try:
        return msgspec.json.decode(read_private(path), type=History)
    except (OperatorError, *UNREADABLE):
        return History()


def _recent(days: dict[int, Counts], today: int) -> dict[int, Counts]:
    return {day: counts for day, counts in days.items() if today - DAYS_KEPT <= day <= today}

"""What one host remembers of what partners have asked: in small files that its workers share."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from screening.api.cache import boot_id
from screening.api.quotas.budgets import MATCHES_WINDOW_DAYS, Budget, Rate
from screening.api.quotas.exceeded import TooFast
from screening.api.quotas.locked_file import NumberFile, SketchFile, is_there, unusable
from screening.api.quotas.sketch import REGISTERS, Sketch, union
from screening.private_files import create_private, ensure_private_directory
from screening.vocabulary.errors import Unavailable
from screening.vocabulary.unix_time import DAY_S

_NS: Final = 1_000_000_000
_RATE: Final = "rate-"
"""Before the boot in whose time a rate is told, in the name of its file."""
_HELD: Final = "held-"
_DAYS_KEPT: Final = 7
"""A clock that goes back must find what was spent."""


class Hold(NamedTuple):
    """Whom a host knows to be held, and since when its matches were counted (Unix seconds)."""

    partner: str
    since: int


class HostBudgets:
    """The files in `SCREENING_HOME/allowance`, by partner.

    | file | holds |
    |---|---|
    | `<partner>.rate-<boot>` | when its bucket is empty again, in nanoseconds of that boot |
    | `<partner>.seen-0.<day>` | a sketch of what it asked on that day |
    | `<partner>.matched-<since>.<day>` | a sketch of what matched on that day |
    | `<partner>.away-<budget>.<day>` | how many passed while Redis could not be asked |
    | `<partner>.held-<since>` | nothing: it is held, until the indexer lifts that |
    """

    def __init__(
        self,
        home: Path,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        boot: Callable[[], str] = boot_id,
    ) -> None:
        self._directory = ensure_private_directory(home / "allowance")
        self._rate = f"{_RATE}{boot()}"
        self._clock = clock
        self._monotonic = monotonic
        self._unwritten: set[Path] = set()
        self._forget_past_boots()

    @property
    def is_usable(self) -> bool:
        """Whether the folder is there and may be read and written."""
        return os.access(self._directory, os.R_OK | os.W_OK | os.X_OK)

    def lease_rate(self, partner: str, rate: Rate, missing: int) -> int:
        """Lease at least `missing` selectors of a rate; raises `QuotaExceeded`.

        By GCRA (ITU-T I.371, virtual scheduling): the file has when the bucket is empty, by a clock
        that never jumps and is the same in every process of one boot.
        """
        path = self._directory / f"{partner}.{self._rate}"
        with NumberFile(path, outlives_boot=False) as file:
            now = self._monotonic()
            empty_at = max(file.number() / _NS, now)
            # A full bulk request must pass when nothing was asked before it, whatever the rate.
            wait_s = empty_at - now - rate.burst / rate.per_second
            if wait_s > 0:
                raise TooFast(wait_s)
            lease = rate.lease(missing)
            file.set_number(int((empty_at + lease / rate.per_second) * _NS))
            return lease

    def settle(self, partner: str, budget: Budget, day: int, sketch: Sketch) -> None:
        """Add what was raised in `sketch` to that of a day, and what others raised to `sketch`."""
        with SketchFile(self._of_day(partner, budget.label, day)) as file:
            before = file.registers()
            registers = sketch.raise_in(before)
            if registers != before:
                file.set_registers(registers)
            sketch.go_on_from(registers)

    def before(self, partner: str, budget: Budget, day: int) -> bytes:
        """Return the sketch of all days of a budget's window that are over on `day`.

        Raises `Unavailable` where one of them cannot be read.
        """
        paths = [self._of_day(partner, budget.label, day - ago) for ago in range(1, budget.days)]
        sketches = []
        for path in paths:
            if is_there(path):
                with SketchFile(path) as file:
                    sketches.append(file.registers())
        return union(sketches) if sketches else bytes(REGISTERS)

    def spend_away(self, partner: str, budget: Budget, day: int, selectors: int) -> None:
        """Let `selectors` pass though the deployment cannot be asked, or raise `Unavailable`."""
        with NumberFile(self._of_day(partner, f"away-{budget.name}", day)) as file:
            spent = file.number() + selectors
            if spent > budget.away:
                raise Unavailable(
                    f"Redis cannot be asked how much {partner} has used of its budget, and what "
                    "may pass until then has passed",
                    reason="store",
                )
            file.set_number(spent)

    def hold(self, partner: str, budget: Budget) -> None:
        """Remember, durably, that a partner is held; a person lifts it by another `since`.

        Raises `Unavailable` where the disk does not take it: this process knows it all the same.
        """
        path = self._held(partner, budget)
        try:
            if path not in self._unwritten and path.exists():
                return
            self._write_hold(path)
        except OSError as error:
            self._unwritten.add(path)
            raise unusable(path, "recorded", error) from None

    def write_holds(self) -> None:
        """Write those that the disk did not take; what it still does not take stays known here."""
        for path in list(self._unwritten):
            with suppress(OSError):
                self._write_hold(path)

    def is_held(self, partner: str, budget: Budget) -> bool:
        """Tell whether a partner is held; raises `Unavailable` where nobody can know."""
        path = self._held(partner, budget)
        return path in self._unwritten or is_there(path)

    def holds(self) -> list[Hold]:
        """Return all that this host knows of, those that were lifted and not forgotten yet, too."""
        names = {path.name for path in self._unwritten.copy()}
        with suppress(OSError):  # whoever cannot read them cannot count either, and says so
            names.update(path.name for path in self._directory.iterdir())
        parts = [name.partition(f".{_HELD}") for name in names]
        return [Hold(partner, int(since)) for partner, _, since in parts if since.isdecimal()]

    def held_at(self, hold: Hold) -> int:
        """Return since when this host knows of a hold (Unix seconds), now where nobody can tell."""
        with suppress(OSError):
            return int(self._file_of(hold).stat().st_mtime)
        return int(self._clock())

    def forget_hold(self, hold: Hold) -> None:
        """Remove one that was lifted; where that cannot be, it is none of today's all the same."""
        path = self._file_of(hold)
        self._unwritten.discard(path)
        with suppress(OSError):
            path.unlink(missing_ok=True)

    def _write_hold(self, path: Path) -> None:
        with suppress(FileExistsError):
            create_private(path, b"")
        self._unwritten.discard(path)

    def forget_past_days(self) -> None:
        """Remove what no budget counts any more."""
        today = self._clock() // DAY_S
        with suppress(OSError):  # whoever cannot remove them cannot count either, and says so
            for path in self._directory.iterdir():
                is_matched = path.name.partition(".")[2].startswith("matched-")
                days = MATCHES_WINDOW_DAYS + 1 if is_matched else _DAYS_KEPT
                date = path.suffix[1:]
                if date[:1].isdigit() and date < _date(today - days):
                    path.unlink(missing_ok=True)

    def _held(self, partner: str, budget: Budget) -> Path:
        return self._file_of(Hold(partner, budget.since))

    def _file_of(self, hold: Hold) -> Path:
        return self._directory / f"{hold.partner}.{_HELD}{hold.since}"

    def _of_day(self, partner: str, label: str, day: int) -> Path:
        return self._directory / f"{partner}.{label}.{_date(day)}"

    def _forget_past_boots(self) -> None:
        with suppress(OSError):
            for path in self._directory.iterdir():
                if path.suffix[1:].startswith(_RATE) and path.suffix[1:] != self._rate:
                    path.unlink(missing_ok=True)


def _date(day: float) -> str:
    return datetime.fromtimestamp(day * DAY_S, UTC).date().isoformat()

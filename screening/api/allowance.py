"""How much a partner may ask: a rate for each worker, and a daily cap that all workers share.

A worker takes a lease of the day's cap from a small locked file and spends it in memory, so that a
request costs no system call. What a killed worker had leased counts as spent.
"""

import os
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from screening.file_lock import try_flock
from screening.private_files import ensure_private_directory
from screening.registry.record import PartnerRecord
from screening.vocabulary.errors import QuotaExceeded, Unavailable
from screening.vocabulary.unix_time import DAY_S

_LEASE_FRACTION: Final = 1_000
"""A lease is this part of the cap: what workers hold unspent stays below a percent."""
_LOCK_PATIENCE_S: Final = 0.005
_LOOK_AGAIN_S: Final = 0.0002
_USED_DIGITS: Final = 20
_BURST_S: Final = 1.0
_DAYS_KEPT: Final = 7


@dataclass(slots=True)
class _Account:
    day: int
    leased: int = 0
    # GCRA (the virtual scheduling algorithm of ITU-T I.371): when the bucket will be empty again.
    empty_at: float = 0.0


class Allowance:
    """The allowances of all partners, as one worker spends them."""

    def __init__(
        self,
        home: Path,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._directory = ensure_private_directory(home / "allowance")
        self._clock = clock
        self._monotonic = monotonic
        self._accounts: dict[str, _Account] = {}
        self._today = 0

    @property
    def is_usable(self) -> bool:
        """Whether the folder is there and may be read and written."""
        return os.access(self._directory, os.R_OK | os.W_OK | os.X_OK)

    def spend(self, partner: PartnerRecord, selectors: int) -> int:
        """Count `selectors` against the partner's rate and daily cap, or raise `QuotaExceeded`.

        Returns the day that they count for, as `give_back` takes it.
        """
        today = int(self._clock() // DAY_S)
        account = self._accounts.get(partner.partner)
        if account is None or account.day != today:
            # The rate has no day: it is told by a clock that never jumps.
            empty_at = 0.0 if account is None else account.empty_at
            account = self._accounts[partner.partner] = _Account(today, empty_at=empty_at)
            if today != self._today:
                self._today = today
                self._forget_past_days()
        if account.leased < selectors:
            self._lease(account, partner, selectors - account.leased)
        self._spend_rate(account, partner.selectors_per_second, selectors)
        account.leased -= selectors
        return today

    def give_back(self, partner: PartnerRecord, selectors: int, *, day: int) -> None:
        """Take back what was spent on a question that was not answered; a cap is of its day."""
        account = self._accounts[partner.partner]
        account.empty_at -= selectors / partner.selectors_per_second
        if account.day == day:
            account.leased += selectors

    def remaining(self, partner: PartnerRecord) -> int:
        """Return how many selectors the partner may still ask today.

        What other workers have leased and not spent yet counts as spent: a thousandth of the cap
        for each.
        """
        today = int(self._clock() // DAY_S)
        account = self._accounts.get(partner.partner)
        own = account.leased if account is not None and account.day == today else 0
        with self._locked(partner.partner, today) as file:
            return max(0, partner.daily_selectors - file.used() + own)

    def _spend_rate(self, account: _Account, per_second: int, selectors: int) -> None:
        now = self._monotonic()
        empty_at = max(account.empty_at, now)
        # A full bulk request must pass when nothing was asked before it, whatever the rate.
        if empty_at - now > _BURST_S:
            wait_s = empty_at - now - _BURST_S
            raise QuotaExceeded("too many selectors a second", retry_after_s=int(wait_s) + 1)
        account.empty_at = empty_at + selectors / per_second

    def _lease(self, account: _Account, partner: PartnerRecord, missing: int) -> None:
        with self._locked(partner.partner, account.day) as file:
            used = file.used()
            left = partner.daily_selectors - used
            if left < missing:
                raise QuotaExceeded(
                    "the daily cap on selectors is reached",
                    retry_after_s=DAY_S - int(self._clock()) % DAY_S,
                )
            lease = min(left, max(missing, partner.daily_selectors // _LEASE_FRACTION))
            file.set_used(used + lease)
            account.leased += lease

    def _locked(self, partner: str, day: int) -> "_UsedFile":
        date = datetime.fromtimestamp(day * DAY_S, UTC).date().isoformat()
        return _UsedFile(self._directory / f"{partner}.{date}")

    def _forget_past_days(self) -> None:
        # Some are kept: a clock that goes back must find what was spent.
        kept_from = datetime.fromtimestamp(self._clock() - _DAYS_KEPT * DAY_S, UTC)
        with suppress(OSError):  # whoever cannot remove them cannot count either, and says so
            for path in self._directory.iterdir():
                if path.suffix[1:] < kept_from.date().isoformat():
                    path.unlink(missing_ok=True)


class _UsedFile:
    """The number of selectors that a partner's workers have leased on one day, under a lock.

    A disk that does not take the number is no reason to grant more: that is `Unavailable`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> "_UsedFile":
        try:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._unusable("opened", error) from None
        # On the event loop: siblings hold it for microseconds, and a stopped one must not stop us.
        deadline = time.monotonic() + _LOCK_PATIENCE_S
        with ExitStack() as undo:
            undo.callback(os.close, self._descriptor)
            while not self._is_locked():
                if time.monotonic() > deadline:
                    raise Unavailable(f"the allowance {self._path} is locked", reason="overloaded")
                time.sleep(_LOOK_AGAIN_S)  # which lets the holder go on where it shares this core
            undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def _is_locked(self) -> bool:
        try:
            return try_flock(self._descriptor)
        except OSError as error:
            raise self._unusable("locked", error) from None

    def used(self) -> int:
        try:
            content = os.pread(self._descriptor, _USED_DIGITS + 1, 0)
        except OSError as error:
            raise self._unusable("read", error) from None
        if not content:
            return 0
        if len(content) != _USED_DIGITS or not content.isdigit():
            raise Unavailable(
                f"the allowance {self._path} holds no number; see docs/operations.md",
                reason="audit",
            )
        return int(content)

    def set_used(self, used: int) -> None:
        try:
            is_new = os.fstat(self._descriptor).st_size == 0
            os.pwrite(self._descriptor, b"%0*d" % (_USED_DIGITS, used), 0)
            if is_new:  # else a power cut could leave a file that has no number, all day long
                os.fdatasync(self._descriptor)
        except OSError as error:
            raise self._unusable("recorded", error) from None

    def _unusable(self, what: str, error: OSError) -> Unavailable:
        return Unavailable(
            f"the allowance {self._path} cannot be {what}: {error.strerror}", reason="audit"
        )

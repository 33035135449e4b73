"""How much a partner may ask: a rate and a daily cap, which all workers of this host share.

A worker takes leases of both from small locked files and spends them in memory, so that hardly a
request costs a system call. What a killed worker had leased counts as spent.
"""

import os
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from screening.api.cache import boot_id
from screening.file_lock import try_flock
from screening.private_files import ensure_private_directory
from screening.registry.record import PartnerRecord
from screening.vocabulary.errors import QuotaExceeded, Unavailable
from screening.vocabulary.unix_time import DAY_S

_LEASE_FRACTION: Final = 1_000
"""A lease is this part of the cap: what workers hold unspent stays below a percent."""
_RATE_LEASE_S: Final = 0.02
"""A lease of the rate is what comes in so much time: a worker holds no more of it unspent."""
_LOCK_PATIENCE_S: Final = 0.005
_LOOK_AGAIN_S: Final = 0.0002
_DIGITS: Final = 20
_NS: Final = 1_000_000_000
_BURST_S: Final = 1.0
_RATE: Final = "rate-"
"""Before the boot in whose time a rate is told, in the name of its file."""
_DAYS_KEPT: Final = 7


@dataclass(slots=True)
class _Account:
    day: int
    daily_selectors: int
    selectors_per_second: int
    leased: int = 0
    rate_leased: int = 0

    def is_under(self, partner: PartnerRecord) -> bool:
        """Tell whether what is leased was leased under the limits that the partner has now."""
        return (
            self.daily_selectors == partner.daily_selectors
            and self.selectors_per_second == partner.selectors_per_second
        )


class Allowance:
    """The allowances of all partners, as one worker spends them."""

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
        self._accounts: dict[str, _Account] = {}
        self._today = 0
        self._forget_past_boots()

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
        if account is None or account.day != today or not account.is_under(partner):
            account = self._open_account(partner, today, account)
        if account.leased < selectors:
            self._lease(account, partner, selectors - account.leased)
        if account.rate_leased < selectors:
            self._lease_rate(account, partner, selectors - account.rate_leased)
        account.rate_leased -= selectors
        account.leased -= selectors
        return today

    def _open_account(
        self, partner: PartnerRecord, today: int, before: _Account | None
    ) -> _Account:
        account = _Account(today, partner.daily_selectors, partner.selectors_per_second)
        if before is not None and before.is_under(partner):
            account.rate_leased = before.rate_leased  # the rate has no day
        elif before is not None and before.day == today and before.leased:
            # A lease of higher limits would outlast them: limits are lowered to stop somebody.
            with self._locked(partner.partner, today) as file:
                file.set_number(max(0, file.number() - before.leased))
        self._accounts[partner.partner] = account
        if today != self._today:
            self._today = today
            self._forget_past_days()
        return account

    def give_back(self, partner: PartnerRecord, selectors: int, *, day: int) -> None:
        """Take back what was spent on a question that was not answered; a cap is of its day."""
        account = self._accounts[partner.partner]
        if not account.is_under(partner):
            return  # spent under other limits, as whose lease it would outlast them
        account.rate_leased += selectors
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
            return max(0, partner.daily_selectors - file.number() + own)

    def _lease_rate(self, account: _Account, partner: PartnerRecord, missing: int) -> None:
        """Lease by GCRA (ITU-T I.371, virtual scheduling): the file has when the bucket is empty.

        In nanoseconds of a clock that never jumps and is the same in every process of one boot.
        """
        per_second = partner.selectors_per_second
        path = self._directory / f"{partner.partner}.{self._rate}"
        with _NumberFile(path, outlives_boot=False) as file:
            now = self._monotonic()
            empty_at = max(file.number() / _NS, now)
            # A full bulk request must pass when nothing was asked before it, whatever the rate.
            if empty_at - now > _BURST_S:
                wait_s = empty_at - now - _BURST_S
                raise QuotaExceeded("too many selectors a second", retry_after_s=int(wait_s) + 1)
            lease = max(missing, int(per_second * _RATE_LEASE_S))
            file.set_number(int((empty_at + lease / per_second) * _NS))
            account.rate_leased += lease

    def _lease(self, account: _Account, partner: PartnerRecord, missing: int) -> None:
        with self._locked(partner.partner, account.day) as file:
            used = file.number()
            left = partner.daily_selectors - used
            if left < missing:
                raise QuotaExceeded(
                    "the daily cap on selectors is reached",
                    retry_after_s=DAY_S - int(self._clock()) % DAY_S,
                )
            lease = min(left, max(missing, partner.daily_selectors // _LEASE_FRACTION))
            file.set_number(used + lease)
            account.leased += lease

    def _locked(self, partner: str, day: int) -> "_NumberFile":
        date = datetime.fromtimestamp(day * DAY_S, UTC).date().isoformat()
        return _NumberFile(self._directory / f"{partner}.{date}")

    def _forget_past_days(self) -> None:
        # Some are kept: a clock that goes back must find what was spent.
        kept_from = datetime.fromtimestamp(self._clock() - _DAYS_KEPT * DAY_S, UTC)
        with suppress(OSError):  # whoever cannot remove them cannot count either, and says so
            for path in self._directory.iterdir():
                if path.suffix[1:] < kept_from.date().isoformat():
                    path.unlink(missing_ok=True)

    def _forget_past_boots(self) -> None:
        with suppress(OSError):
            for path in self._directory.iterdir():
                if path.suffix[1:].startswith(_RATE) and path.suffix[1:] != self._rate:
                    path.unlink(missing_ok=True)


class _NumberFile:
    """A number that all workers of a host share, under a lock; 0 where there is none yet.

    A disk that does not take the number is no reason to grant more: that is `Unavailable`.
    """

    def __init__(self, path: Path, *, outlives_boot: bool = True) -> None:
        self._path = path
        self._outlives_boot = outlives_boot

    def __enter__(self) -> "_NumberFile":
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

    def number(self) -> int:
        try:
            content = os.pread(self._descriptor, _DIGITS + 1, 0)
        except OSError as error:
            raise self._unusable("read", error) from None
        if not content:
            return 0
        if len(content) != _DIGITS or not content.isdigit():
            raise Unavailable(
                f"the allowance {self._path} holds no number; see docs/operations.md",
                reason="audit",
            )
        return int(content)

    def set_number(self, number: int) -> None:
        try:
            is_new = self._outlives_boot and os.fstat(self._descriptor).st_size == 0
            os.pwrite(self._descriptor, b"%0*d" % (_DIGITS, number), 0)
            if is_new:  # else a power cut could leave a file that has no number, all day long
                os.fdatasync(self._descriptor)
        except OSError as error:
            raise self._unusable("recorded", error) from None

    def _unusable(self, what: str, error: OSError) -> Unavailable:
        return Unavailable(
            f"the allowance {self._path} cannot be {what}: {error.strerror}", reason="audit"
        )

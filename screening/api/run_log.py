"""The life of the process that keeps the log: beat after beat, whatever the disk does."""

import re
import time
from pathlib import Path
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Gauge

from screening.alarms import Alarms
from screening.api.alarm_counter import AlarmCounter
from screening.api.alerts.opening import open_alerts
from screening.api.alerts.raising import Alerts
from screening.api.companions import begin
from screening.api.host_name import host_name
from screening.api.lifeline import Lifeline, end_unbegun
from screening.api.repeated import Repeated
from screening.api.settings import ApiSettings
from screening.api.witness_peer import WitnessPeer
from screening.api.witnessing import Progress, Witnessing, WitnessThread
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.keys import LOG_KEY, ensure_log_key, show_verifier_key
from screening.ledger.log.merged import MergedLog
from screening.ledger.log.notes import VerifierKey, parse_verifier_key
from screening.ledger.log.receipt_index import ReceiptIndex
from screening.vocabulary.errors import LedgerDamaged, LedgerUnavailable, OperatorError

BEAT_S: Final = 0.75
"""A record is taken at the second look that finds it, so it is signed within two beats."""
PAUSE_S: Final = 2.0
"""After a failure the log is read anew, which takes longer the more of it is not signed."""
_LOOK_FOR_THE_END_S: Final = 0.1
_NOT_IN_A_NAME: Final = re.compile(r"[^A-Za-z0-9.-]")


def run_log(settings: ApiSettings, lifeline: Lifeline) -> None:
    """Merge the journal of this host and sign, until the supervisor ends this or is gone.

    The workers have then sealed their segments, and all that they answered is signed.
    """
    end = _End()
    begin(lifeline, end.come)
    registry = CollectorRegistry()
    alerts = open_alerts(settings)
    alarms = AlarmCounter(registry, alerts)
    keeper = Keeper(settings.home, alarms)
    witness = _witness_of(settings, alarms, registry)
    signed_at = Gauge(
        "screening_log_signed_timestamp_seconds",
        "When what lay in the journal was last merged and signed",
        registry=registry,
        multiprocess_mode="livemax",
    )
    while not end.has_come:
        is_signed = keeper.beat()
        if is_signed:
            signed_at.set_to_current_time()
        end.wait(BEAT_S if is_signed else PAUSE_S)
        _write_down(alerts, alarms)
    keeper.finish()
    if witness is not None:
        witness.finish()
    _write_down(alerts, alarms)


def _write_down(alerts: Alerts, alarms: Alarms) -> None:
    if not alerts.write_down():
        alarms.raised("alerts_dropped", "outbox")


def _witness_of(
    settings: ApiSettings, alarms: Alarms, registry: CollectorRegistry
) -> WitnessThread | None:
    """Begin to have the log witnessed, where a witness is set."""
    if settings.witness_url is None or settings.witness_key is None:
        return None
    thread = WitnessThread(
        Witnessing(
            settings.home,
            parse_verifier_key(settings.witness_key),
            WitnessPeer(settings.witness_url),
            alarms=alarms,
            progress=Progress(registry),
        )
    )
    try:
        thread.start()
    except RuntimeError as error:  # of which the system has too many
        end_unbegun(error)
    return thread


class _End:
    """Comes by a signal, between two beats or within one: what is being written is finished."""

    def __init__(self) -> None:
        self.has_come = False

    def come(self, *_: object) -> None:
        self.has_come = True

    def wait(self, seconds: float) -> None:
        """Wait so long, or until it has come."""
        until = time.monotonic() + seconds
        while not self.has_come and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _LOOK_FOR_THE_END_S))


class Keeper:
    """Opens the log as soon as it can be had, and opens it anew after whatever went wrong."""

    def __init__(self, home: Path, alarms: Alarms) -> None:
        self._home = home
        self._alarms = alarms
        self._merged: MergedLog | None = None
        self._receipts: ReceiptIndex | None = None
        self._key: VerifierKey | None = None
        self._log = structlog.get_logger("screening.log")
        self._repeated = Repeated()

    def beat(self) -> bool:
        """Merge and sign what there is; False where that could not be done."""
        try:
            if self._merged is None:
                self._merged = self._open()
                self._merged.sign()  # merging for the first time may take minutes
            self._merged.merge()
            self._merged.sign()
            self._take_up_receipts(self._merged.signed.size)
        except (OperatorError, LedgerDamaged, LedgerUnavailable) as error:
            self._give_up(str(error))  # our sentence: it holds no input
        except OSError as error:
            what = error.filename or "a file"
            self._give_up(f"{what} cannot be used: {error.strerror or type(error).__name__}")
        return self._merged is not None

    def _open(self) -> MergedLog:
        name = _NOT_IN_A_NAME.sub("-", host_name(self._home))
        journal = self._home / "journal"
        begins = not (self._home / LOG_KEY).exists()
        key = ensure_log_key(self._home, f"{name}/journal", log=journal / LOG)
        if begins:
            self._log.info("a log begins", key=key.verifier.text)
        self._key = key.verifier
        return MergedLog(journal, key, alarms=self._alarms)

    def _take_up_receipts(self, size: int) -> None:
        """Let what was signed be found by its receipt; signing goes on where that fails."""
        log = self._home / "journal" / LOG
        try:
            if self._key is not None:
                show_verifier_key(log, self._key)
            if self._receipts is None:
                self._receipts = ReceiptIndex(self._home / "journal")
            self._receipts.catch_up(size)
        except (OperatorError, LedgerDamaged, OSError) as error:
            self._receipts = None
            reason = error.strerror if isinstance(error, OSError) else str(error)
            if times := self._repeated.raised(("receipts", reason)):
                self._log.error("receipts cannot be proven", reason=reason, times=times)
            self._alarms.raised("receipts_stopped", "journal")

    def _give_up(self, reason: str) -> None:
        times = self._repeated.raised(reason)
        if times:
            self._log.error("nothing is signed in the log", reason=reason, times=times)
        self._alarms.raised("log_stopped", "journal")
        self._close()

    def finish(self) -> None:
        """Sign all that was answered: what a worker that was killed left open, at a second look."""
        self.beat()
        self.beat()
        self._close()

    def _close(self) -> None:
        self._receipts = None
        if self._merged is not None:
            self._merged.close()
            self._merged = None

"""The life of the sync process: beat after beat, whatever Redis does."""

import contextlib
import time
from typing import Final

import structlog
from prometheus_client import CollectorRegistry

from screening.alarms import Alarms
from screening.api.alarm_counter import AlarmCounter
from screening.api.cache import Cache
from screening.api.companions import begin, end_here
from screening.api.host_name import host_name
from screening.api.lifeline import Lifeline
from screening.api.repeated import Repeated
from screening.api.settings import ApiSecrets, ApiSettings
from screening.api.sync import Sync
from screening.store.connection import Store, open_store
from screening.store.settings import StoreSettings
from screening.store.signed import Verifier
from screening.vocabulary.errors import OperatorError, StoreUnavailable

_STORE_TIMEOUT_MS: Final = 1_000
"""Sync fetches megabytes, and no request ever waits for it."""
_REVIVE_TIMEOUT_S: Final = 1.0


def run_sync(settings: ApiSettings, store_settings: StoreSettings, lifeline: Lifeline) -> None:
    """Keep the cache true until the supervisor ends this or is gone."""
    begin(lifeline, end_here)
    beats = _Beats(settings, store_settings, AlarmCounter(CollectorRegistry()))
    try:
        while True:
            beats.beat()
            time.sleep(settings.poll_ms / 1_000)
    finally:
        beats.withdraw()


class _Beats:
    """Opens what sync needs as soon as it can be had, and survives what goes wrong."""

    def __init__(
        self, settings: ApiSettings, store_settings: StoreSettings, alarms: Alarms
    ) -> None:
        self._settings = settings
        self._store_settings = store_settings
        self._alarms = alarms
        self._cache = Cache(settings.home)
        self._store: Store | None = None
        self._secrets: ApiSecrets | None = None
        self._sync: Sync | None = None
        self._log = structlog.get_logger("screening.sync")
        self._repeated = Repeated()

    def beat(self) -> None:
        """Bring the cache up to date, and say what is loaded, as far as that can be done."""
        try:
            if self._store is None:
                self._store = open_store(self._store_settings, timeout_ms=_STORE_TIMEOUT_MS)
            if self._secrets is None:
                self._secrets = ApiSecrets(self._settings.secrets)
            if self._sync is None:
                self._sync = self._new_sync(self._store, self._secrets)
            self._sync.beat()
            self._sync.attest(self._secrets.pepper_ids(), in_place=self._secrets.pepper_in_place())
        except (StoreUnavailable, OperatorError) as error:
            reason = str(error)  # our sentence: it holds no input
            times = self._repeated.raised(reason)
            if times:
                self._log.warning("sync cannot go on", reason=reason, times=times)
            self._alarms.raised("store_unavailable", "store")
            self._revive()
        except OSError:
            self._alarms.raised("cache_unwritable", "cache")

    def withdraw(self) -> None:
        """Say that this host has ended; where Redis does not hear it, it will find out."""
        if self._sync is not None:
            with contextlib.suppress(StoreUnavailable, OSError):
                self._sync.withdraw()

    def _new_sync(self, store: Store, secrets: ApiSecrets) -> Sync:
        return Sync(
            store=store.client,
            cache=self._cache,
            verifier=Verifier(secrets.verifying_key),
            host=host_name(self._settings.home),
            max_records_bytes=self._settings.local_digests_mb << 20,
            alarms=self._alarms,
        )

    def _revive(self) -> None:
        """Bring an embedded server back, where that is what the store is."""
        if self._store is None:
            return
        try:
            self._store.ensure_running(timeout_s=_REVIVE_TIMEOUT_S)
        except (StoreUnavailable, OperatorError):
            return  # the alarm was raised; the next beat tries again

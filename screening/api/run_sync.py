"""The life of the sync process: beat after beat, whatever Redis does."""

import os
import signal
import socket
import time
from typing import Final

import structlog

from screening.api.cache import Cache
from screening.api.settings import ApiSecrets, ApiSettings
from screening.store.connection import Store, open_store
from screening.store.settings import StoreSettings
from screening.store.signed import Verifier
from screening.vocabulary.errors import OperatorError, StoreUnavailable

_STORE_TIMEOUT_MS: Final = 1_000
"""Sync fetches megabytes, and no request ever waits for it."""
_REVIVE_TIMEOUT_S: Final = 1.0


def run_sync(settings: ApiSettings, store_settings: StoreSettings, parent: int) -> None:
    """Keep the cache true until `parent` (a process id) is gone or ends this process."""
    # Ctrl-C reaches the whole group; the parent ends this process when the workers are done.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Imported here: prometheus-client must find its directory in the environment.
    from prometheus_client import CollectorRegistry

    from screening.api.logs import configure_logs
    from screening.api.metrics import Metrics
    from screening.api.sync import Sync

    configure_logs()
    log = structlog.get_logger("screening.sync")
    metrics = Metrics(CollectorRegistry())
    cache = Cache(settings.home)
    store: Store | None = None
    sync: Sync | None = None
    while os.getppid() == parent:
        try:
            store = store or open_store(store_settings, timeout_ms=_STORE_TIMEOUT_MS)
            sync = sync or Sync(
                store=store.client,
                cache=cache,
                verifier=Verifier(ApiSecrets(settings.secrets).verifying_key),
                host=socket.gethostname(),
                max_digests_bytes=settings.local_digests_mb << 20,
                alarms=metrics,
            )
            sync.beat()
            sync.attest()
        except (StoreUnavailable, OperatorError) as error:
            log.warning("sync cannot go on", reason=str(error))  # our sentence: it holds no input
            metrics.raised("store_unavailable", "store")
            _revive(store)
        except OSError:
            metrics.raised("cache_unwritable", "cache")
        time.sleep(settings.poll_ms / 1_000)


def _revive(store: Store | None) -> None:
    """Bring an embedded server back, where that is what the store is."""
    if store is None:
        return
    try:
        store.ensure_running(timeout_s=_REVIVE_TIMEOUT_S)
    except (StoreUnavailable, OperatorError):
        return  # the alarm was raised; the next beat tries again

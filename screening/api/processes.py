"""The processes of an API host: workers, sync, the log's keeper, metrics port, alerts, notices.

Who of them does what: docs/architecture.md, "Processes on an API host". With this module nearly
all is imported that they need, once for all of them.
"""

import functools
import gc
import io
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from screening.api.alerts.run_alerts import run_alerts
from screening.api.companions import HELD_BACK_AT_FIRST
from screening.api.forked import Task
from screening.api.held_signals import TOLD_TO_THE_GROUP
from screening.api.logs import tell
from screening.api.metrics_folder import put_back
from screening.api.run_log import run_log
from screening.api.run_metrics import run_metrics
from screening.api.run_notices import run_notices
from screening.api.run_sync import run_sync
from screening.api.run_worker import run_worker
from screening.api.settings import ApiSettings
from screening.api.supervision import Supervisor
from screening.store.settings import StoreSettings

_WORKERS_SILENCE_S: Final = 5.0
_COMPANIONS_SILENCE_S: Final = 10.0
"""While sync is stopped, no revocation and no release arrives here."""


class Opened(NamedTuple):
    """What the supervisor has opened, and a process that is not to hold it closes."""

    listener: socket.socket
    metrics_listener: socket.socket
    home_lock: io.FileIO
    metrics_lock: io.FileIO

    def all_but(self, own: socket.socket | None = None) -> "tuple[socket.socket | io.FileIO, ...]":
        """Return all but what is a process's own."""
        return tuple(one for one in self if one is not own)

    def tell_where(self) -> None:
        """Say the addresses that are listened on."""
        host, port = self.listener.getsockname()[:2]
        metrics_port = self.metrics_listener.getsockname()[1]
        tell(f"screening on http://{host}:{port}, metrics on port {metrics_port}\n")


def run_processes(
    settings: ApiSettings, store_settings: StoreSettings, opened: Opened, metrics_folder: Path
) -> None:
    """Run the processes until told to stop; raises as `Supervisor.run_until_told` does."""
    worker = Task(
        "a worker",
        "gen-worker",
        run_worker,
        (settings, store_settings, opened.listener),
        # For good: a second Ctrl-C would have uvicorn break off the end of the worker's journal.
        held_back=TOLD_TO_THE_GROUP,
        not_its_own=opened.all_but(opened.listener),
        silence_s=_WORKERS_SILENCE_S,
        prepare=functools.partial(put_back, metrics_folder),
    )
    companion = functools.partial(
        Task,
        held_back=HELD_BACK_AT_FIRST,
        not_its_own=opened.all_but(),
        silence_s=_COMPANIONS_SILENCE_S,
        prepare=worker.prepare,
    )
    companions = [
        companion("sync", "gen-sync", run_sync, (settings, store_settings)),
        companion("the log", "gen-log", run_log, (settings,)),
        companion(
            "the metrics port",
            "gen-metrics",
            run_metrics,
            (opened.metrics_listener, metrics_folder),
            not_its_own=opened.all_but(opened.metrics_listener),
        ),
    ]
    companions += _sending(settings, companion)
    stop = opened.listener.close
    supervisor = Supervisor(worker, settings.workers, companions, stop_listening=stop)
    _freeze()
    opened.tell_where()
    supervisor.run_until_told()


def _sending(settings: ApiSettings, companion: Callable[..., Task]) -> Iterator[Task]:
    """Yield those that send to others, where there is somebody to send to."""
    if settings.webhook_url is not None:
        yield companion("alerts", "gen-alerts", run_alerts, (settings,))
    if settings.partner_webhooks is not None:
        of_notices = (settings, settings.partner_webhooks)
        yield companion("notices", "gen-notices", run_notices, of_notices)


def _freeze() -> None:
    """Let what is there now lie in memory once, for all processes: no collection writes to it."""
    gc.collect()
    gc.freeze()
    gc.enable()  # `screening serve` begins without

"""`/metrics` on its own port, from the shared files of all processes of the host.

Imported when prometheus-client's directory is in the environment (`serve.py`).
"""

import os
import socket
import threading
from collections.abc import Iterable
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead


def serve_metrics(listener: socket.socket, folder: Path) -> None:
    """Answer on `listener`, in a thread, what the processes write to `folder`."""
    registry = CollectorRegistry()
    registry.register(_OfTheLiving(folder))
    server = WSGIServer(listener.getsockname()[:2], _QuietHandler, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.server_name, server.server_port = listener.getsockname()[:2]
    server.setup_environ()
    server.set_app(make_wsgi_app(registry))
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()


class _OfTheLiving(MultiProcessCollector):
    """Forgets the gauges of dead processes: the release that one was at holds nobody back."""

    def __init__(self, folder: Path) -> None:
        super().__init__(None, str(folder))  # type: ignore[no-untyped-call]  # it has no hints
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        """Read the files of all processes."""
        for path in self._folder.glob("gauge_live*.db"):
            pid = int(path.stem.rpartition("_")[2])
            if not _is_alive(pid):
                mark_process_dead(pid, str(self._folder))  # type: ignore[no-untyped-call]  # nor has it
        metrics: Iterable[Metric] = super().collect()  # type: ignore[no-untyped-call]  # nor has it
        return metrics


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the base
        """Log nothing: a scrape is no event."""


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

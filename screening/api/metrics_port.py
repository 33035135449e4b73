"""`/metrics` on its own port, from the shared files of all processes of the host.

Imported when prometheus-client's directory is in the environment (`serve.py`).
"""

import socket
import struct
import threading
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import structlog
from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from screening.api.metrics import NO_LIST
from screening.api.metrics_folder import is_whole
from screening.api.process_ids import is_alive
from screening.api.repeated import Repeated

_AT_ONCE: Final = 16
_TIMEOUT_S: Final = 5.0
_UNREADABLE: Final = (
    struct.error,
    RuntimeError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    OSError,
)
"""What prometheus-client raises at a file that is short or not its own, as it reads or names it."""
_LEFT_OUT: Final = (
    "screening_metrics_files_left_out",
    "Damaged files of processes of this host, whose counts are missing here; one more "
    "where all of them, or their folder, were removed",
)

_log = structlog.get_logger("screening.metrics")


def metrics_server(listener: socket.socket, folder: Path) -> WSGIServer:
    """Return what answers on `listener` what the processes write to `folder`."""
    registry = CollectorRegistry()
    registry.register(_OfTheLiving(folder))
    server = _Server(listener.getsockname()[:2], _QuietHandler, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.server_name, server.server_port = listener.getsockname()[:2]
    server.setup_environ()
    server.set_app(make_wsgi_app(registry))
    return server


class _OfTheLiving(MultiProcessCollector):
    """Forgets the gauges of dead processes: the release that one was at holds nobody back."""

    def __init__(self, folder: Path) -> None:
        super().__init__(None, str(folder))  # type: ignore[no-untyped-call]  # it has no hints
        self._folder = folder
        self._lock = threading.Lock()
        self._repeated = Repeated()

    def collect(self) -> Iterable[Metric]:
        """Read the files of all processes."""
        with self._lock:  # what two scrapes both forget, the second would not find
            return self._collect()

    def _collect(self) -> Iterable[Metric]:
        for path in self._folder.glob("gauge_live*.db"):
            pid = path.stem.rpartition("_")[2]
            if pid.isdecimal() and not is_alive(int(pid)):
                mark_process_dead(int(pid), str(self._folder))  # type: ignore[no-untyped-call]  # nor has it
        # Whoever opens a pipe waits for another at its end.
        files = readable = [path for path in self._folder.glob("*.db") if not path.is_fifo()]
        try:
            metrics = self._read(files)
        except _UNREADABLE:
            readable = [path for path in files if self._is_readable(path)]
            metrics = self._read(readable)
        left_out = len(files) - len(readable)
        if not is_whole(self._folder):
            left_out += 1
            if times := self._repeated.raised("removed"):
                sentence = "files of the metrics were removed; start the server again"
                _log.error(sentence, folder=str(self._folder), times=times)
        gauge = GaugeMetricFamily(*_LEFT_OUT, value=left_out)
        return [*map(_of_what_is_there, metrics), gauge]

    def _is_readable(self, path: Path) -> bool:
        """Tell whether a file is whole: one that is just being made, or was damaged, is not."""
        try:
            self._read([path])
        except _UNREADABLE:
            return False
        return True

    def _read(self, files: Sequence[Path]) -> Iterable[Metric]:
        merged: Iterable[Metric] = self.merge([str(path) for path in files])  # type: ignore[no-untyped-call]  # nor has it
        metrics = list(merged)
        for metric in metrics:
            _require_text(metric)
        return metrics


def _require_text(metric: Metric) -> None:
    """Raise `TypeError` or `ValueError` where a name or label could not be written out."""
    labels = [text for sample in metric.samples for pair in sample.labels.items() for text in pair]
    for text in (metric.name, metric.documentation, *labels):
        str.encode(text)


def _of_what_is_there(metric: Metric) -> Metric:
    """Leave out the samples of token keys that are gone."""
    gone = NO_LIST.get(getattr(metric, "_multiprocess_mode", ""))
    metric.samples = [one for one in metric.samples if one.value != gone]
    return metric


class _Server(ThreadingMixIn, WSGIServer):
    """Answers a few at a time, so that one who sends nothing does not keep out those who scrape."""

    daemon_threads = True

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._places = threading.BoundedSemaphore(_AT_ONCE)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread, or hang up where too many are at it."""
        if not self._places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:  # no thread could be started
            self._places.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and make room."""
        # Of the whole request: a socket's own time-out begins anew with every byte.
        ending = threading.Timer(_TIMEOUT_S, request.shutdown, [socket.SHUT_RDWR])
        ending.daemon = True
        ending.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            ending.cancel()
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a peer that went away or sent nothing in time."""


class _QuietHandler(WSGIRequestHandler):
    def parse_request(self) -> bool:
        """Read the head; of any other method than GET prometheus-client would repeat the name."""
        if not super().parse_request():
            return False
        if self.command != "GET":
            self.send_error(HTTPStatus.METHOD_NOT_ALLOWED)
            return False
        return True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse and end; what the base would say repeats what was sent."""
        del message, explain
        body = b"" if self.command == "HEAD" else b"%d\n" % code
        self.send_response(code)
        self.send_header("Connection", "close")
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        if code == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the base
        """Log nothing: a scrape is no event."""

"""The processes of an API host: N workers, one sync, and the metrics port (design.md section 3).

uvicorn supervises the workers and starts another where one dies; a thread here does so for sync.
"""

import functools
import hashlib
import multiprocessing
import os
import shutil
import socket
import sys
import threading
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Final

import structlog
import uvicorn
from uvicorn.supervisors import Multiprocess

from screening.api.cache import Cache
from screening.api.logs import configure_logs
from screening.api.run_sync import run_sync
from screening.api.settings import ApiSecrets, ApiSettings
from screening.private_files import ensure_private_directory
from screening.store.settings import StoreSettings
from screening.vocabulary.errors import OperatorError

_METRICS_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - what is made there is ours alone, or refused
_RESTART_AFTER_S: Final = 0.5
_LOOK_AGAIN_S: Final = 0.1
_GRACE_S: Final = 5


def serve(settings: ApiSettings, store_settings: StoreSettings) -> None:
    """Serve until told to stop; raises `OperatorError` before the port is bound."""
    os.umask(0o077)  # for the files that libraries make, in all processes started from here
    configure_logs()
    ApiSecrets(settings.secrets)
    ensure_private_directory(settings.home)
    for name in ("journal", "allowance"):
        ensure_private_directory(settings.home / name)
    Cache(settings.home).forget_workers()
    metrics_folder = _prepare_metrics(settings.home)
    listener = _bind(settings.host, settings.port)
    metrics_listener = _bind(settings.metrics_host, settings.metrics_port)
    sync = _SupervisedSync(settings, store_settings)
    sync.start()
    # Imported here: prometheus-client must find its directory in the environment.
    from screening.api.metrics_port import serve_metrics

    serve_metrics(metrics_listener, metrics_folder)
    host, port = listener.getsockname()[:2]
    metrics_port = metrics_listener.getsockname()[1]
    print(
        f"screening on http://{host}:{port}, metrics on port {metrics_port}",
        file=sys.stderr,
        flush=True,
    )
    config = uvicorn.Config(
        functools.partial(_create_app, settings, store_settings, os.getpid()),
        factory=True,
        workers=settings.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        lifespan="on",
        http="screening.api.http_connection:HttpConnection",  # imported by the workers only
        ws="none",
        timeout_graceful_shutdown=_GRACE_S,
    )
    try:
        Multiprocess(config, [listener]).run()
    finally:
        sync.stop()
        listener.close()
        shutil.rmtree(metrics_folder, ignore_errors=True)


def _create_app(settings: ApiSettings, store_settings: StoreSettings, supervisor: int) -> object:
    # Imported in the worker: prometheus-client must find its directory in the environment.
    from screening.api.app import create_app

    try:
        return create_app(settings, store_settings, supervisor=supervisor)
    except OperatorError as error:  # a folder was opened to others since `serve` looked
        sys.exit(str(error))


def _bind(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise OperatorError(
            f"port {port} on {host} cannot be listened on: {error.strerror}; choose another"
        ) from None
    listener.set_inheritable(True)
    return listener


def _prepare_metrics(home: Path) -> Path:
    """Make an empty folder for the shared metrics files, and tell the children where it is.

    In memory where the system has such a place: the files are mapped, and a process that touches a
    page of them for which the disk has no space left is killed (SIGBUS).
    """
    folder = home.absolute() / "metrics"
    if os.access(_MEMORY, os.W_OK | os.X_OK):
        name = hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:16]
        folder = _MEMORY / f"screening-metrics-{name}"
    shutil.rmtree(folder, ignore_errors=True)  # what an earlier start has left
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise OperatorError(f"{folder} cannot be made: {error.strerror}; remove it") from None
    os.environ[_METRICS_VARIABLE] = str(folder)
    return folder


class _SupervisedSync:
    """The sync process, started again where it dies."""

    def __init__(self, settings: ApiSettings, store_settings: StoreSettings) -> None:
        self._arguments = (settings, store_settings, os.getpid())
        self._stopping = threading.Event()
        self._process: SpawnProcess | None = None
        self._thread = threading.Thread(target=self._supervise, name="sync", daemon=True)

    def start(self) -> None:
        """Start the process and its supervision."""
        self._thread.start()

    def stop(self) -> None:
        """End the process."""
        self._stopping.set()
        while self._thread.is_alive():
            process = self._process
            # Again and again: it may be about to be started at this moment.
            if process is not None and process.pid is not None:
                process.terminate()
            self._thread.join(_LOOK_AGAIN_S)

    def _supervise(self) -> None:
        spawn = multiprocessing.get_context("spawn")
        while not self._stopping.is_set():
            self._process = spawn.Process(target=run_sync, args=self._arguments, name="sync")
            self._process.start()
            self._process.join()
            if not self._stopping.wait(_RESTART_AFTER_S):
                structlog.get_logger("screening.serve").error("sync died and is started again")

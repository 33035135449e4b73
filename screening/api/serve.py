"""The processes of an API host: N workers, one sync, and the metrics port (design.md section 3).

uvicorn supervises the workers and starts another where one dies; a thread here does so for sync.
"""

import contextlib
import fcntl
import functools
import multiprocessing
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Final

import structlog
import uvicorn
from uvicorn.supervisors import Multiprocess

from screening.api.cache import Cache
from screening.api.logs import configure_logs
from screening.api.metrics_folder import metrics_folder
from screening.api.run_sync import run_sync
from screening.api.settings import ApiSecrets, ApiSettings
from screening.private_files import ensure_private_directory
from screening.store.embedded_directory import StoreDirectory, try_flock
from screening.store.server_binary import choose_server_binary, known_binaries
from screening.store.settings import StoreSettings
from screening.vocabulary.errors import OperatorError

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
    cache = Cache(settings.home)
    if store_settings.redis_url is None:
        choose_server_binary(known_binaries())
        StoreDirectory.prepare(store_settings.home)
    with _only_server_of(settings.home), _bind(settings.host, settings.port) as listener:
        metrics_listener = _bind(settings.metrics_host, settings.metrics_port)
        # Only now: before, another server might be found here that still needs them.
        cache.forget_workers()
        with metrics_folder(settings.home) as folder:
            # Imported here: prometheus-client must find its directory in the environment.
            from screening.api.metrics_port import serve_metrics

            serve_metrics(metrics_listener, folder)
            _run(settings, store_settings, listener, metrics_listener.getsockname()[1])


def _run(
    settings: ApiSettings,
    store_settings: StoreSettings,
    listener: socket.socket,
    metrics_port: int,
) -> None:
    """Run sync and the workers until told to stop."""
    host, port = listener.getsockname()[:2]
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
    sync = _SupervisedSync(settings, store_settings)
    sync.start()
    try:
        Multiprocess(config, [listener]).run()
    finally:
        sync.stop()


def _create_app(settings: ApiSettings, store_settings: StoreSettings, supervisor: int) -> object:
    # Imported in the worker: prometheus-client must find its directory in the environment.
    from screening.api.app import create_app

    try:
        return create_app(settings, store_settings, supervisor=supervisor)
    except OperatorError as error:  # a folder was opened to others since `serve` looked
        sys.exit(str(error))


@contextlib.contextmanager
def _only_server_of(home: Path) -> Iterator[None]:
    """Hold `home`: two servers would take each other's cache, metrics and embedded store away."""
    # Not inherited: what a killed server leaves behind does not keep the next one from starting.
    with (home / "serve.lock").open("ab", buffering=0) as lock:
        if not try_flock(lock, fcntl.LOCK_EX):
            raise OperatorError(
                f"another screening serve uses this home ({home}); stop it, or set another "
                "SCREENING_HOME"
            )
        yield


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
        """End the process, and kill it where it has not ended after the grace."""
        self._stopping.set()
        killing_at = time.monotonic() + _GRACE_S
        while self._thread.is_alive():
            process = self._process
            # Again and again: it may be about to be started at this moment.
            if process is not None:
                if time.monotonic() < killing_at:
                    process.terminate()
                else:
                    process.kill()
            self._thread.join(_LOOK_AGAIN_S)

    def _supervise(self) -> None:
        spawn = multiprocessing.get_context("spawn")
        log = structlog.get_logger("screening.serve")
        while not self._stopping.is_set():
            process = spawn.Process(target=run_sync, args=self._arguments, name="sync")
            try:
                process.start()
            except OSError as error:  # no memory, process or descriptor is left: perhaps later
                log.warning("sync cannot be started and is tried again", reason=error.strerror)
                self._stopping.wait(_RESTART_AFTER_S)
                continue
            self._process = process
            process.join()
            if not self._stopping.wait(_RESTART_AFTER_S):
                log.error("sync died and is started again")

"""The processes of an API host: N workers, one sync, one that keeps the log, the metrics port.

Who of them does what: docs/architecture.md, "Processes on an API host".
"""

import contextlib
import functools
import io
import os
import resource
import signal
import socket
import sys
from collections.abc import Iterator
from multiprocessing import resource_tracker
from pathlib import Path

import uvicorn

from screening.api.cache import Cache
from screening.api.logs import configure_logs, hold_standard_streams, tell
from screening.api.metrics_folder import metrics_folder
from screening.api.run_log import run_log
from screening.api.run_sync import run_sync
from screening.api.settings import ApiSecrets, ApiSettings
from screening.api.supervision import (
    REQUESTS_GRACE_S,
    WORKERS_GRACE_S,
    Supervised,
    SupervisedWorkers,
)
from screening.file_lock import try_flock
from screening.parent_death import end_without
from screening.private_files import (
    ensure_private_directory,
    regular_descriptor,
    require_writable,
)
from screening.store.embedded_directory import StoreDirectory
from screening.store.server_binary import choose_server_binary, known_binaries
from screening.store.settings import StoreSettings
from screening.vocabulary.errors import OperatorError


def serve(settings: ApiSettings, store_settings: StoreSettings) -> None:
    """Serve until told to stop; raises `OperatorError` or `OSError` before the port is bound."""
    hold_standard_streams()
    os.umask(0o077)  # for the files that libraries make, in all processes started from here
    _allow_descriptors()
    configure_logs()
    ApiSecrets(settings.secrets)
    ensure_private_directory(settings.home)
    for name in ("journal", "allowance"):  # without either, no worker could answer anything
        require_writable(ensure_private_directory(settings.home / name))
    cache = Cache(settings.home)
    if store_settings.redis_url is None:
        choose_server_binary(known_binaries())
        StoreDirectory.prepare(store_settings.home)
    with (
        _only_server_of(settings.home),
        _bind(
            settings.host,
            settings.port,
            "a port with --port or SCREENING_PORT, an address with --host or SCREENING_HOST",
        ) as listener,
    ):
        metrics_listener = _bind(
            settings.metrics_host,
            settings.metrics_port,
            "a port for metrics with --metrics-port or SCREENING_METRICS_PORT, an address with "
            "SCREENING_METRICS_HOST",
        )
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
    """Run the workers, sync and the log until told to stop."""
    host, port = listener.getsockname()[:2]
    tell(f"screening on http://{host}:{port}, metrics on port {metrics_port}\n")
    config = uvicorn.Config(
        functools.partial(_create_app, settings, store_settings, os.getpid()),
        factory=True,
        workers=settings.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,  # nobody here asks where a request came from
        lifespan="on",
        http="screening.api.http_connection:HttpConnection",  # imported by the workers only
        ws="none",
        timeout_graceful_shutdown=REQUESTS_GRACE_S,
    )
    _start_tracker()
    companions = (
        Supervised("sync", run_sync, settings, store_settings),
        Supervised("the log", run_log, settings.home),
    )
    for one in companions:
        one.start()
    try:
        SupervisedWorkers(config, listener).run_until_told()
    finally:
        for one in companions:
            one.stop()


def _start_tracker() -> None:
    """Start what multiprocessing keeps beside a process, which SIGHUP to the group would end.

    It heeds neither SIGINT nor SIGTERM by itself.
    """
    heeded = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # which it inherits
    resource_tracker.ensure_running()
    signal.signal(signal.SIGHUP, heeded)


def _create_app(settings: ApiSettings, store_settings: StoreSettings, supervisor: int) -> object:
    end_without(supervisor, signal.SIGTERM, grace_s=WORKERS_GRACE_S)
    try:
        # Imported in the worker: prometheus-client must find its directory in the environment.
        from screening.api.app import create_app

        return create_app(settings, store_settings)
    except OperatorError as error:  # a folder was opened to others since `serve` looked
        sys.exit(str(error))
    except FileNotFoundError:
        if os.getppid() == supervisor:
            raise
        sys.exit()  # its server was killed, and the next one has cleared away its metrics


@contextlib.contextmanager
def _only_server_of(home: Path) -> Iterator[None]:
    """Hold `home`: two servers would take each other's cache, metrics and embedded store away."""
    # Not inherited: what a killed server leaves behind does not keep the next one from starting.
    with io.FileIO(home / "serve.lock", "ab", opener=regular_descriptor) as lock:
        if not try_flock(lock):
            raise OperatorError(
                f"another screening serve uses this home ({home}); stop it, or set another "
                "SCREENING_HOME"
            )
        yield


def _allow_descriptors() -> None:
    """Permit the processes started from here as many open files as the system lets us have.

    The usual 1,024 are three for each token key's mapped files, and one for each connection.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # macOS names a limit that it does not grant
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _bind(host: str, port: int, options: str) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        number = error.errno or 0
        why = os.strerror(number) if number > 0 else "no such address here"  # a resolver's number
        raise OperatorError(
            f"port {port} on {host} cannot be listened on: {why}; choose {options}"
        ) from None
    listener.set_inheritable(True)
    return listener

"""`screening serve`: looks whether all is there that it needs, and takes what it alone may hold."""

import contextlib
import io
import os
import resource
from collections.abc import Iterator
from pathlib import Path

from screening.api.alerts.signature import read_secrets
from screening.api.cache import Cache
from screening.api.logs import configure_logs, hold_standard_streams
from screening.api.metrics_folder import metrics_folder
from screening.api.partner_webhooks import require_webhooks
from screening.api.settings import ApiSecrets, ApiSettings
from screening.file_lock import try_flock
from screening.listening import listen
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
    _require_secrets(settings)
    ensure_private_directory(settings.home)
    for name in ("journal", "allowance"):  # without either, no worker could answer anything
        require_writable(ensure_private_directory(settings.home / name))
    cache = Cache(settings.home)
    if store_settings.redis_url is None:
        choose_server_binary(known_binaries())
        StoreDirectory.prepare(store_settings.home)
    with (
        _only_server_of(settings.home) as home_lock,
        listen(
            settings.host,
            settings.port,
            remedy="choose a port with SCREENING_PORT (screening serve: or --port), an address "
            "with SCREENING_HOST (or --host)",
        ) as listener,
        listen(
            settings.metrics_host,
            settings.metrics_port,
            remedy="choose a port for metrics with SCREENING_METRICS_PORT (screening serve: or "
            "--metrics-port), an address with SCREENING_METRICS_HOST",
        ) as metrics_listener,
    ):
        # Only now: before, another server might be found here that still needs them.
        cache.forget_workers()
        with metrics_folder(settings.home) as (folder, folder_lock):
            # Imported here: prometheus-client must find its directory in the environment.
            from screening.api.processes import Opened, run_processes

            opened = Opened(listener, metrics_listener, home_lock, folder_lock)
            run_processes(settings, store_settings, opened, folder)


def _require_secrets(settings: ApiSettings) -> None:
    ApiSecrets(settings.secrets)
    if settings.webhook_secret_file is not None:
        read_secrets(settings.webhook_secret_file)
    if settings.partner_webhooks is not None:
        require_webhooks(settings.partner_webhooks)


@contextlib.contextmanager
def _only_server_of(home: Path) -> Iterator[io.FileIO]:
    """Hold `home`: two servers would take each other's cache, metrics and embedded store away."""
    with io.FileIO(home / "serve.lock", "ab", opener=regular_descriptor) as lock:
        if not try_flock(lock):
            raise OperatorError(
                f"another screening serve uses this home ({home}); stop it, or set another "
                "SCREENING_HOME"
            )
        yield lock


def _allow_descriptors() -> None:
    """Permit the processes started from here as many open files as the system lets us have.

    The usual 1,024 are three for each token key's mapped files, and one for each connection.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # macOS names a limit that it does not grant
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

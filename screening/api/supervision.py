"""Keeps the workers and sync running, and ends them within a stated time, whatever they do.

uvicorn supervises the workers and starts another where one dies or is stopped; a thread here does
so for sync.
"""

import multiprocessing
import os
import socket
import threading
import time
from multiprocessing.context import SpawnProcess
from typing import Final

import structlog
import uvicorn
from uvicorn.supervisors import Multiprocess

from screening.api.run_sync import run_sync
from screening.api.settings import ApiSettings
from screening.store.settings import StoreSettings

REQUESTS_GRACE_S: Final = 5
"""How long a worker that is told to end goes on with the requests it has."""
_WORKERS_GRACE_S: Final = 10.0
"""As long again for the journal's last write; what a worker killed then leaves is recovered."""
_SYNC_GRACE_S: Final = 5.0
_RESTART_AFTER_S: Final = 0.5
_LOOK_AGAIN_S: Final = 0.1

_log = structlog.get_logger("screening.serve")


class SupervisedWorkers(Multiprocess):
    """uvicorn's supervisor, which would wait without end for a worker that does not end."""

    def __init__(self, config: uvicorn.Config, listener: socket.socket) -> None:
        super().__init__(config, [listener])

    def run_until_told(self) -> None:
        """Start the workers and keep them running until a signal comes; then end them all."""
        try:
            self.run()
        finally:  # also where not all of them could be started
            self.terminate_all()
            self.join_all()

    def keep_subprocess_alive(self) -> None:
        """Replace workers that have died or are stopped, as soon as that can be done."""
        try:
            super().keep_subprocess_alive()
        except OSError as error:  # no memory, process or descriptor is left: perhaps later
            _log.warning("a worker cannot be started and is tried again", reason=error.strerror)

    def join_all(self) -> None:
        """Wait for the workers to end, and kill those that have not after the grace."""
        killing_at = time.monotonic() + _WORKERS_GRACE_S
        for worker in self.processes:
            worker.process.join(max(0.0, killing_at - time.monotonic()))
        for worker in self.processes:
            if worker.exitcode is None:
                _log.error("a worker did not end and is killed", pid=worker.pid)
                worker.kill()
                worker.join()


class SupervisedSync:
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
        killing_at = time.monotonic() + _SYNC_GRACE_S
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
        while not self._stopping.is_set():
            process = spawn.Process(target=run_sync, args=self._arguments, name="sync")
            try:
                process.start()
            except OSError as error:  # no memory, process or descriptor is left: perhaps later
                _log.warning("sync cannot be started and is tried again", reason=error.strerror)
                self._stopping.wait(_RESTART_AFTER_S)
                continue
            self._process = process
            process.join()
            if not self._stopping.wait(_RESTART_AFTER_S):
                _log.error("sync died and is started again")

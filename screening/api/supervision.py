"""Keeps the workers and their companions running, and ends them within a stated time.

uvicorn's supervisor looks at the workers, and here another is started where one has died or, once
it has begun, is stopped; a thread does so for each process beside them.
"""

import contextlib
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.context import SpawnProcess
from typing import Final

import structlog
import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

from screening.api.companions import COMPANIONS_GRACE_S, END_SIGNAL, LEFT_TO_THE_PARENT
from screening.api.held_signals import TOLD_TO_THE_GROUP, held_back
from screening.vocabulary.errors import OperatorError

REQUESTS_GRACE_S: Final = 5
"""How long a worker that is told to end goes on with the requests it has."""
WORKERS_GRACE_S: Final = 10.0
"""As long again for the journal's last write; what a worker killed then leaves is recovered."""
_START_S: Final = 60.0
"""A worker hashes every list before it serves: gigabytes, perhaps."""
_BEGIN_S: Final = 30.0
"""Before it can answer at all it is imported: seconds, on a host that is busy."""
_LOOK_AT_LIFE_S: Final = 1.0
_SILENCE_S: Final = 10.0
"""While sync is stopped, no revocation and no release arrives here."""
_RESTART_AFTER_S: Final = 0.5
_LOOK_AGAIN_S: Final = 0.1

_ENDING: Final = frozenset({signal.SIGTERM, signal.SIGINT})

_log = structlog.get_logger("screening.serve")


class PatientlyStarted(Process):
    """A worker of uvicorn's that has time to begin: one killed for being slow is slow again."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket]) -> None:
        super().__init__(config, sockets)
        self._gives_up_at = time.monotonic() + _BEGIN_S
        self._has_answered = False

    def ping(self, timeout: float = 5) -> bool:
        """Tell whether it answers within `timeout` seconds, or may not be able to yet.

        Or has answered since the look before, too late for that one.
        """
        if self._late_answers() or super().ping(timeout):
            self._has_answered = True
            return True
        return not self._has_answered and time.monotonic() < self._gives_up_at

    def is_ready(self, timeout: float = 5) -> bool:
        """Tell whether it says within `timeout` seconds, or has said since, that it serves."""
        return any(self._late_answers()) or super().is_ready(timeout)

    def _late_answers(self) -> list[bool]:
        """Take what it has answered since the last look, so that none counts twice."""
        answers = []
        with contextlib.suppress(OSError, EOFError):
            while self.parent_conn.poll():
                answers.append(self.parent_conn.recv())
        return answers


class SupervisedWorkers(Multiprocess):
    """uvicorn's supervisor, which would wait without end for a worker that does not end.

    Nor does one worker that fails at its own start end a server that has been serving.
    """

    def __init__(self, config: uvicorn.Config, listener: socket.socket) -> None:
        super().__init__(config, [listener])
        self._has_served = False
        self._failed_to_start = False

    def run_until_told(self) -> None:
        """Start the workers and keep them running until a signal comes; then end them all.

        Raises `OperatorError` where none could begin to serve.
        """
        try:
            self.run()
        finally:  # also where not all of them could be started
            self.terminate_all()
            self.join_all()
            _log.info("the workers have ended")
        if self._failed_to_start:
            raise OperatorError("no worker could start; see the log above for the reason")

    def init_processes(self) -> None:
        """Start the first workers; raises `OSError`."""
        for _ in range(self.processes_num):
            self.processes.append(self._start_worker())

    def keep_subprocess_alive(self) -> None:
        """Replace workers that have died or are stopped, as soon as that can be done."""
        for index, worker in enumerate(self.processes):
            if self._is_told_to_end():  # one that has just begun may take its time to answer
                return
            if worker.is_alive(timeout=self.config.timeout_worker_healthcheck):
                if not self._has_served and worker.is_ready(timeout=_LOOK_AGAIN_S):
                    self._has_served = True
                    _log.info("the workers serve", workers=self.processes_num)
                continue
            if self._is_told_to_end():  # so was the worker, by a signal to the group
                return
            worker.kill()
            worker.join()
            if worker.exitcode == STARTUP_FAILURE and not self._has_served:
                _log.error("no worker can start: the server ends", pid=worker.pid)
                self._failed_to_start = True
                self.should_exit.set()
                return
            new = self._new_worker()
            if new is not None:
                _log.error("a worker died and is started again", died=worker.pid, pid=new.pid)
                self.processes[index] = new

    def restart_all(self) -> None:
        """Replace each worker by another, once that one serves (SIGHUP)."""
        _log.info("the workers are replaced", workers=len(self.processes))
        for index, old in enumerate(self.processes):
            new = None if self._is_told_to_end() else self._new_worker()
            if new is None:
                return
            if not self._serves_in_time(new):
                if self._is_told_to_end():
                    self.processes.append(new)  # and ended with the others, its journal sealed
                    return
                new.kill()
                new.join()
                _log.error("a new worker did not start: the old ones go on", pid=old.pid)
                return
            self.processes[index] = new
            old.terminate()
            _join([old])
        _log.info("the workers have been replaced")

    def handle_ttin(self) -> None:
        """Start one worker more (SIGTTIN)."""
        worker = self._new_worker()
        if worker is not None:
            self.processes_num += 1
            self.processes.append(worker)

    def handle_ttou(self) -> None:
        """End one worker (SIGTTOU), but not the last."""
        if self.processes_num > 1:
            self.processes_num -= 1
            worker = self.processes.pop()
            worker.terminate()
            _join([worker])

    def join_all(self) -> None:
        """Wait for the workers to end, and kill those that have not after the grace."""
        _join(self.processes)

    def _is_told_to_end(self) -> bool:
        # uvicorn looks at what has come between two things that it does, and this is one.
        return self.should_exit.is_set() or not _ENDING.isdisjoint(self.signal_queue)

    def _serves_in_time(self, worker: Process) -> bool:
        giving_up_at = time.monotonic() + _START_S
        while worker.process.is_alive() and time.monotonic() < giving_up_at:
            if self._is_told_to_end():
                return False
            if worker.is_ready(timeout=_LOOK_AGAIN_S):
                return True
            time.sleep(_LOOK_AGAIN_S)
        return False

    def _new_worker(self) -> Process | None:
        try:
            return self._start_worker()
        except OSError as error:  # no memory, process or descriptor is left: perhaps later
            _log.warning("a worker cannot be started and is tried again", reason=error.strerror)
            return None

    def _start_worker(self) -> Process:
        worker = PatientlyStarted(self.config, self.sockets)
        # For good: a second Ctrl-C would have uvicorn break off the end of the worker's journal.
        with held_back(TOLD_TO_THE_GROUP):
            worker.start()
        return worker


def _join(workers: Sequence[Process]) -> None:
    killing_at = time.monotonic() + WORKERS_GRACE_S
    for worker in workers:
        worker.process.join(max(0.0, killing_at - time.monotonic()))
    for worker in workers:
        if worker.exitcode is None:
            _log.error("a worker did not end and is killed", pid=worker.pid)
            worker.kill()
            worker.join()


class Supervised:
    """A process beside the workers, started again where it dies, and killed where it shows no life.

    `target` is called in it with the `arguments`, this process's id and what it shows life by
    (`companions.begin`).
    """

    def __init__(self, name: str, target: Callable[..., None], *arguments: object) -> None:
        self._name = name
        self._target = target
        self._arguments = (*arguments, os.getpid())
        self._stopping = threading.Event()
        self._process: SpawnProcess | None = None
        self._thread = threading.Thread(target=self._supervise, name=name, daemon=True)

    def start(self) -> None:
        """Start the process and its supervision."""
        self._thread.start()

    def stop(self) -> None:
        """End the process, and kill it where it has not ended after the grace."""
        self._stopping.set()
        killing_at = time.monotonic() + COMPANIONS_GRACE_S
        while self._thread.is_alive():
            # Again and again: it may be about to be started at this moment.
            number = END_SIGNAL if time.monotonic() < killing_at else signal.SIGKILL
            _signal(self._process, number)
            self._thread.join(_LOOK_AGAIN_S)

    def _supervise(self) -> None:
        while not self._stopping.is_set():
            try:
                self._run_once()
            except Exception as error:
                # No memory, process or descriptor is left, or what nobody foresaw: without sync
                # no revocation arrives, so it is tried again whatever it was.
                event = f"{self._name} cannot be started and is tried again"
                _log.warning(event, reason=str(error))
                self._stopping.wait(_RESTART_AFTER_S)
            else:
                if not self._stopping.wait(_RESTART_AFTER_S):
                    _log.error(f"{self._name} died and is started again")

    def _run_once(self) -> None:
        """Start the process, and return when it has ended."""
        spawn = multiprocessing.get_context("spawn")
        sign_of_life = spawn.RawValue("d", time.monotonic())
        arguments = (*self._arguments, sign_of_life)
        process = spawn.Process(target=self._target, args=arguments, name=self._name)
        with held_back(LEFT_TO_THE_PARENT):
            process.start()
        self._process = process
        silent_looks = 0
        while process.is_alive():
            process.join(_LOOK_AT_LIFE_S)
            is_silent = time.monotonic() - sign_of_life.value > _SILENCE_S
            silent_looks = silent_looks + 1 if is_silent else 0
            if silent_looks == 2:  # the first may follow a stop of all processes
                _log.error(f"{self._name} shows no life and is killed", pid=process.pid)
                process.kill()
                process.join()


def _signal(process: SpawnProcess | None, number: signal.Signals) -> None:
    if process is not None and process.is_alive() and process.pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)

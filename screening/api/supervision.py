"""Keeps the processes of a host running, and ends them within a stated time.

All by one thread, which waits for none of them: it looks at each several times a second, starts
another where one has ended, and kills one that shows no life.
"""

import signal
import time
from collections.abc import Callable, Sequence
from typing import Final

import structlog
from uvicorn.config import STARTUP_FAILURE

from screening.api.companions import COMPANIONS_GRACE_S, END_SIGNAL
from screening.api.forked import Forked, Task
from screening.api.held_signals import ENDING, HEEDED_BY_THE_SUPERVISOR
from screening.vocabulary.errors import OperatorError

REQUESTS_GRACE_S: Final = 5
"""How long a worker that is told to end goes on with the requests it has."""
WORKERS_GRACE_S: Final = 10.0
"""As long again for the journal's last write; what a worker killed then leaves is recovered."""
_BEGIN_TO_SERVE_S: Final = 60.0
"""A worker hashes every list before it serves: gigabytes, perhaps."""
_KILLED_AFTER_S: Final = 0.005
_KILLED_GRACE_S: Final = 0.5
_START_AGAIN_AFTER_S: Final = 0.5
"""What ends as soon as it is started would otherwise take all of a core."""
_LOOK_AGAIN_S: Final = 0.1

_log = structlog.get_logger("screening.serve")


class Kept:
    """A process that is started again where it ends or shows no life."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._start_at = 0.0
        self._killed: Forked | None = None
        self._stuck: Forked | None = None
        self.process: Forked | None = None

    def start(self) -> Forked:
        """Start it; raises `OSError` where no memory, process or descriptor is left."""
        self._start_at = time.monotonic() + _START_AGAIN_AFTER_S
        self.process = Forked(self._task)
        return self.process

    def look_after(self) -> None:
        """Start it where it does not run, as soon as that can be done; kill it where it hangs."""
        name, process = self._task.name, self.process
        if not self.is_stuck:  # which asks how it has ended, once it has
            self._stuck = None
        if process is not None and process.exit_code is None:
            if process is self._killed:
                self._leave_if_stuck(process)
            elif process.is_silent():
                _log.error(f"{name} shows no life and is killed", pid=process.pid)
                self._kill(process)
            return  # the next look starts another
        if time.monotonic() < self._start_at:
            return
        try:
            new = self.start()
        except OSError as error:  # no memory, process or descriptor is left: perhaps later
            event = f"{name} cannot be started and is tried again"
            _log.warning(event, reason=error.strerror)
            return
        if process is not None:
            _log.error(f"{name} died and is started again", died=process.pid, pid=new.pid)

    @property
    def is_running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self.process is not None and self.process.exit_code is None

    @property
    def serves(self) -> bool:
        """Whether it runs, and has said that it serves."""
        return self.process is not None and self.is_running and self.process.serves

    @property
    def could_not_begin(self) -> bool:
        """Whether it ended because it cannot begin to serve."""
        return self.process is not None and self.process.exit_code == STARTUP_FAILURE

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal, where it runs."""
        if self.process is not None:
            self.process.tell(number)

    def kill(self) -> None:
        """Kill it where it runs, and say so."""
        if self.process is not None and self.is_running:
            _log.error(f"{self._task.name} did not end and is killed", pid=self.process.pid)
            self._kill(self.process)

    def _kill(self, process: Forked) -> None:
        """Kill a process and wait for its end, but not for a device that it waits for."""
        self._killed = process
        process.tell(signal.SIGKILL)
        giving_up_at = time.monotonic() + _KILLED_GRACE_S
        while process.exit_code is None and time.monotonic() < giving_up_at:
            time.sleep(_KILLED_AFTER_S)
        self._leave_if_stuck(process)

    def _leave_if_stuck(self, process: Forked) -> None:
        """Give up its place where what was killed does not end; one only, lest more and more do."""
        if process.exit_code is None and not self.is_stuck:
            _log.error(f"{self._task.name} is stuck in the kernel", pid=process.pid)
            self._stuck, self.process = process, None

    @property
    def is_stuck(self) -> bool:
        """Whether a process that was killed in this place has not ended yet."""
        return self._stuck is not None and self._stuck.exit_code is None


class Supervisor:
    """Keeps so many workers running, and their companions beside them, until it is told to end.

    It hears signals from when it is made.
    """

    def __init__(
        self,
        worker: Task,
        count: int,
        companions: Sequence[Task],
        *,
        stop_listening: Callable[[], object],
    ) -> None:
        """Once it is told to end, it calls `stop_listening`: no worker will take a connection."""
        self._worker = worker
        self._stop_listening = stop_listening
        self._workers = [Kept(worker) for _ in range(count)]
        self._companions = [Kept(task) for task in companions]
        self._stuck: list[Kept] = []
        self._has_served = False
        self._told: list[signal.Signals] = []
        for number in HEEDED_BY_THE_SUPERVISOR:
            signal.signal(number, self._hear)  # for good: also what comes while it ends
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored, it would hide how they ended

    def run_until_told(self) -> None:
        """Keep all running until SIGTERM or SIGINT comes; then end them, workers first.

        SIGHUP replaces the workers, SIGTTIN starts one more, SIGTTOU ends one. Raises
        `OperatorError` where no worker could begin to serve, and `OSError` where one of the first
        processes could not be started.
        """
        try:
            for kept in (*self._companions, *self._workers):
                kept.start()
            while not self._is_told_to_end():
                self._carry_out()
                self._require_a_beginning()
                self._look_after_all()
                time.sleep(_LOOK_AGAIN_S)
        finally:  # also where not all of them could be started
            self._stop_listening()
            _end(self._workers, signal.SIGTERM, WORKERS_GRACE_S)
            _log.info("the workers have ended")
            _end(self._companions, END_SIGNAL, COMPANIONS_GRACE_S)

    def _hear(self, number: int, _: object) -> None:
        """Write down a signal, to be carried out between two looks."""
        self._told.append(signal.Signals(number))

    def _is_told_to_end(self) -> bool:
        return not ENDING.isdisjoint(self._told)

    def _carry_out(self) -> None:
        """Do what came by signals, one after the other."""
        while self._told and not self._is_told_to_end():
            match self._told.pop(0):
                case signal.SIGHUP:
                    self._replace_workers()
                case signal.SIGTTIN:
                    self._workers.append(Kept(self._worker))  # and started with the next look
                case signal.SIGTTOU:
                    self._end_one_worker()

    def _require_a_beginning(self) -> None:
        """Raise `OperatorError` where a worker cannot begin, and none has so far."""
        if not self._has_served and any(kept.could_not_begin for kept in self._workers):
            _log.error("no worker can start: the server ends")
            raise OperatorError("no worker could start; see the log above for the reason")

    def _look_after_all(self) -> None:
        self._stuck = [kept for kept in self._stuck if kept.is_stuck]
        for kept in (*self._companions, *self._workers):
            if self._is_told_to_end():  # so was what has ended, by a signal to the group
                return
            kept.look_after()
        if not self._has_served and any(kept.serves for kept in self._workers):
            self._has_served = True
            _log.info("the workers serve", workers=len(self._workers))

    def _replace_workers(self) -> None:
        """Replace each worker by another, once that one serves."""
        _log.info("the workers are replaced", workers=len(self._workers))
        for old in list(self._workers):
            new = Kept(self._worker)
            if self._is_told_to_end() or not self._begins_to_serve(new):
                return
            self._workers.remove(old)
            self._workers.append(new)
            self._end_worker(old)
        _log.info("the workers have been replaced")

    def _begins_to_serve(self, new: Kept) -> bool:
        """Start one more worker and wait until it serves; tell whether it does."""
        try:
            new.start()
        except OSError as error:
            _log.error("no new worker can be started: the old ones go on", reason=error.strerror)
            return False
        self._look_until(lambda: new.serves or not new.is_running, _BEGIN_TO_SERVE_S)
        if self._is_told_to_end():
            self._workers.append(new)  # and ended with the others, its journal sealed
            return False
        if not new.serves:
            new.kill()
            self._stuck.append(new)
            _log.error("a new worker did not start: the old ones go on")
        return new.serves

    def _end_one_worker(self) -> None:
        """End one worker, but not the last."""
        if len(self._workers) > 1:
            self._end_worker(self._workers.pop())

    def _end_worker(self, worker: Kept) -> None:
        worker.tell(signal.SIGTERM)
        self._look_until(lambda: not worker.is_running, WORKERS_GRACE_S)
        if self._is_told_to_end():
            self._workers.append(worker)  # which has the time that the others have
        else:
            worker.kill()
            self._stuck.append(worker)

    def _look_until(self, done: Callable[[], bool], within_s: float) -> None:
        """Look after all meanwhile; return early where this is told to end."""
        giving_up_at = time.monotonic() + within_s
        while not (done() or self._is_told_to_end() or time.monotonic() > giving_up_at):
            time.sleep(_LOOK_AGAIN_S)
            self._look_after_all()


def _end(processes: Sequence[Kept], number: signal.Signals, grace_s: float) -> None:
    """End processes by a signal, and kill those that have not ended after a grace."""
    killing_at = time.monotonic() + grace_s
    for kept in processes:
        kept.tell(number)
    while any(kept.is_running for kept in processes) and time.monotonic() < killing_at:
        time.sleep(_LOOK_AGAIN_S)
    for kept in processes:
        kept.kill()

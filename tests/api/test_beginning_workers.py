"""Workers that have been started and cannot answer yet."""

import signal
import socket
from typing import cast

import pytest
import uvicorn
from uvicorn.supervisors.multiprocess import Process

from screening.api import supervision
from screening.api.companions import COMPANIONS_GRACE_S


@pytest.mark.parametrize("begin_s", [30.0, 0.0])
def test_a_worker_has_time_to_begin_and_none_to_answer_once_it_has_begun(
    monkeypatch: pytest.MonkeyPatch, begin_s: float
) -> None:
    monkeypatch.setattr(supervision, "_BEGIN_S", begin_s)
    worker = supervision.PatientlyStarted(uvicorn.Config("no.app:app"), [])
    assert worker.ping(timeout=0) is (begin_s > 0)
    worker.child_conn.send(False)  # it has begun, and does not serve yet
    assert worker.ping(timeout=0)  # too late for the look before, and counts once
    assert not worker.ping(timeout=0)
    worker.parent_conn.close()
    worker.child_conn.close()


def test_a_server_that_is_told_to_end_while_its_workers_begin_looks_at_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # as a supervisor sets for itself
    with socket.socket() as listener:
        server = supervision.SupervisedWorkers(uvicorn.Config("no.app:app"), listener)
    waited: list[float] = []

    class Beginning:
        """A worker that is told nothing yet, and takes all the time that it is given."""

        def is_alive(self, timeout: float) -> bool:
            waited.append(timeout)
            server.signal_queue.append(signal.SIGTERM)
            return True

        def is_ready(self, timeout: float = 5) -> bool:
            waited.append(timeout)
            return False

    server.processes.extend(cast("list[Process]", [Beginning() for _ in range(4)]))
    server.keep_subprocess_alive()
    # And ten seconds for the workers, and five for sync: 20 are promised.
    assert sum(waited) < 20 - supervision.WORKERS_GRACE_S - COMPANIONS_GRACE_S + 0.5

"""What the processes of a host take over from their supervisor, and what not."""

import os
import signal
import socket
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

from tests.harness.deployment import Deployed
from tests.harness.processes import children_named, children_of, eventually, held_by, name_of

SUPERVISORS_ALONE: Final = {signal.SIGTTIN, signal.SIGTTOU, signal.SIGUSR2}


def test_nobody_but_the_supervisor_holds_its_locks_and_no_other_a_port_that_is_not_its_own(
    deployed: Deployed,
) -> None:
    """What outlives a killed supervisor for a moment keeps the next one from nothing."""
    api = deployed.serve(workers=2)
    assert len(list(Path(f"/proc/{api.process.pid}/task").iterdir())) == 1  # a fork is safe
    family = children_of(api.process.pid)
    assert len(family) == 5
    requests, metrics = (urlsplit(url).port for url in (api.url, api.metrics_url))
    wanted = {"gen-worker": {requests}, "gen-metrics": {metrics}}
    locks = {path for path in held_by(api.process.pid) if path.endswith("lock")}
    assert len(locks) == 2
    for pid in family:
        held = set(held_by(pid))
        assert not held & locks, name_of(pid)
        assert listening_ports(held) == wanted.get(name_of(pid), set())


def listening_ports(held: set[str]) -> set[int]:
    """Return the ports that the sockets among these descriptors listen on."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = [row for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in held]
    return {int(row[1].rpartition(":")[2], 16) for row in listening}


def test_the_metrics_port_answers_again_after_a_kill(deployed: Deployed) -> None:
    api = deployed.serve()
    (pid,) = children_named(api.process.pid, "gen-metrics")
    os.kill(pid, signal.SIGKILL)
    assert httpx.get(api.metrics_url, timeout=10).status_code == 200  # from the next one
    said = "the metrics port died and is started again"
    eventually(lambda: said in api.process.logged(), what="a line of the log")


def test_a_new_connection_is_refused_while_a_server_ends(deployed: Deployed) -> None:
    api = deployed.serve()
    (log,) = children_named(api.process.pid, "gen-log")
    os.kill(log, signal.SIGSTOP)  # which the server waits for
    api.process.signal(signal.SIGTERM)
    address = urlsplit(api.url)

    def is_refused() -> bool:
        try:
            socket.create_connection((address.hostname, address.port), timeout=5).close()
        except ConnectionRefusedError:
            return True
        return False

    eventually(is_refused, within_s=3, what="a closed port")
    assert api.process.popen.poll() is None
    os.kill(log, signal.SIGCONT)
    assert api.process.popen.wait(20) == 0


def test_no_process_catches_a_signal_that_is_its_supervisors_alone(deployed: Deployed) -> None:
    api = deployed.serve()
    for pid in children_of(api.process.pid):
        assert caught_by(pid).isdisjoint(SUPERVISORS_ALONE), name_of(pid)
    assert caught_by(api.process.pid) >= SUPERVISORS_ALONE


def caught_by(pid: int) -> set[signal.Signals]:
    """Return the signals that a process has handlers for."""
    status = Path(f"/proc/{pid}/status").read_text()
    mask = int(next(row for row in status.splitlines() if row.startswith("SigCgt")).split()[1], 16)
    return {one for one in signal.Signals if mask >> (one - 1) & 1}

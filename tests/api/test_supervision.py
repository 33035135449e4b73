"""Workers and sync are kept running, and ended in a stated time, whatever they do."""

import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.api.raw_http import Connection
from tests.harness import plain_http
from tests.harness.deployment import BIN, Api, Deployed
from tests.harness.outputs import buffered
from tests.harness.processes import children_named, children_of, command_line, eventually, held_by
from tests.harness.slow import slow_but_first

LISTED: Final = ("phone", "+12025550142")
LATER: Final = ("phone", "+12025550143")
BUSY_MACHINE_S: Final = 10.0
"""What a machine that is busy with other tests is given on top."""


def serve_once_ready(deployed: Deployed) -> Api:
    """Return a server of two workers with a list, whose sync has begun its beats."""
    deployed.publish([(*LISTED, "trafficker")])
    deployed.add_partner("acme", "--stretch", "light")
    api = deployed.serve(workers=2)
    deployed.wait_ready(api)
    return api


@pytest.mark.slow
def test_a_server_whose_sync_is_stopped_ends_all_the_same(deployed: Deployed) -> None:
    api = deployed.serve()
    pid = eventually(api.find_sync_pid, what="sync")
    os.kill(pid, signal.SIGSTOP)
    api.stop()  # fails where it takes too long
    assert api.process.popen.returncode == 0
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.slow
def test_a_server_whose_whole_group_is_told_to_end_does_so_and_reports_no_death(
    deployed: Deployed,
) -> None:
    api = serve_once_ready(deployed)
    sync = api.sync_pid()
    os.kill(sync, signal.SIGTERM)
    os.killpg(api.process.pid, signal.SIGTERM)
    api.process.popen.wait(20 + BUSY_MACHINE_S)
    assert not Path(f"/proc/{sync}").exists()
    log = api.process.logged()
    assert "the workers have ended" in log
    assert "died" not in log
    assert '"error"' not in log
    assert "none is running" in deployed.indexer("status").stdout  # sync has withdrawn


@pytest.mark.slow
def test_a_server_whose_whole_group_is_told_to_renew_its_workers_does_so_one_by_one(
    deployed: Deployed,
) -> None:
    api = serve_once_ready(deployed)
    sync, before = api.sync_pid(), set(api.worker_pids())
    os.killpg(api.process.pid, signal.SIGHUP)
    eventually(lambda: not before & set(children_of(api.process.pid)), what="others' ends")
    eventually(lambda: len(api.worker_pids()) == 2, what="two other workers")
    assert sync in children_of(api.process.pid)
    assert "died" not in api.process.logged()


@pytest.mark.slow
def test_a_server_with_a_stopped_worker_ends_within_its_grace_and_leaves_no_process(
    deployed: Deployed,
) -> None:
    api = deployed.serve(workers=2)
    family = [api.process.pid, *children_of(api.process.pid)]
    assert len(family) == 6
    os.kill(api.worker_pids()[0], signal.SIGSTOP)
    api.process.signal(signal.SIGTERM)
    api.process.popen.wait(20 + BUSY_MACHINE_S)
    assert not any(map(command_line, family))


NO_THREADS = """
import pathlib, threading
start = threading.Thread.start
def fail(thread):
    if thread.name == "THREAD" and pathlib.Path({flag!r}).exists():
        raise RuntimeError("can't start new thread")
    start(thread)
threading.Thread.start = fail
"""


def with_fault(deployed: Deployed, code: str) -> Path:
    """Have servers run `code` first; return the file at whose presence it makes something fail."""
    flag = deployed.folder / "it-fails"
    (deployed.folder / "faults").mkdir()
    (deployed.folder / "faults" / "sitecustomize.py").write_text(code.format(flag=str(flag)))
    deployed.environment["PYTHONPATH"] = str(deployed.folder / "faults")
    return flag


@pytest.mark.slow
def test_workers_that_fail_at_their_start_end_no_server_that_has_served(deployed: Deployed) -> None:
    no_threads = with_fault(deployed, NO_THREADS.replace("THREAD", "group-commit"))
    api = deployed.serve()
    (pid,) = api.worker_pids()
    eventually(lambda: "the workers serve" in api.process.logged(), what="a server that serves")
    no_threads.touch()
    os.kill(pid, signal.SIGKILL)
    eventually(
        lambda: api.process.logged().count("a worker died and is started again") == 2,
        within_s=60,
        what="a failed start",
    )
    no_threads.unlink()
    eventually(lambda: api.worker_pids() not in ([], [pid]), what="another worker")
    assert plain_http.get(f"{api.url}/livez").status_code == 200
    api.stop()
    assert "the workers have ended" in api.process.logged()


@slow_but_first(1, "thread", ["group-commit", "life"])
def test_a_server_none_of_whose_workers_can_start_ends(deployed: Deployed, thread: str) -> None:
    with_fault(deployed, NO_THREADS.replace("THREAD", thread)).touch()
    done = subprocess.run(
        [str(BIN / "screening"), "serve", "--port", "0", "--metrics-port", "0"],
        env=deployed.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "no worker can start: the server ends" in done.stderr
    assert "cannot begin: can't start new thread" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("no worker could start")


@pytest.mark.slow
def test_workers_are_replaced_on_sighup_one_that_is_hung_too(deployed: Deployed) -> None:
    api = deployed.serve(workers=2)
    before = set(api.worker_pids())
    os.kill(api.worker_pids()[0], signal.SIGSTOP)
    api.process.signal(signal.SIGHUP)
    eventually(
        lambda: len(now := set(api.worker_pids())) == 2 and not now & before,
        within_s=60,
        what="two other workers",
    )
    api.process.signal(signal.SIGTTOU)
    eventually(lambda: len(api.worker_pids()) == 1, what="one worker")
    api.process.signal(signal.SIGTTIN)
    eventually(lambda: len(api.worker_pids()) == 2, what="two workers")
    api.process.signal(signal.SIGHUP)
    api.stop()  # told to end within a restart, it does


NO_FORKS = """
import errno, os, pathlib
fork = os.fork
def fail():
    if pathlib.Path({flag!r}).exists():
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    return fork()
os.fork = fail
"""


@slow_but_first(1, "name", ["a worker", "sync"])
def test_what_died_is_started_as_soon_as_it_can_be_again(deployed: Deployed, name: str) -> None:
    no_forks = with_fault(deployed, NO_FORKS)
    api = deployed.serve()
    pids = {"a worker": api.worker_pids()[0], "sync": eventually(api.find_sync_pid, what="sync")}
    descriptors = len(held_by(api.process.pid))
    no_forks.touch()
    os.kill(pids[name], signal.SIGKILL)
    said = f"{name} cannot be started"
    eventually(lambda: api.process.logged().count(said) > 2, what="failed starts")
    assert len(held_by(api.process.pid)) == descriptors
    no_forks.unlink()
    eventually(lambda: f"{name} died and is started again" in api.process.logged(), what="a start")
    eventually(lambda: len(api.worker_pids()) == 1 and api.find_sync_pid(), what="all processes")
    api.stop()


def test_a_worker_that_is_stopped_is_replaced(deployed: Deployed) -> None:
    api = deployed.serve()
    (pid,) = api.worker_pids()
    os.kill(pid, signal.SIGSTOP)
    eventually(lambda: api.worker_pids() not in ([], [pid]), what="another worker")
    assert "a worker shows no life and is killed" in api.process.logged()


@pytest.mark.slow
def test_a_sync_that_is_stopped_is_replaced(deployed: Deployed) -> None:
    deployed.publish([(*LISTED, "trafficker")])
    partner = deployed.add_partner("acme", "--stretch", "light")
    api = deployed.serve()
    deployed.wait_ready(api)
    pid = eventually(api.find_sync_pid, what="sync")
    os.kill(pid, signal.SIGSTOP)
    deployed.publish([("phone", "+12025550143", "trafficker")])
    eventually(
        lambda: partner.results(api, LISTED) == ["no_match"], within_s=60, what="the next release"
    )
    assert api.find_sync_pid() != pid
    assert "sync shows no life and is killed" in api.process.logged()


def test_a_log_that_nobody_reads_ends_nothing_and_changes_no_answer(deployed: Deployed) -> None:
    deployed.publish([(*LISTED, "trafficker")])
    partner = deployed.add_partner("acme", "--stretch", "light")
    # The reader leaves after the line that says where the server is.
    api = deployed.serve(workers=1, within=["bash", "-c", 'exec "$@" 2> >(head -n 1)', "bash"])
    deployed.wait_ready(api)
    for _ in range(3):
        refused = plain_http.get(f"{api.url}/nowhere")
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    with Connection(api.url) as connection:
        connection.send(b"no HTTP at all\r\n\r\n")
        assert connection.response().problem()["code"] == "invalid_request"

    (worker,), sync = api.worker_pids(), api.sync_pid()
    os.kill(worker, signal.SIGKILL)
    os.kill(sync, signal.SIGKILL)
    eventually(lambda: api.worker_pids() not in ([], [worker]), what="another worker")
    eventually(lambda: api.find_sync_pid() not in (None, sync), what="another sync")
    (deployed.home / "cache" / "documents").write_bytes(b"damaged")  # an alarm in worker and sync
    deployed.publish([(*LISTED, "trafficker"), (*LATER, "buyer")])
    eventually(lambda: partner.ask(api, LATER).json().get("result") == "match", what="the release")


@pytest.mark.parametrize("stderr", ["closed", "full", "unread"])
@pytest.mark.slow
def test_whatever_stderr_is_a_server_starts_answers_and_ends(
    deployed: Deployed, stderr: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    shell = {"closed": 'exec "$@" 2>&-', "full": 'exec "$@" 2>/dev/full', "unread": 'exec "$@"'}
    arguments = ["serve", "--port", str(port), "--metrics-port", "0", "--workers", "1"]
    server = subprocess.Popen(
        ["sh", "-c", shell[stderr], "sh", str(BIN / "screening"), *arguments],
        env=buffered(**deployed.environment),
        stderr=subprocess.PIPE,
    )
    with server, plain_http.client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        try:
            eventually(lambda: is_live(client), what="a live server")
            # Each writes a line: more than a pipe that nobody reads can hold.
            statuses = {client.get("/nowhere").status_code for _ in range(600)}
            assert statuses == {404}
            (worker,) = workers = children_named(server.pid, "gen-worker")
            os.kill(worker, signal.SIGKILL)
            eventually(
                lambda: children_named(server.pid, "gen-worker") not in ([], workers),
                what="another worker",
            )
            eventually(lambda: is_live(client), what="a live worker")
            server.terminate()
            server.wait(20 + BUSY_MACHINE_S)
        finally:
            server.kill()
    assert server.returncode == 0


def is_live(client: httpx.Client) -> bool:
    try:
        return client.get("/livez").status_code == 200
    except httpx.TransportError:
        return False

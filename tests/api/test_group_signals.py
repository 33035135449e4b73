"""What is sent to a whole process group is the supervisor's alone to carry out."""

import os
import signal
import subprocess
from typing import Final

import pytest

from tests.api.workers import wait_until_every_worker_is_ready
from tests.harness.deployment import BIN, Api, Deployed
from tests.harness.processes import children_of, eventually, name_of

LISTED: Final = ("phone", "+12025550142")


def started(pid: int) -> set[int]:
    """Return the workers of a server and what runs beside them, as soon as they are there."""
    return {one for one in children_of(pid) if name_of(one).startswith("gen-")}


def assert_ends_in_order(api: Api, deployed: Deployed, *, before: str) -> None:
    """Wait for the end of a server that had logged `before` when it was told."""
    api.process.popen.wait(30)
    log = api.process.logged().removeprefix(before)
    assert "Traceback" not in log
    assert "died" not in log
    assert '"error"' not in log
    assert list((deployed.home / "journal").glob("*.open")) == []


@pytest.mark.slow
def test_what_a_group_is_told_ends_no_worker_and_no_sync_that_has_just_been_started(
    deployed: Deployed,
) -> None:
    api = deployed.serve(workers=1)
    old = started(api.process.pid)
    assert len(old) == 4
    for pid in old:
        os.kill(pid, signal.SIGKILL)

    def all_serve() -> bool:
        new = started(api.process.pid) - old
        for pid in new:
            for number in (signal.SIGHUP, signal.SIGINT):
                os.kill(pid, number)
        return len(new) == 4 and len(api.worker_pids()) == 1

    eventually(all_serve, what="a worker and its companions")
    deployed.publish([(*LISTED, "trafficker")])
    deployed.add_partner("acme", "--stretch", "light")
    deployed.wait_ready(api)
    assert "Traceback" not in api.process.logged()


@pytest.mark.parametrize("to_group", [False, True])
@pytest.mark.slow
def test_ctrl_c_again_and_again_and_a_hangup_do_not_break_the_end_of_a_server(
    deployed: Deployed, to_group: bool
) -> None:
    deployed.publish([(*LISTED, "trafficker")])
    partner = deployed.add_partner("acme", "--stretch", "light")
    api = deployed.serve(workers=2)
    wait_until_every_worker_is_ready(api, 2)
    assert partner.results(api, LISTED) == ["match"]
    before = api.process.logged()
    send = os.killpg if to_group else os.kill

    def has_ended() -> bool:
        send(api.process.pid, signal.SIGINT)
        return api.process.popen.poll() is not None

    send(api.process.pid, signal.SIGINT)
    send(api.process.pid, signal.SIGHUP)
    eventually(has_ended, within_s=30, what="its end")
    assert_ends_in_order(api, deployed, before=before)


@pytest.mark.slow
def test_a_server_that_is_told_to_end_while_it_replaces_its_workers_ends_in_order(
    deployed: Deployed,
) -> None:
    api = deployed.serve(workers=2)
    old = started(api.process.pid)
    api.process.signal(signal.SIGHUP)
    # The next one has opened its segment, and does not serve yet, or has just begun to.
    eventually(lambda: len(api.worker_pids()) > 2, what="a new worker")
    assert started(api.process.pid) > old
    before = api.process.logged()
    for _ in range(3):
        os.killpg(api.process.pid, signal.SIGINT)
    assert_ends_in_order(api, deployed, before=before)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_whoever_has_read_the_address_is_heard(deployed: Deployed, number: signal.Signals) -> None:
    server = subprocess.Popen(
        [str(BIN / "screening"), "serve", "--port", "0", "--metrics-port", "0"],
        env=deployed.environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    with server:
        assert server.stderr is not None
        assert server.stderr.readline().startswith("screening on ")
        server.send_signal(number)
        if number == signal.SIGHUP:
            assert any("the workers have been replaced" in line for line in server.stderr)
            server.terminate()
        assert "the workers have ended" in server.stderr.read()
    assert server.returncode == 0


def test_a_hangup_behind_a_ctrl_c_replaces_no_worker(deployed: Deployed) -> None:
    api = deployed.serve()
    before = api.process.logged()
    api.process.signal(signal.SIGINT)
    api.process.signal(signal.SIGHUP)
    assert_ends_in_order(api, deployed, before=before)
    assert "the workers have been replaced" not in api.process.logged()

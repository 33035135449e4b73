"""`screening serve`: one for each home, which ends whatever its processes do and leaves nothing."""

import os
import resource
import signal
import socket
import time
from pathlib import Path
from typing import Final

import httpx
import pytest

from screening.private_files import replace_private
from tests.harness.deployment import Api, Deployed
from tests.harness.metrics import metric
from tests.harness.processes import children_of, command_line, eventually

LISTED: Final = ("phone", "+12025550142")
BUSY_MACHINE_S: Final = 10.0
"""What a machine that is busy with other tests is given on top."""


def serve_is_refused(deployed: Deployed, *options: str) -> str:
    """Return the one sentence with which `screening serve` ends."""
    done = deployed.run("screening", "serve", "--port", "0", *options, expect=2)
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


def metrics_folder_of(api: Api) -> Path:
    """Return the folder that a server's sync was told of."""
    environment = Path(f"/proc/{api.sync_pid()}/environ").read_bytes().split(b"\0")
    name = b"PROMETHEUS_MULTIPROC_DIR="
    return Path(os.fsdecode(next(one for one in environment if one.startswith(name))[len(name) :]))


def open_descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def sync_pid(api: Api) -> int | None:
    try:
        return api.sync_pid()
    except StopIteration:
        return None


def test_a_second_server_of_one_home_is_refused_and_the_first_goes_on(deployed: Deployed) -> None:
    deployed.publish([(*LISTED, "trafficker")])
    partner = deployed.add_partner("acme", "--stretch", "light")
    api = deployed.serve()
    deployed.wait_ready(api)
    loaded = list((deployed.home / "cache" / "loaded").iterdir())
    assert "another screening serve uses this home" in serve_is_refused(
        deployed, "--metrics-port", "0"
    )
    assert list((deployed.home / "cache" / "loaded").iterdir()) == loaded
    assert partner.results(api, LISTED) == ["match"]
    key_id = partner.kit.token_key.key_id
    eventually(lambda: metric(api, "screening_release", key_id=key_id) > 0, what="its metrics")

    os.kill(api.process.pid, signal.SIGKILL)  # however it ends, its home is free then
    api.process.popen.wait()
    deployed.wait_ready(deployed.serve())


def test_a_variable_that_is_no_setting_is_named_without_its_value(deployed: Deployed) -> None:
    api = deployed.serve(SCREENING_REDIS_ULR="redis://:secret@127.0.0.1", SCREENING_RELOAD_MS="100")
    logged = api.process.logged()
    assert "SCREENING_REDIS_ULR is no setting of screening serve and has no effect" in logged
    assert "secret@" not in logged
    assert logged.count("is no setting") == 1


@pytest.mark.parametrize("which", ["--port", "--metrics-port"])
def test_a_port_that_is_taken_is_refused_before_anything_is_cleaned(
    deployed: Deployed, which: str
) -> None:
    loaded = deployed.home / "cache" / "loaded"
    loaded.mkdir(mode=0o700, parents=True)
    for path in (deployed.home, loaded.parent, loaded):
        path.chmod(0o700)
    replace_private(loaded / "1", b"7")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = serve_is_refused(deployed, "--metrics-port", "0", which, str(port))
    assert f"port {port} on 127.0.0.1 cannot be listened on" in said
    assert (loaded / "1").exists()


def test_the_metrics_folder_of_a_killed_server_is_removed_by_the_next(deployed: Deployed) -> None:
    api = deployed.serve()
    eventually(lambda: sync_pid(api), what="sync")
    left = metrics_folder_of(api)
    api.process.kill()
    assert left.exists()
    again = deployed.serve()
    assert not left.exists()
    eventually(lambda: sync_pid(again), what="sync")
    used = metrics_folder_of(again)
    assert used.exists()
    again.stop()
    assert not used.exists()


def test_a_server_whose_sync_is_stopped_ends_all_the_same(deployed: Deployed) -> None:
    api = deployed.serve()
    pid = eventually(lambda: sync_pid(api), what="sync")
    os.kill(pid, signal.SIGSTOP)
    api.stop()  # fails where it takes too long
    assert api.process.popen.returncode in (0, -signal.SIGTERM)
    assert not Path(f"/proc/{pid}").exists()


def test_a_server_with_a_stopped_worker_ends_within_its_grace_and_leaves_no_process(
    deployed: Deployed,
) -> None:
    api = deployed.serve(workers=2)
    family = [api.process.pid, *children_of(api.process.pid)]
    assert len(family) >= 4  # two workers and sync
    os.kill(api.worker_pids()[0], signal.SIGSTOP)
    started = time.monotonic()
    api.process.signal(signal.SIGTERM)
    # Five seconds for a look at the stopped worker that has begun, ten for workers, five for sync.
    api.process.popen.wait(20 + BUSY_MACHINE_S)
    assert time.monotonic() - started < 20 + BUSY_MACHINE_S
    # What multiprocessing keeps beside a server ends when it sees that the server has.
    eventually(lambda: not any(map(command_line, family)), what="a family that is gone")


def test_a_worker_is_started_as_soon_as_it_can_be_again(deployed: Deployed) -> None:
    api = deployed.serve()
    (pid,) = api.worker_pids()
    ordinary = resource.prlimit(api.process.pid, resource.RLIMIT_NOFILE)
    # The next descriptor is the limit: none is left, whatever the dead worker gives back.
    resource.prlimit(api.process.pid, resource.RLIMIT_NOFILE, (3, ordinary[1]))
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: "a worker cannot be started" in api.process.logged(), what="a failed start")
    resource.prlimit(api.process.pid, resource.RLIMIT_NOFILE, ordinary)
    eventually(lambda: api.worker_pids() not in ([], [pid]), what="another worker")
    api.stop()


NO_THREADS = """
import pathlib, threading
start = threading.Thread.start
def fail(thread):
    if thread.name == "group-commit" and pathlib.Path({flag!r}).exists():
        raise RuntimeError("can't start new thread")
    start(thread)
threading.Thread.start = fail
"""


def without_threads(deployed: Deployed) -> Path:
    """Return the file whose presence keeps new workers from starting their journal's thread."""
    flag = deployed.folder / "no-threads"
    (deployed.folder / "faults").mkdir()
    (deployed.folder / "faults" / "sitecustomize.py").write_text(NO_THREADS.format(flag=str(flag)))
    deployed.environment["PYTHONPATH"] = str(deployed.folder / "faults")
    return flag


def test_workers_that_fail_at_their_start_end_no_server_that_has_served(deployed: Deployed) -> None:
    no_threads = without_threads(deployed)
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
    assert httpx.get(f"{api.url}/livez").status_code == 200
    api.stop()
    assert "the workers have ended" in api.process.logged()


def test_a_server_none_of_whose_workers_can_start_ends(deployed: Deployed) -> None:
    without_threads(deployed).touch()
    done = deployed.run("screening", "serve", "--port", "0", "--metrics-port", "0", expect=None)
    assert "no worker can start: the server ends" in done.stderr


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


def test_sync_is_started_as_soon_as_it_can_be_again(deployed: Deployed) -> None:
    api = deployed.serve()
    pid = eventually(lambda: sync_pid(api), what="sync")
    ordinary = resource.prlimit(api.process.pid, resource.RLIMIT_NOFILE)
    scarce = (open_descriptors(api.process.pid), ordinary[1])
    resource.prlimit(api.process.pid, resource.RLIMIT_NOFILE, scarce)
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: "sync cannot be started" in api.process.logged(), what="a failed start")
    assert sync_pid(api) is None
    resource.prlimit(api.process.pid, resource.RLIMIT_NOFILE, ordinary)
    eventually(lambda: sync_pid(api) not in (None, pid), what="another sync")


def test_a_sync_that_is_stopped_is_replaced(deployed: Deployed) -> None:
    deployed.publish([(*LISTED, "trafficker")])
    partner = deployed.add_partner("acme", "--stretch", "light")
    api = deployed.serve()
    deployed.wait_ready(api)
    pid = eventually(lambda: sync_pid(api), what="sync")
    os.kill(pid, signal.SIGSTOP)
    deployed.publish([("phone", "+12025550143", "trafficker")])
    eventually(
        lambda: partner.results(api, LISTED) == ["no_match"], within_s=60, what="the next release"
    )
    assert sync_pid(api) != pid
    assert "sync shows no life and is killed" in api.process.logged()


def test_an_embedded_store_that_is_a_file_is_refused_before_the_port_is_bound(
    tmp_path: Path,
) -> None:
    deployed = Deployed(tmp_path, redis_url=None)
    deployed.indexer("init")
    store = deployed.home / "store"
    if store.exists():
        store.rename(tmp_path / "away")
    deployed.home.mkdir(mode=0o700, exist_ok=True)
    store.write_text("not a directory")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        # A port that is taken would be refused, too, had it been tried.
        said = serve_is_refused(deployed, "--metrics-port", str(taken.getsockname()[1]))
    assert "cannot be used: Not a directory" in said


def test_why_sync_cannot_go_on_is_told_in_the_log(deployed: Deployed) -> None:
    api = deployed.serve()
    eventually(lambda: sync_pid(api), what="sync")
    key = deployed.secrets / "verifying.key"
    key.rename(deployed.secrets / "away")
    os.kill(api.sync_pid(), signal.SIGKILL)
    sentence = f"{key} is missing; run `indexer init`"
    eventually(lambda: sentence in api.process.logged(), what="the reason")

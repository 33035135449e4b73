"""`screening serve`: one for each home, which ends whatever its processes do and leaves nothing."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import pytest

from screening.private_files import replace_private
from tests.harness.deployment import Deployed
from tests.harness.metrics import metric, metrics_folder_of
from tests.harness.processes import eventually
from tests.harness.slow import slow_but_first

LISTED: Final = ("phone", "+12025550142")


def serve_is_refused(deployed: Deployed, *options: str) -> str:
    """Return the one sentence with which `screening serve` ends."""
    done = deployed.run("screening", "serve", "--port", "0", *options, expect=2)
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


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


@pytest.mark.slow
def test_two_hosts_of_one_hostname_count_as_two(deployed: Deployed) -> None:
    deployed.publish([(*LISTED, "trafficker")])
    deployed.add_partner("acme", "--stretch", "light")
    deployed.serve(SCREENING_POLL_MS="50")
    deployed.serve(SCREENING_POLL_MS="50", SCREENING_HOME=str(deployed.folder / "second"))
    eventually(
        lambda: deployed.indexer("status").stdout.count("API host  ") == 2, what="both hosts"
    )
    assert "in force on 2 API hosts" in deployed.indexer("compact").stdout


def test_a_variable_that_is_no_setting_is_named_without_its_value(deployed: Deployed) -> None:
    api = deployed.serve(SCREENING_REDIS_ULR="redis://:secret@127.0.0.1", SCREENING_RELOAD_MS="100")
    logged = api.process.logged()
    assert "SCREENING_REDIS_ULR is no setting of screening serve and has no effect" in logged
    assert "secret@" not in logged
    assert logged.count("is no setting") == 1


@pytest.mark.parametrize(
    ("which", "named"),
    [
        ("--port", "SCREENING_PORT (screening serve: or --port)"),
        ("--metrics-port", "SCREENING_METRICS_PORT (screening serve: or --metrics-port)"),
    ],
)
def test_a_port_that_is_taken_is_refused_before_anything_is_cleaned(
    deployed: Deployed, which: str, named: str
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
    assert named in said
    assert (loaded / "1").exists()


def test_a_host_that_is_none_is_named_as_what_is_wrong(deployed: Deployed) -> None:
    said = serve_is_refused(deployed, "--metrics-port", "0", "--host", "no host", "--port", "0")
    assert "on no host cannot be listened on: no such address here; choose a port" in said


@pytest.mark.slow
def test_the_metrics_folder_of_a_killed_server_is_removed_by_the_next(deployed: Deployed) -> None:
    api = deployed.serve()
    left = metrics_folder_of(api)
    api.process.kill()
    assert left.exists()
    again = deployed.serve()
    assert not left.exists()
    used = metrics_folder_of(again)
    assert used.exists()
    again.stop()
    assert not used.exists()


def test_a_metrics_folder_that_anybody_has_made_holds_nobody_up(deployed: Deployed) -> None:
    foreign = Path(tempfile.mkdtemp(prefix="screening-metrics-", dir="/dev/shm"))
    try:
        os.mkfifo(foreign / "lock")
        deployed.serve().stop()
        assert (foreign / "lock").exists()
    finally:
        shutil.rmtree(foreign)


def test_a_pipe_in_place_of_the_lock_of_a_home_is_named(deployed: Deployed) -> None:
    deployed.home.mkdir(mode=0o700, exist_ok=True)
    os.mkfifo(deployed.home / "serve.lock")
    said = deployed.run("screening", "serve", "--port", "0", "--metrics-port", "0", expect=74)
    assert "serve.lock cannot be used: it is no regular file" in said.stderr


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


@pytest.mark.slow
def test_why_sync_cannot_go_on_is_told_in_the_log(deployed: Deployed) -> None:
    api = deployed.serve()
    eventually(api.find_sync_pid, what="sync")
    key = deployed.secrets / "verifying.key"
    key.rename(deployed.secrets / "away")
    os.kill(api.sync_pid(), signal.SIGKILL)
    sentence = f"{key} is missing; run `indexer init`"
    eventually(lambda: sentence in api.process.logged(), what="the reason")


@pytest.mark.slow
def test_a_worker_is_started_again_where_the_folder_of_the_metrics_was_removed(
    deployed: Deployed,
) -> None:
    api = deployed.serve()
    (pid,) = api.worker_pids()
    sync = api.sync_pid()
    shutil.rmtree(metrics_folder_of(api))
    os.kill(sync, signal.SIGKILL)
    eventually(lambda: api.find_sync_pid() not in (None, sync), what="another sync")
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: api.worker_pids() not in ([], [pid]), what="another worker")
    assert "Traceback" not in api.process.logged()
    folder = metrics_folder_of(api)
    assert folder.stat().st_mode & 0o777 == 0o700
    api.stop()
    assert not folder.exists()


SERVE: Final = """
import os, signal
from screening import cli
from screening.api import held_signals, settings
def tell(**_):
    os.kill(os.getpid(), signal.{number})
    print("goes on", flush=True)
    raise SystemExit
settings.ApiSettings = tell  # which comes after the imports
cli.serve.main([])
"""


@slow_but_first(
    1,
    ("number", "code"),
    [("SIGHUP", 0), ("SIGTTIN", 0), ("SIGTTOU", 0), ("SIGTERM", -signal.SIGTERM)],
)
def test_a_signal_for_the_workers_ends_no_server_that_has_none_yet(number: str, code: int) -> None:
    started = subprocess.run(
        [sys.executable, "-c", SERVE.format(number=number)],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (started.returncode, started.stdout) == (code, b"" if code else b"goes on\n")


CREATE_APP: Final = """
from screening.api import run_worker
from screening.api.settings import ApiSettings
run_worker._create_app(ApiSettings(), None, {supervisor})
"""


@pytest.mark.parametrize("is_orphan", [True, False])
@pytest.mark.slow
def test_a_worker_whose_server_was_killed_as_it_started_leaves_no_traceback(
    tmp_path: Path, is_orphan: bool
) -> None:
    supervisor = 1 if is_orphan else os.getpid()
    started = subprocess.run(
        [sys.executable, "-c", CREATE_APP.format(supervisor=supervisor)],
        env={
            **os.environ,
            "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "cleared away by the next"),
            "SCREENING_HOME": str(tmp_path / "home"),
        },
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (b"FileNotFoundError" in started.stderr) is not is_orphan

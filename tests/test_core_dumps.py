"""Processes that hold secrets leave no core dump, in a file or with a handler behind a pipe."""

import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.harness.deployment import Deployed
from tests.harness.processes import children_of, name_of

ON_LINUX: Final = pytest.mark.skipif(
    sys.platform != "linux", reason="limits of another process are read from /proc"
)
ABORT: Final = """
import os, resource
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
from screening.core_dumps import forbid_core_dumps
forbid_core_dumps()
os.chdir({folder!r})
os.abort()
"""
# Runs a command and prints the limit that it leaves to whatever it starts.
LIMIT_AFTER: Final = """
import contextlib, importlib, io, resource, sys
command = importlib.import_module(sys.argv[1])
sys.argv = ["command", "--help"]
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    command.main()
print(*resource.getrlimit(resource.RLIMIT_CORE))
"""


def core_limit(pid: int) -> list[str]:
    """Return the soft and the hard limit, in bytes."""
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    return next(one.split()[4:6] for one in lines if one.startswith("Max core file size"))


def limit_printed_by(script: str, module: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script, module],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.strip()


@ON_LINUX
def test_every_process_of_a_server_is_forbidden_to_dump(deployed: Deployed) -> None:
    if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
        pytest.skip("all processes here are forbidden to")
    api = deployed.serve(workers=2)
    family = [pid for pid in children_of(api.process.pid) if name_of(pid).startswith("gen-")]
    assert len(family) == 5  # two workers, sync, the log and the metrics port
    for pid in (api.process.pid, *family):
        assert core_limit(pid) == ["1", "1"]
    api.stop()


@pytest.mark.parametrize("module", ["screening.cli", "indexer.cli", "screening.client.cli"])
def test_every_command_forbids_them_before_it_does_anything(module: str) -> None:
    is_lower = resource.getrlimit(resource.RLIMIT_CORE)[1] == 0
    wanted = "1 1" if sys.platform == "linux" and not is_lower else "0 0"
    assert limit_printed_by(LIMIT_AFTER, module) == wanted


@ON_LINUX
def test_a_process_that_forbade_them_dies_without_a_dump(tmp_path: Path) -> None:
    process = os.posix_spawn(
        sys.executable, [sys.executable, "-c", ABORT.format(folder=str(tmp_path))], os.environ
    )
    _, status = os.waitpid(process, 0)
    assert os.WIFSIGNALED(status)
    assert not os.WCOREDUMP(status)
    assert list(tmp_path.iterdir()) == []


def test_a_limit_that_is_lower_already_stays() -> None:
    script = f"import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)){LIMIT_AFTER}"
    assert limit_printed_by(script, "screening.cli") == "0 0"

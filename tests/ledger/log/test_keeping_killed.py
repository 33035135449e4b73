"""Whatever step an export or a drop is killed at, nothing half counts as whole, and it goes on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ledger.log import keeping_life


@pytest.mark.parametrize(
    ("command", "way", "at_least"),
    [("export", "kill", 30), ("export", "half", 30), ("retain", "kill", 5), ("retain", "half", 5)],
)
def test_killed_at_any_step_it_loses_nothing_and_finishes_when_it_is_run_again(
    tmp_path: Path, command: str, way: str, at_least: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", keeping_life.__name__, str(tmp_path / "lives"), command, way],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": "."},
    )
    assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
    assert int(done.stdout) >= at_least, "there were steps to be killed at"

"""Whatever step of its index a keeper is killed at, the next one finds every record."""

import os
import subprocess
import sys
from pathlib import Path

from tests.ledger.log import receipt_life


def test_killed_at_any_step_the_next_process_finds_every_record(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", receipt_life.__name__, str(tmp_path / "lives")],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": "."},
    )
    assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
    assert int(done.stdout) > 20, "there were steps to be killed at"

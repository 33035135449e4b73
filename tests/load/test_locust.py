"""The checkout mix runs against a real server without one error."""

from pathlib import Path

import pytest

from loadtests.run import run_mix


@pytest.mark.slow
def test_the_checkout_mix_with_a_bulk_user_beside_it_meets_no_error(tmp_path: Path) -> None:
    done = run_mix(tmp_path, seconds=5, users=11)
    assert done.returncode == 0, (done.stdout, done.stderr)
    summary = done.stdout + done.stderr
    assert "/v1/check" in summary
    assert "/v1/bulk" in summary

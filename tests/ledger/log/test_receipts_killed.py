"""Whatever step of its index a keeper is killed at, the next one finds every record."""

from pathlib import Path

import pytest

from tests.harness.each_step import steps_of
from tests.ledger.log import receipt_life


@pytest.mark.slow
def test_killed_at_any_step_the_next_process_finds_every_record(tmp_path: Path) -> None:
    assert steps_of(receipt_life.__name__, str(tmp_path / "lives")) > 20, "there were steps"

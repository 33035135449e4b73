"""Whatever step an export or a drop is killed at, nothing half counts as whole, and it goes on."""

from pathlib import Path

from tests.harness.each_step import steps_of
from tests.harness.slow import slow_but_first
from tests.ledger.log import keeping_life


@slow_but_first(
    1,
    ("command", "way", "at_least"),
    [("retain", "half", 5), ("retain", "kill", 5), ("export", "half", 30), ("export", "kill", 30)],
)
def test_killed_at_any_step_it_loses_nothing_and_finishes_when_it_is_run_again(
    tmp_path: Path, command: str, way: str, at_least: int
) -> None:
    steps = steps_of(keeping_life.__name__, str(tmp_path / "lives"), command, way)
    assert steps >= at_least, "there were steps to be killed at"

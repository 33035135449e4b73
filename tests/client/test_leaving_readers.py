"""Whoever reads what a command prints may leave early, as `head` does: its exit code stands."""

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.client import peer as behave
from tests.client.bulk_run import GEN_SCREEN
from tests.client.conftest import List
from tests.client.peer import OPENING, Peer
from tests.harness.outputs import unread
from tests.harness.slow import slow_but_first

PHONE = "phone:+12025550100"
Left = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def left() -> Left:
    """Run a command whose stdout nobody reads, nor its stderr where `both`."""

    def run(*arguments: object, both: bool = False) -> "subprocess.CompletedProcess[str]":
        with unread() as writer:
            streams: dict[str, Any] = {
                "stdout": writer,
                "stderr": writer if both else subprocess.PIPE,
            }
            return subprocess.run(
                [GEN_SCREEN, *map(str, arguments)], text=True, check=False, timeout=60, **streams
            )

    return run


@slow_but_first(1, "output", [[], ["--json"]])
def test_a_verdict_is_its_exit_code_though_nobody_reads_it(
    left: Left, kit_path: Path, list_selectors: List, output: list[str]
) -> None:
    ended = left("check", "--kit", kit_path, *output, PHONE)
    assert (ended.returncode, ended.stderr) == (0, "")
    list_selectors(("phone", "+12025550100"))
    ended = left("check", "--kit", kit_path, *output, PHONE)
    assert (ended.returncode, ended.stderr) == (10, "")
    assert left("check", "--kit", kit_path, *output, PHONE, both=True).returncode == 10


def test_a_certain_match_exits_10_though_nobody_reads_it(
    left: Left, kit_path: Path, peer: Peer
) -> None:
    peer.always = behave.problem(
        503, "unavailable", "5", reason="stale", matches=[0], receipt="a" * 26, opening=OPENING
    )
    assert left("check", "--kit", kit_path, PHONE).returncode == 10


@pytest.mark.slow
def test_a_refusal_keeps_its_exit_code_though_nobody_reads_it(
    left: Left, kit_path: Path, peer: Peer
) -> None:
    peer.always = behave.problem(401, "unauthenticated")
    assert left("check", "--kit", kit_path, PHONE, both=True).returncode == 77


@slow_but_first(1, "both", [False, True])
def test_a_file_is_screened_though_nobody_reads_the_summary(
    left: Left, kit_path: Path, tmp_path: Path, both: bool
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("phone\n+12025550100\n")
    assert left("bulk", "--kit", kit_path, source, "-o", out, both=both).returncode == 0
    assert "no_match" in out.read_text()


@pytest.mark.slow
def test_a_filter_that_nobody_reads_ends_as_by_its_signal(left: Left) -> None:
    ended = left("normalise", "--kind", "phone", "+12025550100")
    assert (ended.returncode, ended.stderr) == (128 + signal.SIGPIPE, "")

"""A run that is killed at any step of its files: the next start loses no row and re-asks none."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.client.bulk_run import GEN_SCREEN
from tests.client.conftest import parsed
from tests.client.peer import Peer

# Whatever changes a file or a name in the folder is a step, and so is making a name durable. The
# process dies right before the one whose number it is given, as of a kill or a power failure.
KILLED = """
import os, signal, sys

folder, last = sys.argv[1], int(sys.argv[2])
steps = 0

def changes(event, arguments):
    if event in ("os.truncate", "os.chmod"):
        return True
    if event not in ("open", "os.rename", "os.link", "os.remove"):
        return False
    if not str(arguments[0]).startswith(folder):
        return False
    writes = event != "open" or arguments[2] & (os.O_RDWR | os.O_WRONLY)
    return writes or os.path.isdir(arguments[0])

def watch(event, arguments):
    global steps
    if changes(event, arguments):
        steps += 1
        if steps == last:
            os.kill(os.getpid(), signal.SIGKILL)

from screening.client.cli import main
sys.addaudithook(watch)
code = main(sys.argv[3:])
sys.stdout.write(f"steps {steps}")
sys.exit(code)
"""


class Killed:
    """One `gen-screen bulk` over four rows in a folder of its own, killed before a step."""

    def __init__(self, kit_path: Path, folder: Path, options: tuple[str, ...]) -> None:
        folder.mkdir()
        self.folder, self.out = folder, folder / "out.csv"
        source = folder / "in.csv"
        source.write_text("phone\n" + "".join(f"+1202555010{n}\n" for n in range(4)))
        self.arguments = ["bulk", "--kit", str(kit_path), "--batch", "2", str(source)]
        self.arguments += ["-o", str(self.out), *options]

    def run(self, last: int) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-c", KILLED, str(self.folder), str(last), *self.arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    def go_on(self) -> "subprocess.CompletedProcess[str]":
        command = [str(GEN_SCREEN), *self.arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    def names(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


DONE = {"in.csv", "out.csv", "out.csv.receipts"}


@pytest.mark.parametrize("options", [(), ("--overwrite",)], ids=["new", "overwrite"])
def test_a_kill_at_any_step_loses_no_row_and_asks_none_again(
    kit_path: Path, tmp_path: Path, peer: Peer, options: tuple[str, ...]
) -> None:
    steps = int(Killed(kit_path, tmp_path / "whole", options).run(0).stdout.rpartition(" ")[2])
    assert steps > 10
    for last in range(1, steps + 1):
        peer.asked.clear()
        killed = Killed(kit_path, tmp_path / f"step{last}", options)
        assert killed.run(last).returncode == -9
        answered = set(peer.asked)
        left = killed.names()
        done = killed.go_on()
        if left == DONE and not options:
            # It was done, but for telling: nothing is overwritten, and nothing asked.
            assert (done.returncode, "out.csv exists" in done.stderr) == (2, True)
        elif left != DONE:  # what is done is begun anew with --overwrite
            assert done.returncode == 0, (last, done.stderr)
            assert ("Going on: 4 of 4 rows answered" in done.stderr) == (len(answered) == 4)
            assert set(peer.asked.values()) == {1}, last
        assert killed.names() == DONE, last
        rows = parsed(killed.out.read_bytes())[1:]
        assert [row[:2] for row in rows] == [[f"+1202555010{n}", "no_match"] for n in range(4)]
        assert len({row[3] for row in rows}) == 4


def test_a_file_of_another_that_came_meanwhile_is_not_taken_for_the_runs_own(
    kit_path: Path, tmp_path: Path, peer: Peer
) -> None:
    killed = Killed(kit_path, tmp_path / "run", ())
    assert killed.go_on().returncode == 0
    own = killed.out.read_bytes()
    (killed.folder / "out.csv.receipts").rename(killed.folder / "out.csv.resume")
    killed.out.write_bytes(own + b"+12025550104,no_match,,\n")
    done = killed.go_on()
    assert (done.returncode, done.stdout) == (2, "")
    assert "out.csv exists by now; move it away, or give --overwrite" in done.stderr
    assert killed.out.read_bytes() != own
    killed.out.unlink()
    assert killed.go_on().returncode == 0
    assert killed.out.read_bytes() == own
    assert set(peer.asked.values()) == {1}

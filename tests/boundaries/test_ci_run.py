"""`.ci/run` with tools of the test's own on its path: what it calls, and what it says of it."""

import os
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Final

import pytest

ROOT = Path(__file__).parents[2]
RUN = ROOT / ".ci" / "run"
ALL: Final = ["make check", "make test", "make test-slow"]
BASH = shutil.which("bash")
pytestmark = pytest.mark.skipif(BASH is None, reason="needs bash")


class Machine:
    """A machine that has bash, dirname and whatever else is put on it."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.calls = folder / "calls"
        for name in ("bash", "dirname"):
            found = shutil.which(name)
            assert found is not None
            (self.bin / name).symlink_to(found)

    def has(self, name: str, script: str = "") -> None:
        tool = self.bin / name
        tool.write_text(f'#!{BASH}\necho "{name} $*" >>{self.calls}\n{script}\n')
        tool.chmod(0o700)

    def run(self) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [RUN],
            env={"PATH": str(self.bin)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def called(self, name: str) -> list[str]:
        lines = self.calls.read_text().splitlines()
        return [line for line in lines if line.split()[0] == name]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with all that is needed, and no package manager."""
    one = Machine(tmp_path)
    one.has("python3")
    one.has("strace")
    one.has("npm")
    one.has("chromium")
    one.has("make", '[[ $1 == check ]] || echo "=== 3 passed of $1 ==="')
    return one


def test_it_checks_then_tests_and_ends_with_the_tests_closing_line(machine: Machine) -> None:
    done = machine.run()
    assert done.returncode == 0, done.stderr
    assert machine.called("make") == ALL
    closing = ["=== 3 passed of test ===", "=== 3 passed of test-slow ==="]
    assert done.stdout.splitlines() == closing
    assert done.stderr == ""


@pytest.mark.parametrize("target", ["check", "test", "test-slow"])
def test_a_failure_of_any_fails_it_is_said_and_the_others_run_in_any_case(
    machine: Machine, target: str
) -> None:
    machine.has("make", f"[[ $1 != {target} ]] || exit 2")
    done = machine.run()
    assert done.returncode == 2
    said = f"make {target} failed, and so does this run, whatever comes after it says"
    assert done.stderr.splitlines() == [said]
    assert machine.called("make") == ALL


def test_what_is_missing_is_installed_where_that_is_permitted(machine: Machine) -> None:
    (machine.bin / "strace").unlink()
    machine.has("apt-get")
    done = machine.run()
    assert done.returncode == 0
    # Only root may install; anybody else tests what can be tested without.
    installed = ["apt-get install -y -qq --no-install-recommends strace"]
    assert machine.called("apt-get")[1:] == (installed if os.geteuid() == 0 else [])


@pytest.mark.parametrize("apt", [None, "exit 100"])
def test_a_machine_that_can_install_nothing_tests_what_it_can(
    machine: Machine, apt: str | None
) -> None:
    (machine.bin / "strace").unlink()
    if apt is not None:
        machine.has("apt-get", apt)
    done = machine.run()
    assert done.returncode == 0
    assert machine.called("make") == ALL


def _selecting(target: str) -> tuple[list[str], str]:
    """Return how a target calls pytest, and the expression of markers it selects tests by."""
    command = ["make", "--no-print-directory", "--dry-run", "-C", str(ROOT), target]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    *called, option, expression = shlex.split(done.stdout.splitlines()[-1])
    assert option == "-m"
    return called, expression


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_every_test_is_selected_by_one_of_its_two_targets_and_by_one_alone() -> None:
    quick, slow = _selecting("test"), _selecting("test-slow")
    assert (quick[1], slow[1]) == ("not slow", "slow")
    assert quick[0] == slow[0]
    # Whatever else selects tests would be among these.
    _, pytest_, *options = quick[0]
    assert pytest_.endswith("/pytest")
    assert options == ["--numprocesses", "4", "--dist", "loadfile", "--no-loadscope-reorder"]
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    added = shlex.split(settings["addopts"])
    assert not {option.partition("=")[0] for option in added} & {
        "-m", "-k", "--deselect", "--ignore", "--ignore-glob", "--lf", "--last-failed"
    }  # fmt: skip
    assert settings["testpaths"] == ["tests"]


def test_the_readme_names_both_for_developers() -> None:
    commands = (ROOT / "README.md").read_text().partition("## For developers")[2].splitlines()
    named = [line.partition("#")[0].strip() for line in commands if line.startswith("make test")]
    assert named == ["make test", "make test-slow"]

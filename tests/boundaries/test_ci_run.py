"""`.ci/run` with tools of the test's own on its path: what it calls, and what it says of it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / ".ci" / "run"
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
    one.has("make", '[[ $1 != test ]] || echo "=== 3 passed in 0.10s ==="')
    return one


def test_it_checks_then_tests_and_ends_with_the_tests_closing_line(machine: Machine) -> None:
    done = machine.run()
    assert done.returncode == 0, done.stderr
    assert machine.called("make") == ["make check", "make test"]
    assert done.stdout.splitlines()[-1] == "=== 3 passed in 0.10s ==="
    assert done.stderr == ""


@pytest.mark.parametrize("target", ["check", "test"])
def test_a_failure_of_either_fails_it_and_the_tests_run_in_any_case(
    machine: Machine, target: str
) -> None:
    machine.has("make", f"[[ $1 != {target} ]]")
    done = machine.run()
    assert done.returncode != 0
    assert machine.called("make") == ["make check", "make test"]


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
    assert machine.called("make") == ["make check", "make test"]

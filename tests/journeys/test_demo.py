"""`make demo` and `make serve`, as a newcomer runs them."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.harness.processes import Process, children_of, command_line, eventually, processes_of

ROOT = Path(__file__).parents[2]
WITHIN_S: Final = 400
"""Half a minute's work, on a machine that has others to serve."""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What is set on a machine new to this project; its temp folder is the test's."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.skipif(Path(sys.prefix) != ROOT / ".venv", reason="needs the environment of make")
def test_the_demo_shows_a_no_and_a_match_resolves_its_receipt_and_leaves_nothing_behind(
    environment: dict[str, str], tmp_path: Path
) -> None:
    command = ["make", "--no-print-directory", "-C", str(ROOT), "demo"]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=WITHIN_S, check=False
    )
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert "No match: none of these is on the list." in done.stdout
    assert "MATCH       phone  +12025550142" in done.stdout
    assert "MATCH       card   378282*****0005" in done.stdout
    assert done.stdout.count("  receipt  ") == 2
    # Each step is told before it is done.
    said = [line.strip() for line in done.stdout.splitlines()]
    for step, then in (
        ("making the keys ...", "indexer  keyring in "),
        ("starting the store and the API ...", "setting the authorised channel up"),
        ("starting the console, and letting people in", "ada  administrator"),
        ("publishing the sample list", "indexer  list 3: 9 entries added"),
        ("adding a partner, with an index of its own ...", "indexer  partner demo added"),
    ):
        (place,) = [number for number, line in enumerate(said) if line.startswith(step)]
        assert said[place + 1].startswith(then)
    _require_disclosed(said)
    assert not list(tmp_path.iterdir())
    assert not processes_of(tmp_path)


def _require_disclosed(said: list[str]) -> None:
    """Fail unless the second booking's receipt led to what two people had listed, on record."""
    receipt = [line.split()[1] for line in said if line.startswith("receipt ")][1]
    in_order = (
        "cora  curator, let in by ada",
        "cora  writes what case 17 says of it, and signs that",
        "abel  looks at it, approves it and signs it as well: nobody approves their own",
        "indexer  file 1, release 1 (list 2): 1 batch, 1 change; the list has 1 statement",
        "MATCH       phone  +12025550142",
        "indexer  1 record with matches told to the console",
        "olga  authorised user of the Police of Examplia, let in by ada and abel",
        "Selector      +12025550142",
        "Role          trafficker",
        "1 sighting",
        f"receipt: {receipt}",
        "case number: K 7/26",
    )
    places = [said.index(line) for line in in_order]
    assert places == sorted(places)
    assert said[-1].startswith("ida  has the record verified: All ")
    # Neither is for outsiders.
    assert not [line for line in said if line.startswith(("Source ", "Reason "))]


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize("target", ["demo", "serve"])
def test_making_the_environment_tells_each_step_before_it_is_done(
    environment: dict[str, str], target: str
) -> None:
    command = ["make", "--no-print-directory", "--dry-run", "--always-make", "-C", str(ROOT)]
    done = subprocess.run(
        [*command, target], env=environment, capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    steps = [number for number, line in enumerate(lines) if line.startswith("echo ")]
    assert "about a minute" in lines[steps[0]]
    long = [number for number, line in enumerate(lines) if "-m venv" in line or "pip inst" in line]
    assert [number - 1 for number in long] == steps[1:]


@pytest.fixture
def serving(environment: dict[str, str], tmp_path: Path) -> Iterator[Process]:
    """`make serve`, on any port."""
    process = _serve(environment, tmp_path)
    yield process
    process.kill()


@pytest.mark.slow
def test_serve_stays_up_says_where_and_ends_at_ctrl_c(
    serving: Process, environment: dict[str, str], tmp_path: Path
) -> None:
    eventually(
        lambda: "Ctrl-C ends it" in serving.logged(), within_s=120, what="the demo that stays"
    )
    assert "up: http://127.0.0.1:" in serving.logged()
    # As a terminal does: to the whole group.
    os.killpg(serving.pid, signal.SIGINT)
    assert serving.popen.wait(20) == 0
    assert not processes_of(tmp_path)

    # On another port now, which the kit of the first time is told.
    again = _serve(environment, tmp_path)
    try:
        eventually(
            lambda: again.logged().count("Ctrl-C ends it") == 2, within_s=120, what="a second start"
        )
        assert again.logged().count("MATCH: on the list.") == 2
    finally:
        os.killpg(again.pid, signal.SIGINT)
        assert again.popen.wait(20) == 0
    assert not processes_of(tmp_path)


AT_A_HANGUP = """
import os, signal, sys
signal.signal(signal.SIGHUP, signal.{what})
os.execv(sys.executable, [sys.executable, "-m", "examples.demo"])
"""


@pytest.mark.parametrize("what", ["SIG_DFL", "SIG_IGN"])
@pytest.mark.slow
def test_a_closed_terminal_ends_the_demo_but_for_nohup_and_leaves_nothing_behind(
    environment: dict[str, str], tmp_path: Path, what: str
) -> None:
    demo = Process(
        [sys.executable, "-c", AT_A_HANGUP.format(what=what)],
        tmp_path / "log",
        environment=environment,
        cwd=tmp_path,
    )
    eventually(
        lambda: "ada  administrator" in demo.logged(), within_s=WITHIN_S, what="both servers"
    )
    assert len([pid for pid in children_of(demo.pid) if " serve " in command_line(pid)]) == 2
    os.killpg(demo.pid, signal.SIGHUP)
    if what == "SIG_IGN":
        eventually(lambda: "listing" in demo.logged(), within_s=WITHIN_S, what="a next step")
        demo.signal(signal.SIGTERM)
    assert demo.popen.wait(60) == 0
    assert ("listing" in demo.logged()) is (what == "SIG_IGN")
    assert [path.name for path in tmp_path.iterdir()] == ["log"]
    assert not processes_of(tmp_path)


INTERRUPTED_AT_AN_IMPORT = """
import runpy, sys
class Interrupting:
    def find_spec(self, name, *_):
        if name == "httpx":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupting())
runpy.run_module("examples.demo", run_name="__main__")
"""


def test_ctrl_c_is_no_traceback_while_the_demo_is_imported(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_AT_AN_IMPORT],
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


@pytest.mark.slow
def test_serve_ends_with_a_sentence_where_its_api_has_ended(
    serving: Process, tmp_path: Path
) -> None:
    eventually(lambda: "Ctrl-C ends it" in serving.logged(), within_s=120, what="its end")
    (api,) = (pid for pid in children_of(serving.pid) if "serve" in command_line(pid))
    os.kill(api, signal.SIGTERM)
    assert serving.popen.wait(20) == 1
    assert serving.logged().splitlines()[-1].startswith("the API has ended; see the end of ")
    assert not processes_of(tmp_path)


def _serve(environment: dict[str, str], folder: Path) -> Process:
    return Process(
        [sys.executable, "-m", "examples.demo", "--stay"],
        folder / "serve.log",
        environment={**environment, "SCREENING_PORT": "0"},
        cwd=folder,
    )

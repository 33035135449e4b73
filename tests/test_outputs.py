"""What takes no output, or stops taking it, ends a program as is documented."""

import subprocess
from pathlib import Path

import msgspec
import pytest

from screening.ledger.ledger import Ledger
from tests.harness.deployment import BIN
from tests.harness.outputs import FULL, buffered, unread
from tests.harness.slow import slow_but_first
from tests.ledger.looking import ASKED

pytestmark = pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")

SPEAKING = [
    ("gen-screen", ["--help"], 69),
    ("screening", ["--help"], 74),
    ("screening", ["audit", "verify"], 74),
    ("screening", ["audit", "who", "--purpose", "a test"], 74),
    ("indexer", ["--help"], 74),
    ("indexer", ["init"], 74),
]
UNREAD = 141


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "screening"
    home.mkdir(mode=0o700)
    with Ledger(home / "journal", host="test") as ledger:
        ledger.append([msgspec.json.encode(ASKED)])
    folders = {"INDEXER_HOME": "indexer", "SCREENING_SECRETS": "s", "DISCLOSURE_HOME": "disclosure"}
    homes = {name: str(tmp_path / folder) for name, folder in folders.items()}
    return {**homes, "SCREENING_HOME": str(home)}


@slow_but_first(2, ("command", "arguments", "code"), SPEAKING)
def test_an_output_without_room_is_one_sentence_and_the_exit_code_that_is_documented(
    settings: dict[str, str], command: str, arguments: list[str], code: int
) -> None:
    with FULL.open("wb") as full:
        done = subprocess.run(
            [BIN / command, *arguments],
            env=buffered(**settings),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == code
    assert done.stderr.count(b"\n") == 1
    assert b"output" in done.stderr


@slow_but_first(1, "command", ["gen-screen", "screening", "indexer"])
def test_an_error_keeps_its_exit_code_though_its_sentence_has_no_room(
    settings: dict[str, str], command: str
) -> None:
    with FULL.open("wb") as full:
        done = subprocess.run(
            [BIN / command, "frob"], env=buffered(**settings), stderr=full, check=False
        )
    assert done.returncode == 2


@pytest.mark.parametrize(("command", "arguments"), [one[:2] for one in SPEAKING])
@pytest.mark.slow
def test_a_reader_that_leaves_is_told_nothing(
    settings: dict[str, str], command: str, arguments: list[str]
) -> None:
    with unread() as writer:
        done = subprocess.run(
            [BIN / command, *arguments],
            env=buffered(**settings),
            stdout=writer,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0 if "who" in arguments else UNREAD, b"")


@pytest.mark.slow
def test_a_closed_output_is_nothing_to_fail_at(settings: dict[str, str]) -> None:
    for command, arguments in (
        ("screening", ["audit", "verify"]),
        ("screening", ["audit", "who", "--purpose", "a test"]),
        ("indexer", ["init"]),
    ):
        done = subprocess.run(
            ["sh", "-c", 'exec "$@" >&-', "sh", BIN / command, *arguments],
            env=buffered(**settings),
            stderr=subprocess.PIPE,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b""), command


def test_a_look_that_cannot_be_put_on_record_is_a_failure_of_the_disk(
    settings: dict[str, str],
) -> None:
    home = Path(settings["SCREENING_HOME"])
    (home / "audit").mkdir(mode=0o700)
    (home / "audit" / "lock").mkdir()
    done = subprocess.run(
        [BIN / "screening", "audit", "who", "--purpose", "a test"],
        env=buffered(**settings),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (74, b"")
    assert done.stderr.count(b"\n") == 1

"""What is written to stderr, and that nobody waits for whoever is to read it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO, Final

TELL: Final = """
from screening.api.logs import tell
tell("x" * 1_000_000)
print("told", flush=True)
"""

TELL_MORE: Final = """
import os
from screening.api.logs import tell
reading, writing = os.pipe()
os.dup2(writing, 2)
tell("x" * 1_000_000)
assert len(os.read(reading, 1_000_000)) < 1_000_000
tell("next\\n")
tell("last\\n")
print(os.read(reading, 100).decode().replace("\\n", "\\\\n"))
"""

LOG_AS_LIBRARIES_DO: Final = """
import logging
from screening.api.logs import configure_logs
configure_logs()
logging.getLogger("screening.ledger").error("not merged further: %s", "segment \\u2028 1")
logging.getLogger("screening.ledger").info("nothing of note")
try:
    int("x" * 3)
except ValueError:
    logging.getLogger("library").exception("it failed\\nin two lines")
"""


def tell_a_million(stderr: int | IO[bytes]) -> bytes:
    """Return what is said once it has been told."""
    command = [sys.executable, "-c", TELL]
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=stderr, timeout=20, check=True
    ).stdout


def test_of_a_long_line_that_which_nobody_takes_is_left_out() -> None:
    reading, writing = os.pipe()
    try:
        assert tell_a_million(writing) == b"told\n"
        assert 4_096 <= len(os.read(reading, 1_000_000)) < 1_000_000
    finally:
        os.close(reading)
        os.close(writing)


def test_the_line_behind_one_that_was_cut_begins_anew() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TELL_MORE], capture_output=True, timeout=20, check=True
    )
    assert done.stdout == b"\\nnext\\nlast\\n\n"


def test_a_long_line_is_written_whole_where_it_is_taken(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as log:
        tell_a_million(log)
    assert (tmp_path / "log").read_bytes() == b"x" * 1_000_000


def test_what_is_logged_as_libraries_do_is_json_a_line_as_all_else_is() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOG_AS_LIBRARIES_DO], capture_output=True, timeout=20, check=True
    )
    first, second = map(json.loads, done.stderr.split(b"\n")[:-1])
    assert first.pop("timestamp")
    assert first == {
        "event": "not merged further: segment \u2028 1",
        "level": "error",
        "logger": "screening.ledger",
    }
    assert (second["event"], second["level"]) == ("it failed\nin two lines", "error")
    assert "ValueError" in second["exception"]

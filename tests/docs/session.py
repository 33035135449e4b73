"""A page of the documentation as one session in a shell: its blocks, in order, as a reader pastes.

A `text` block is what the block before it prints. On a page, `…` stands for what is left out of a
line; dates, hex words of eight digits or more, ages, the year in a `key_id` and the name of whoever
runs the commands are other ones each time.
"""

import os
import random
import re
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]

_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_RUN = ("sh", "python")
_END = "END OF A BLOCK"
_VARYING = re.compile(
    r"(?P<left_out>…)|\b(?P<day>\d{4}-\d\d-\d\d)\b|\b(?P<time>\d\d:\d\d:\d\d)\b"
    r"|\b(?P<age>\d+ (?:s|min|h|d))(?= ago)|\b(?P<hex>[0-9a-f]{8,})\b|(?<= of )(?P<who>\w+)(?=, )"
    r"|(?<=-)(?P<year>\d{4})(?=a\b)"
)
_ANY = {
    "left_out": ".*",
    "day": r"\d{4}-\d\d-\d\d",
    "time": r"\d\d:\d\d:\d\d",
    "age": r"\d+ (?:s|min|h|d)",
    "hex": "[0-9a-f]{8,}",
    "who": r"[\w.-]+",
    "year": r"\d{4}",
}


class Block(NamedTuple):
    """Something to run, and what the page shows of its output: None where it shows nothing."""

    language: str
    text: str
    shown: str | None


def blocks_of(page: Path) -> list[Block]:
    """Return the blocks of a page that a reader runs, each with the output that it is shown."""
    fenced = _FENCED.findall(page.read_text())
    followed_by = [*fenced[1:], ("", "")]
    return [
        Block(language, text, shown if next_language == "text" else None)
        for (language, text), (next_language, shown) in zip(fenced, followed_by, strict=True)
        if language in _RUN
    ]


def script_of(blocks: Sequence[Block], folder: Path) -> list[str]:
    """Return what is pasted into a shell for each block; Python lies in `folder` as a file."""
    pasted = []
    for number, block in enumerate(blocks):
        if block.language == "python":
            name = f"block{number}.py"
            (folder / name).write_text(block.text)
            pasted.append(f"python3 {name}\n")
        else:
            pasted.append(block.text)
    return pasted


def run_session(script: str, folder: Path, **settings: str) -> str:
    """Run a script in `folder` as a reader would, and return what it prints on stdout."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONWARNINGS": "error",
        **settings,
    }
    done = subprocess.run(
        ["bash", "-c", f"set -eu\n{script}"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done.stdout


def printed_by_each(blocks: Sequence[Block], folder: Path, **settings: str) -> list[str]:
    """Run blocks as one session, and return what each of them prints, errors included."""
    pasted = "".join(f"{one}echo '{_END}'\n" for one in script_of(blocks, folder))
    printed = run_session(f"exec 2>&1\n{pasted}", folder, **settings)
    return printed.split(f"{_END}\n")[:-1]


def is_shown(shown: str, printed: str) -> bool:
    """Tell whether a page shows what was printed, but for what is another each time."""
    # Line by line: of a whole page that differs, every way to part it would be tried.
    lines, others = shown.split("\n"), printed.split("\n")
    return len(lines) == len(others) and all(map(_is_line_shown, lines, others))


def _is_line_shown(shown: str, printed: str) -> bool:
    pattern, end = "", 0
    for found in _VARYING.finditer(shown):
        pattern += re.escape(shown[end : found.start()]) + _ANY[str(found.lastgroup)]
        end = found.end()
    return re.fullmatch(pattern + re.escape(shown[end:]), printed) is not None


def cells_of_table(page: Path, heading: str) -> list[list[str]]:
    """Return the cells of each row of the table whose heading begins with `heading`."""
    lines = page.read_text().splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return rows


def free_port() -> int:
    """Return a port that nobody listens on."""
    # Below those that a system gives by itself: until the page has come to its server, another
    # test's server could be given it.
    for port in random.sample(range(20_000, 30_000), 100):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("no port is free")

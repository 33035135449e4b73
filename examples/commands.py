"""The project's commands, as the demonstration runs them: told before, and shown what they say."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

import httpx
from rich.console import Console
from rich.markup import escape

BIN: Final = Path(sys.executable).parent
WAIT_S: Final = 120
"""For what another process does meanwhile, on a machine that has others to serve."""

FoundT = TypeVar("FoundT")

console = Console(highlight=False, soft_wrap=True)
Environment = Mapping[str, str]
Server = subprocess.Popen[bytes]


def step(what: str) -> None:
    """Say what is done now: a wait without a word looks like a fault."""
    console.print(f"{what} ...")


def told(who: str, what: str) -> None:
    """Show what somebody has done, or a command has said."""
    console.print(f"[dim]{who:>12}[/]  {escape(what)}")


def output_of(environment: Environment, command: str, *arguments: str) -> str:
    """Return what a command prints; end with its own sentence where it fails."""
    done = subprocess.run(
        [BIN / command, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.exit(f"{command} {arguments[0]} failed: {done.stderr}")
    return done.stdout


def run(environment: Environment, command: str, *arguments: str) -> None:
    """Run a command, and show what it says."""
    for line in output_of(environment, command, *arguments).splitlines():
        told(command, line)


@contextmanager
def serving(
    environment: Environment, log: Path, command: str, *arguments: str, live: str
) -> Iterator[tuple[str, Server]]:
    """Run a server in the background; yield its address once `live`, a path there, answers."""
    log.parent.mkdir(mode=0o700, exist_ok=True)
    with log.open("wb") as file:
        server = subprocess.Popen(
            [BIN / command, "serve", *arguments], env=environment, stdout=file, stderr=file
        )
    try:
        yield _wait_for_address(server, log, command, live), server
    finally:
        server.terminate()
        server.wait()


def wait_for(condition: Callable[[], FoundT | None], what: str) -> FoundT:
    """Return what `condition` finds as soon as it does; end with a sentence after `WAIT_S`."""
    deadline = time.monotonic() + WAIT_S
    while not (found := condition()):
        if time.monotonic() > deadline:
            sys.exit(f"{what} did not come within {WAIT_S} s; run this again")
        time.sleep(0.1)
    return found


def _wait_for_address(server: Server, log: Path, command: str, live: str) -> str:
    def address() -> str | None:
        if server.poll() is not None:
            sys.exit(f"{command} serve did not start: {log.read_text().strip()}")
        said = re.search(r"on (http://\S+:\d+)", log.read_text())
        return said[1] if said and _is_live(said[1] + live) else None

    return wait_for(address, f"the address of {command} serve")


def _is_live(url: str) -> bool:
    try:
        return httpx.get(url, timeout=1).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False

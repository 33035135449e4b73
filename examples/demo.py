"""The whole way of a selector, on this machine: publish a sample list, ask about two bookings.

    make demo     ends by itself and leaves no process
    make serve    the same, but stays up and says where

Every value is fictional: reserved phone numbers, scheme test cards, `.example` and `.test` names.
"""

import argparse
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NoReturn

from screening.installation import EXIT_INTERRUPTED, packages_of

with packages_of("client", "the demo"):  # at a Ctrl-C meanwhile it says nothing, as later
    import httpx
    import msgspec
    from rich.console import Console
    from rich.markup import escape

    from screening.client.kit_file import load_kit
    from screening.private_files import replace_private
    from screening.vocabulary.kit import encode_kit

BIN = Path(sys.executable).parent
SAMPLE_LIST = Path(__file__).parent / "sample_list.csv"
START_TIMEOUT_S = 30
MATCH_EXIT = 10
_LOG = "api.log"

# Spelled otherwise than in the sample list, as travellers spell.
BOOKINGS = (
    ("a booking that has nothing to do with the list", ["phone:+1 (202) 555-0100"], None),
    (
        "a booking with a listed phone, card and e-mail, spelled in other ways",
        ["phone:001 202-555-0142", "email:J.DOE@LISTED.EXAMPLE", "email:jane.roe@booking.test"],
        "3782 822463 10005",
    ),
)

console = Console(highlight=False, soft_wrap=True)


def main() -> int:
    """Run the demonstration; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stay", action="store_true", help="stay up, below ./.screening-demo")
    stay = parser.parse_args().stay
    signal.signal(signal.SIGTERM, _end)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # no nohup: the terminal was closed
        signal.signal(signal.SIGHUP, _end)
    with _folder(stay) as folder:
        environment = {
            **os.environ,
            "SCREENING_HOME": str(folder / "screening"),
            "SCREENING_SECRETS": str(folder / "secrets"),
            "INDEXER_HOME": str(folder / "indexer"),
            "DISCLOSURE_HOME": str(folder / "disclosure"),
        }
        kit = folder / "demo.kit.json"
        console.print("A list is published and asked, all on this machine: about 15 s.")
        _step("making the keys")
        _run(environment, "indexer", "init")
        _step("starting the store and the API")
        with _api(environment, folder, stay=stay) as (url, server):
            _step("publishing the sample list; deriving a token is made slow on purpose")
            # Each time: a list that nobody has published for a week is too old for a "no".
            _run(environment, "indexer", "publish", str(SAMPLE_LIST))
            if not kit.exists():
                _step("adding a partner, with an index of its own")
                partner = ["partner", "add", "demo", "--kit", str(kit), "--api-url", url]
                _run(environment, "indexer", *partner)
            # Served on another port than the last time, perhaps.
            told = msgspec.structs.replace(load_kit(kit), api_url=url)
            replace_private(kit, encode_kit(told))
            for title, selectors, card in BOOKINGS:
                _ask(environment, kit, title, selectors, card=card)
            if stay:
                console.print(f"\n[bold]up:[/] {url}  docs: {url}/docs  kit: {kit}\nCtrl-C ends it")
                _wait_for_ctrl_c(server, folder)
                console.print("\nending")
    return 0


def _end(*_: object) -> NoReturn:
    """End, once: a second signal is not to break off the clearing away."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(0)


def _wait_for_ctrl_c(server: "subprocess.Popen[bytes]", folder: Path) -> None:
    with contextlib.suppress(KeyboardInterrupt):
        server.wait()
        sys.exit(f"the API has ended; see the end of {folder / _LOG}, then run this again")


@contextlib.contextmanager
def _folder(stay: bool) -> Iterator[Path]:
    if stay:
        yield Path(".screening-demo").absolute()
        return
    folder = Path(tempfile.mkdtemp(prefix="screening-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _api(
    environment: Mapping[str, str], folder: Path, *, stay: bool
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Run the API in the background, on the port that is set where it stays; yield its address."""
    log = folder / _LOG
    folder.mkdir(mode=0o700, exist_ok=True)
    command: list[str | Path] = [BIN / "screening", "serve", "--workers", "1"]
    with log.open("wb") as file:
        server = subprocess.Popen(
            [*command, "--metrics-port", "0", *([] if stay else ["--port", "0"])],
            env=environment,
            stdout=file,
            stderr=file,
        )
    try:
        yield _wait_for_address(server, log), server
    finally:
        server.terminate()
        server.wait()


def _wait_for_address(server: "subprocess.Popen[bytes]", log: Path) -> str:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and server.poll() is None:
        said = re.search(r"on (http://\S+:\d+)", log.read_text())
        if said and _is_live(said[1]):
            return said[1]
        time.sleep(0.05)
    sys.exit(f"the API did not start: {log.read_text().strip()}")


def _is_live(url: str) -> bool:
    try:
        return httpx.get(f"{url}/livez", timeout=1).status_code == 200
    except httpx.HTTPError:
        return False


def _step(what: str) -> None:
    """Say what is done now: a wait without a word looks like a fault."""
    console.print(f"{what} ...")


def _run(environment: Mapping[str, str], command: str, *arguments: str) -> None:
    done = subprocess.run(
        [BIN / command, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.exit(f"{command} {arguments[0]} failed: {done.stderr}")
    for line in done.stdout.splitlines():
        console.print(f"[dim]{command:>10}[/]  {escape(line)}")


def _ask(
    environment: Mapping[str, str],
    kit: Path,
    title: str,
    selectors: list[str],
    *,
    card: str | None,
) -> None:
    """Ask through the command line, as a partner would; the card goes in by standard input."""
    console.print(f"\n[bold]{title}[/]")
    for selector in selectors:
        console.print(f"[dim]    {escape(selector)}[/]")
    if card:
        console.print(f"[dim]    card:{card[:4]} ...... {card[-4:]}[/]")
    command: list[str | Path] = [BIN / "gen-screen", "check", "--kit", kit, "--region", "GB"]
    command += selectors
    done = subprocess.run(
        [*command, "card:-"] if card else command,
        input=card,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, MATCH_EXIT):
        sys.exit(f"the check failed: {done.stderr}")
    console.print(escape(done.stdout.rstrip()))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)

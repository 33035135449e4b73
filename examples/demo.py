"""The whole way of a selector, on this machine: list it, ask about two bookings, resolve a receipt.

    make demo     ends by itself and leaves no process
    make serve    publishes and asks, without the authorised channel; stays up and says where

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
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from screening.installation import EXIT_INTERRUPTED, packages_of

with packages_of("client", "the demo"):  # at a Ctrl-C meanwhile it says nothing, as later
    import msgspec
    from rich.markup import escape

    from examples.commands import BIN, Environment, Server, console, run, serving, step
    from screening.client.kit_file import load_kit
    from screening.private_files import replace_private
    from screening.vocabulary.kit import encode_kit
with packages_of("intelligence", "the demo"):
    from examples.channel import channel

SAMPLE_LIST = Path(__file__).parent / "sample_list.csv"
MATCH_EXIT = 10
_LOG = "api.log"
_KIT = "demo.kit.json"
_API = ("--workers", "1", "--metrics-port", "0")
_RECEIPT = re.compile(r"receipt\s+([a-z2-7]{26})")

# Spelled otherwise than in the sample list, as travellers spell.
BOOKINGS = (
    ("a booking that has nothing to do with the list", ["phone:+1 (202) 555-0100"], None),
    (
        "a booking with a listed phone, card and e-mail, spelled in other ways",
        ["phone:001 202-555-0142", "email:J.DOE@LISTED.EXAMPLE", "email:jane.roe@booking.test"],
        "3782 822463 10005",
    ),
)


def main() -> int:
    """Run the demonstration; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stay", action="store_true", help="stay up, below ./.screening-demo")
    stay = parser.parse_args().stay
    signal.signal(signal.SIGTERM, _end)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # no nohup: the terminal was closed
        signal.signal(signal.SIGHUP, _end)
    with _folder(stay) as folder, contextlib.ExitStack() as servers:
        environment = _environment(folder)
        takes = "15 s" if stay else "half a minute"
        console.print(f"A list is published and asked, all on this machine: about {takes}.")
        step("making the keys")
        run(environment, "indexer", "init")
        step("starting the store and the API")
        port = [] if stay else ["--port", "0"]
        api = serving(environment, folder / _LOG, "screening", *_API, *port, live="/livez")
        url, server = servers.enter_context(api)
        disclosing = None if stay else servers.enter_context(channel(environment, folder))
        if disclosing:
            step("listing a phone through the console, which takes two people")
            disclosing.list_selector()
        receipts = _publish_and_ask(environment, folder, url, adding=not stay)
        if disclosing:
            disclosing.resolve(receipts[-1])
        else:
            _stay(url, server, folder)
    return 0


def _environment(folder: Path) -> Environment:
    """Return what commands are told: homes below the folder, and nothing of a channel in use."""
    spool = str(folder / "spool")
    return {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith("INTELLIGENCE_")
        },
        "SCREENING_HOME": str(folder / "screening"),
        "SCREENING_SECRETS": str(folder / "secrets"),
        "INDEXER_HOME": str(folder / "indexer"),
        "INDEXER_SPOOL": spool,
        "DISCLOSURE_HOME": str(folder / "disclosure"),
        "INTELLIGENCE_HOME": str(folder / "intelligence"),
        "INTELLIGENCE_SPOOL": spool,
        "INTELLIGENCE_DISCLOSURE_KEYS": str(folder / "disclosure"),
    }


def _publish_and_ask(
    environment: Environment, folder: Path, url: str, *, adding: bool
) -> list[str]:
    """Publish the sample list, alone or beside what is listed; return a receipt per booking."""
    step("publishing the sample list; deriving a token is made slow on purpose")
    # Each time: a list that nobody has published for a week is too old for a "no". Alone, it would
    # replace what two people have signed, and beside that nothing is added by hand unasked.
    changes = ["--changes", "--by-hand"] if adding else []
    run(environment, "indexer", "publish", *changes, str(SAMPLE_LIST))
    kit = folder / _KIT
    if not kit.exists():
        step("adding a partner, with an index of its own")
        partner = ["partner", "add", "demo", "--kit", str(kit), "--api-url", url]
        run(environment, "indexer", *partner)
    # Served on another port than the last time, perhaps.
    replace_private(kit, encode_kit(msgspec.structs.replace(load_kit(kit), api_url=url)))
    return [
        _ask(environment, kit, title, selectors, card=card) for title, selectors, card in BOOKINGS
    ]


def _end(*_: object) -> NoReturn:
    """End, once: a second signal is not to break off the clearing away."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(0)


def _stay(url: str, server: Server, folder: Path) -> None:
    """Say where the API is, and wait for Ctrl-C."""
    with contextlib.suppress(KeyboardInterrupt):
        kit = folder / _KIT
        console.print(f"\n[bold]up:[/] {url}  docs: {url}/docs  kit: {kit}\nCtrl-C ends it")
        server.wait()
        sys.exit(f"the API has ended; see the end of {folder / _LOG}, then run this again")
    console.print("\nending")


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


def _ask(
    environment: Environment,
    kit: Path,
    title: str,
    selectors: list[str],
    *,
    card: str | None,
) -> str:
    """Ask as a partner would, return the receipt; the card goes in by standard input."""
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
    (receipt,) = _RECEIPT.findall(done.stdout)
    return str(receipt)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)

"""`make redteam`: how much of a list a partner with a valid kit finds by guessing, until stopped.

A list of 10^5 numbered addresses lies in a space of numbers: it is half of that (`dense`, the worst
case), a hundredth (`area`, as phones of one area), or runs of ten neighbours in a hundredth
(`runs`). The guesser knows the space, and asks as fast as it is let.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import httpx

from screening.registry.record import DEFAULT_MATCHES_PER_30_DAYS
from screening.vocabulary.wire import CHECK_MAX_SELECTORS
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.receiver import SECRET, Receiver, receiving

Shape = Literal["dense", "area", "runs"]
SPARSENESS: Final[dict[Shape, int]] = {"dense": 2, "area": 100, "runs": 100}
"""The space has so many numbers for each that is listed."""
RUN: Final = 10
AT_ONCE: Final = 8
SEED: Final = 20261128


@dataclass(frozen=True, slots=True)
class Defence:
    """What stands against a search, besides the rate."""

    on_suspicion: str = "alert"
    canaries: int = 0
    matches: int = DEFAULT_MATCHES_PER_30_DAYS


@dataclass(slots=True)
class Found:
    """What a search has come to."""

    asked: int = 0
    found: set[int] = field(default_factory=set)
    put_off: int = 0
    stopped_by: str = "nothing"
    seconds: float = 0.0
    until_alert: dict[str, int] = field(default_factory=dict)
    """Type of alert -> how many were found when the first had arrived."""


def address(number: int) -> tuple[str, str]:
    """Return the selector of a number."""
    return ("email", f"guest{number}@target.example")


def listed_numbers(shape: Shape, count: int) -> list[int]:
    """Return the numbers that are listed, of a space of `count` times the sparseness."""
    draw, space = random.Random(SEED), count * SPARSENESS[shape]  # noqa: S311 - a list of a trial
    if shape == "runs":
        starts = draw.sample(range(0, space, RUN), count // RUN)
        return [start + step for start in starts for step in range(RUN)]
    return draw.sample(range(space), count)


class Guesser:
    """Which numbers are asked next: those beside what was found first, then any."""

    def __init__(self, shape: Shape, space: int) -> None:
        self._order = random.Random(SEED + 1).sample(range(space), min(space, 2_000_000))  # noqa: S311 - guesses
        self._next = iter(self._order)
        self._shape = shape
        self._beside: list[int] = []
        self._asked: set[int] = set()

    def batch(self, size: int) -> list[int]:
        """Return so many numbers, each for the first time; fewer at the end."""
        chosen: list[int] = []
        for number in self._candidates():
            if number not in self._asked:
                self._asked.add(number)
                chosen.append(number)
            if len(chosen) == size:
                break
        return chosen

    def again(self, numbers: list[int]) -> None:
        """Take back numbers about which nothing was told."""
        self._asked.difference_update(numbers)
        self._beside += numbers

    def hit(self, number: int) -> None:
        """Learn that a number is listed."""
        if self._shape == "runs":
            self._beside += range(max(0, number - RUN), number + RUN + 1)

    def _candidates(self) -> Iterator[int]:
        while self._beside:
            yield self._beside.pop()
        yield from self._next


def search(
    api: Api, partner: Partner, guesser: Guesser, *, route: str, size: int, receiver: Receiver
) -> Found:
    """Ask until nothing is answered any more, all is asked, or two minutes are over.

    What is kept back, since more of it matched than is left, is asked again in smaller questions.
    """
    found, begun = Found(), time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool, httpx.Client(timeout=60) as client:
        flying: dict[Future[httpx.Response], list[int]] = {}
        refused = 0
        while refused < 3 * AT_ONCE and time.monotonic() - begun < 120:
            while len(flying) < AT_ONCE and (numbers := guesser.batch(size)):
                body = partner.body(*map(address, numbers))
                future = pool.submit(_post(client, api, partner, route), body)
                flying[future] = numbers
            if not flying:
                found.stopped_by = "all was asked"
                break
            done, _ = wait(flying, return_when=FIRST_COMPLETED)
            for one in done:
                numbers = flying.pop(one)
                if _count(found, one.result(), numbers, guesser):
                    continue
                if len(numbers) > CHECK_MAX_SELECTORS:  # kept back: the same, in halves
                    size = min(size, max(CHECK_MAX_SELECTORS, len(numbers) // 2))
                    guesser.again(numbers)
                else:
                    refused += 1
            _note_alerts(found, receiver)
    found.seconds = time.monotonic() - begun
    for _ in range(50):  # what was raised is on its way for a second or two
        time.sleep(0.1)
        _note_alerts(found, receiver)
    return found


def _note_alerts(found: Found, receiver: Receiver) -> None:
    for event in list(receiver.events.values()):
        found.until_alert.setdefault(event["type"], len(found.found))


def _post(
    client: httpx.Client, api: Api, partner: Partner, route: str
) -> Callable[[dict[str, Any]], httpx.Response]:
    return lambda body: client.post(f"{api.url}/v1/{route}", json=body, headers=partner.headers)


def _count(found: Found, answer: httpx.Response, numbers: list[int], guesser: Guesser) -> bool:
    """Take in one answer; False where nothing is told for what was found already."""
    if answer.status_code == 200:
        found.asked += len(numbers)
        for number, result in zip(numbers, answer.json()["results"], strict=True):
            if result == "match":
                found.found.add(number)
                guesser.hit(number)
        return True
    policy = answer.headers.get("ratelimit", "").partition(";")[0].strip('"')
    if policy == "matches":
        found.stopped_by = f"{answer.status_code} {policy}"
        return False
    found.put_off += 1  # too fast, or not known at this moment: the guess is lost
    time.sleep(0.05)
    return True


def trial(
    folder: Path, shape: Shape, defence: Defence, *, count: int, route: str, size: int
) -> Found:
    """Publish a list, hide canaries in it, and search it."""
    deployed = Deployed(folder, redis_url=None)
    listed = listed_numbers(shape, count)
    space = count * SPARSENESS[shape]
    try:
        deployed.indexer("init")
        deployed.publish([(*address(number), "trafficker") for number in listed])
        scopes = ("--scopes", "check,bulk", "--stretch", "none", "--allow-unstretched")
        partner = deployed.add_partner("acme", *scopes)
        limits = ("--on-suspicion", defence.on_suspicion, "--matches", str(defence.matches))
        deployed.indexer("partner", "limits", "acme", *limits)
        canaries = hide(deployed, space, set(listed), defence.canaries)
        with receiving() as receiver:
            api = _serve(deployed, receiver)
            guesser = Guesser(shape, space)
            found = search(api, partner, guesser, route=route, size=size, receiver=receiver)
        found.found -= canaries
        return found
    finally:
        deployed.close()


def hide(deployed: Deployed, space: int, listed: set[int], count: int) -> set[int]:
    """Hide so many canaries in the space, none where the list has an entry; return them."""
    if not count:
        return set()
    free = random.Random(SEED + 2).sample(range(space), 4 * count)  # noqa: S311 - a trial
    numbers = [number for number in free if number not in listed][:count]
    path = deployed.folder / "canaries.txt"
    path.write_text("".join("{}:{}\n".format(*address(number)) for number in numbers))
    each = ("--each", str(count), "--we-control-these")
    deployed.indexer("canary", "add", "--file", str(path), *each)
    return set(numbers)


def _serve(deployed: Deployed, receiver: Receiver) -> Api:
    secret = deployed.folder / "webhook.secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    api = deployed.serve(
        workers=2,
        SCREENING_WEBHOOK_URL=receiver.url,
        SCREENING_WEBHOOK_SECRET_FILE=str(secret),
    )
    deployed.wait_ready(api)
    return api


TRIALS: Final[list[tuple[Shape, str, int, Defence]]] = [
    ("dense", "check", 16, Defence()),
    ("dense", "check", 16, Defence("throttle", 256)),
    ("dense", "check", 16, Defence("hold", 256)),
    ("dense", "bulk", 10_000, Defence()),
    ("dense", "bulk", 10_000, Defence("hold", 256)),
    ("area", "check", 16, Defence("hold", 256)),
    ("area", "bulk", 10_000, Defence()),
    ("area", "bulk", 2_000, Defence("hold", 256)),
    ("runs", "check", 16, Defence()),
    ("runs", "check", 16, Defence("hold", 256)),
]


def main() -> int:
    """Run the trials, and print a table in Markdown."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what is begun is cleared away
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="entries of the list")
    arguments = parser.parse_args()
    print(
        "| list | route | on suspicion, canaries | found | asked | s | stopped by | first alerts |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for shape, route, size, defence in TRIALS:
        with tempfile.TemporaryDirectory(prefix="screening-redteam-") as name:
            found = trial(Path(name), shape, defence, count=arguments.count, route=route, size=size)
        alerts = ", ".join(f"{kind} at {number:,}" for kind, number in found.until_alert.items())
        print(
            f"| {shape} | {route}, {size:,} | {defence.on_suspicion}, {defence.canaries} "
            f"| {len(found.found):,} | {found.asked:,} | {found.seconds:.0f} | {found.stopped_by} "
            f"| {alerts or 'none'} |",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())

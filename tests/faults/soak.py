"""`make soak SECONDS=300 SEED=1`: faults in random order, while known selectors are in question.

Prints a table in the form of docs/performance.md; ends with 1 where anything was false or lost.
"""

import argparse
import contextlib
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from screening.api.journal import CheckRecord
from tests.api.journal_records import digests_of
from tests.faults.clients import Clients, Held
from tests.faults.kinds import AT_ONCE, INDEXER_KILLED, KINDS, OF_THE_HOST, OF_THE_STORE
from tests.faults.truth import Tally, Windows
from tests.faults.world import World
from tests.harness.template import Template
from tests.ledger.looking import read_records

SIZE: Final = 10_000
ROUTES: Final = ("check", "check", "check", "bulk")
_LONGEST_FAULT_S: Final = 7.0
"""Longer than the sync age that the API is given."""
_INDEXERS_KILLED: Final = 5
_PAIRS: Final = 7
_PROMISED_RECOVERY_S: Final = 2.0
_SUPERVISOR_KILLED: Final = "supervisor killed"


@dataclass
class Report:
    """What a soak has seen."""

    tally: Tally = field(default_factory=Tally)
    injected: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    """The same, where two at once are a kind of their own."""
    until_answers: dict[str, float] = field(default_factory=dict)
    """By kind, the slowest: seconds from the fault's end to ordinary answers."""
    until_whole: dict[str, float] = field(default_factory=dict)
    missing: int = 0
    """Answers without their record in the journal."""
    differing: int = 0
    """Records that do not say what was answered, or that stand there twice."""
    verified: str = ""

    def is_correct(self) -> bool:
        return self.tally.is_correct() and not self.missing and not self.differing

    def hold_against(self, recorded: Mapping[str, tuple[int, int]]) -> None:
        """Count the answers that are not on record: receipt -> rows that match, and that do not."""
        for receipt, told in self.tally.receipts.items():
            if receipt not in recorded:
                self.missing += 1
            elif recorded[receipt] != told:
                self.differing += 1


class Soak:
    """One run over a world; faults are drawn by its seed."""

    def __init__(self, world: World, *, longest_fault_s: float = _LONGEST_FAULT_S) -> None:
        self._world = world
        self._longest_s = longest_fault_s
        self._deck: list[list[str]] = []
        self._windows = Windows()
        self.report = Report()

    @contextlib.contextmanager
    def asking(self, seed: int) -> Iterator[None]:
        """Ask and change the list all the time."""
        held = Held(self._world.changing.truth, self._windows, self.report.tally)
        clients = Clients(self._world.url, self._world.fleets, held, routes=ROUTES, seed=seed)
        with clients, self._world.changing:
            yield

    def draw_kinds(self) -> list[str]:
        """Return one kind of fault, or two that are of different parts; each kind in its turn."""
        if not self._deck:
            hosts = [kind for kind in OF_THE_HOST if kind != "disk full" or self._world.disk]
            draw = self._world.draw
            self._deck = [[kind] for kind in (*OF_THE_STORE, *hosts)]
            self._deck += [[INDEXER_KILLED]] * _INDEXERS_KILLED
            self._deck += [
                [draw.choice(list(OF_THE_STORE)), draw.choice(hosts)] for _ in range(_PAIRS)
            ]
            draw.shuffle(self._deck)
        return self._deck.pop()

    def do(self, kinds: list[str]) -> None:
        """Let faults happen for a while, end them, and wait until all is well."""
        seconds = self._world.draw.uniform(0.1, self._longest_s)
        excused = kinds != [INDEXER_KILLED]
        name = " + ".join(kinds)
        with self._windows.open(name) if excused else contextlib.nullcontext():
            begins: list[float] = []
            with contextlib.ExitStack() as faults:
                # Ended in the opposite order: a store that is filled again by a publish is mended
                # when that has ended, and then a server that is started again is to be ready soon.
                for kind in sorted(kinds, key=lambda one: one != _SUPERVISOR_KILLED):
                    faults.enter_context(KINDS[kind](self._world))
                    self.report.injected[kind] += 1
                    if kind == _SUPERVISOR_KILLED:
                        faults.callback(lambda: begins.append(time.monotonic()))
                # What happens to answers meanwhile is looked at by the clients.
                time.sleep(0 if AT_ONCE.issuperset(kinds) else seconds)
            begin = begins[0] if begins else time.monotonic()
            answers_s, whole_s = self._world.wait_until_well(since=begin)
        self.report.done[name] += 1
        for slowest, took_s in (
            (self.report.until_answers, answers_s),
            (self.report.until_whole, whole_s),
        ):
            slowest[name] = max(slowest.get(name, 0.0), took_s)

    def read_journal(self) -> None:
        """Stop the API, and hold all receipts against the records."""
        self._world.api.stop()
        recorded: dict[str, tuple[int, int]] = {}
        disclosure = self._world.deployed.disclosure
        for _, _, payload in read_records(self._world.journal):
            record = msgspec.json.decode(payload, type=CheckRecord)
            self.report.differing += record.receipt in recorded
            told = (record.outcomes.get("match", 0), record.outcomes.get("no_match", 0))
            self.report.differing += len(digests_of(record, disclosure)) != told[0]
            recorded[record.receipt] = told
        self.report.hold_against(recorded)
        command = ("audit", "verify", "--journal", str(self._world.journal))
        done = self._world.deployed.run("screening", *command, expect=None)
        self.report.verified = done.stdout.strip() if done.returncode == 0 else done.stderr.strip()
        self.report.differing += done.returncode != 0


def soak(folder: Path, *, seconds: float, seed: int) -> Report:
    """Run for so long, with a line on stderr for each fault."""
    template = Template(folder)
    world = World(folder, template, size=SIZE, seed=seed, with_disk=True)
    try:
        if world.disk is None:
            _say("no fault `disk full`: this machine permits no mount namespace")
        run = Soak(world)
        deadline = time.monotonic() + seconds
        with run.asking(seed):
            while time.monotonic() < deadline:
                kinds = run.draw_kinds()
                _say(f"{deadline - time.monotonic():6.0f} s left: {' + '.join(kinds)}")
                run.do(kinds)
                time.sleep(world.draw.uniform(0.2, 1.5))
        run.read_journal()
        _print_table(run.report, world)
        return run.report
    finally:
        world.close()
        template.close()


def _print_table(report: Report, world: World) -> None:
    tally, changing = report.tally, world.changing
    rows = {
        "answers to `/v1/check`": f"{tally.answers['check']:,}",
        "answers to `/v1/bulk`": f"{tally.answers['bulk']:,}",
        "selectors in them": f"{tally.rows:,}",
        "false no": str(tally.falsehoods("false no")),
        "false yes": str(tally.falsehoods("false yes")),
        "answers of no one list": str(tally.falsehoods("torn")),
        "answers without their record": f"{report.missing} of {len(tally.receipts):,}",
        "records that say otherwise": str(report.differing),
        "changes of the list": f"{changing.made:,} made, {changing.failed} failed, "
        f"{changing.killed} killed; lists told to be in force: {changing.in_force}",
        "faults": f"{report.injected.total()} of {len(report.injected)} kinds",
        "refusals": _counted(tally.refusals),
        "refusals outside of faults": _counted(tally.outside),
        "other statuses": _counted(tally.odd),
        "errors that nobody foresaw": _counted(world.unforeseen()),
    }
    _print("| | |\n|---|---|")
    for what, value in rows.items():
        _print(f"| {what} | {value} |")
    _print("\n| fault | times | slowest: ordinary answers | all whole |")
    _print("|---|---|---|---|")
    for name, until_s in sorted(report.until_answers.items()):
        times = report.done[name]
        _print(f"| {name} | {times} | {until_s:.2f} s | {report.until_whole[name]:.2f} s |")
    slow = [one for one, took_s in report.until_answers.items() if took_s > _PROMISED_RECOVERY_S]
    _print(f"\nSlower than {_PROMISED_RECOVERY_S:.0f} s: {', '.join(slow) or 'none'}.")
    _print(f"`screening audit verify`: {report.verified}")
    for wrong in tally.wrong:
        _print(wrong)


def _counted(counts: "Counter[str] | Counter[int]") -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.most_common()) or "none"


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the report


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - how it goes on


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=None)
    given = parser.parse_args()
    seed = secrets.randbelow(1 << 31) if given.seed is None else given.seed
    _print(f"seed {seed}, {given.seconds:.0f} s")
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        report = soak(Path(folder), seconds=given.seconds, seed=seed)
    return 0 if report.is_correct() and not report.tally.outside else 1


if __name__ == "__main__":
    sys.exit(main())

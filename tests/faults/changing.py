"""Somebody who changes the list all the time, and whose commands fail or are killed midway."""

import random
import re
import threading
from typing import Final

from tests.faults.truth import Truth
from tests.harness.block_threads import BlockThreads
from tests.harness.deployment import Deployed
from tests.harness.list_model import CHANGES, NOTHING, Selectors, State, command
from tests.harness.template import Ended

_TAKEN: Final = (0, 3)
"""Exit codes of a change that was made, with rows refused or not."""
_NOTHING_TO_DO: Final = (*_TAKEN, 2, 4)
"""The same, or refused, for it was made already: how a command that broke off is done again."""
_EVERYWHERE: Final = re.compile(r"in force on 1 API host$", re.MULTILINE)
_KILL_WITHIN: Final = 120
"""Steps of a command, of which there are some hundreds."""


class Changing(BlockThreads):
    """Makes changes one after the other: adds, retracts, lifts, publishes, rolls back, compacts.

    A context manager, within which a thread makes them by itself. Where a command ends otherwise
    than well nobody knows whether its change was made: until it was done again, both may be true.
    """

    def __init__(
        self, deployed: Deployed, always: list[tuple[str, str]], changing: Selectors, seed: int
    ) -> None:
        super().__init__(self._go_on)
        self.state = State(frozenset(sorted(changing)[::2]))
        self.truth = Truth(frozenset(always), changing, self.state.listed)
        self.made = 0
        self.in_force = 0
        """How many lists were told to be so: only then are those before them false."""
        self.failed = 0
        self.killed = 0
        self._deployed = deployed
        self._always = always
        self._changing = sorted(changing)
        self._draw = random.Random(seed)  # noqa: S311 - the same changes each time
        self._unsettled: tuple[str, Selectors] | None = None
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Publish the first list."""
        ended = self._run("publish", self.state.listed)
        assert ended.code == 0, ended.output

    def change(self, *, killed: bool = False) -> None:
        """Make one change; kill its command midway where asked."""
        with self._lock:
            self._settle()
            if self._unsettled is None:
                self._change(self._draw.randrange(_KILL_WITHIN) if killed else None)

    def mend(self) -> bool:
        """Put back what Redis has lost, as docs/operations.md says; tell whether that was done."""
        with self._lock:
            return self._settle() and self._run("compact", NOTHING).code in _TAKEN

    def _go_on(self) -> None:
        while not self.ending.wait(self._draw.uniform(0.1, 1.5)):
            self.change()

    def _change(self, kill_before: int | None) -> None:
        change = self._draw.choice(CHANGES)
        some = frozenset(self._draw.sample(self._changing, self._draw.randint(1, 8)))
        some = self.state.possible(change, some)
        if not some:
            return
        new = self.state.after(change, some)
        number = self.truth.began(new.listed)
        ended = self._run(change, some, kill_before)
        if ended.code not in _TAKEN:
            self.failed += not ended.was_killed
            self.killed += ended.was_killed
            self._unsettled = (change, some)
            return
        self.made += 1
        self.state = new
        self._hear(ended, number)

    def _settle(self) -> bool:
        """Do again what broke off, and publish a whole list: then it is known what is in force."""
        if self._unsettled is None:
            return True
        change, some = self._unsettled
        retracted = self.state.retracted
        if change in ("retract", "lift"):
            if self._run(change, some).code not in _NOTHING_TO_DO:
                return False
            retracted = retracted | some if change == "retract" else retracted - some
        listed = self.state.listed - retracted
        listed = listed or frozenset(self._changing[:1]) - retracted
        number = self.truth.began(listed)
        ended = self._run("publish", listed)
        if ended.code not in _TAKEN:
            return False
        # What a rollback would go back to is not known.
        self.state, self._unsettled = State(listed, retracted, NOTHING), None
        self._hear(ended, number)
        return True

    def _hear(self, ended: Ended, number: int) -> None:
        if _EVERYWHERE.search(ended.output):
            self.in_force += 1
            self.truth.in_force(number)

    def _run(self, change: str, some: Selectors, kill_before: int | None = None) -> Ended:
        arguments = command(self._deployed.folder, change, some, self._always)
        return self._deployed.forked(*arguments, kill_before=kill_before, INDEXER_ATTEST_WAIT_S="2")

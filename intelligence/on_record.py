"""Who has written, signed and decided a change or an order, as the record says.

And who has recorded a challenge.

Rows name people in plain columns, and whoever writes in the database has them name others, or takes
a signature away. What was done is on record before it takes effect, and stays there.
"""

import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

from intelligence.ledger_lines import Line, latest_first
from screening.vocabulary.errors import LedgerDamaged, OperatorError


class Outcome(StrEnum):
    """What was decided last."""

    LEAVES = "leaves"
    """All have signed who have to, now or for a later time."""
    ENDS = "ends"
    """It was refused, taken back, or kept back: nothing comes of it."""


class _Step(NamedTuple):
    """What an event says that its actor has done."""

    writes: bool = False
    signs: bool = False
    outcome: Outcome | None = None


_APPROVED, _ENDED = _Step(signs=True, outcome=Outcome.LEAVES), _Step(outcome=Outcome.ENDS)
_GIVEN, _DUE = _Step(writes=True, signs=True), _Step()
_STEPS: Final = {
    "change drafted": _Step(writes=True),
    "change submitted": _Step(writes=True, signs=True),
    "selector retracted": _Step(writes=True, signs=True, outcome=Outcome.LEAVES),
    "challenge recorded": _Step(writes=True),
    "change due": _DUE,
    "order given": _GIVEN,
    **{
        f"{noun} {verb}": step
        for noun in ("change", "order")
        for verb, step in (
            ("approved", _APPROVED),
            *((verb, _ENDED) for verb in ("refused", "taken back", "kept back")),
        )
    },
}
_ALONE: Final = ("suspend", "notify")
"""Orders that one person gives alone."""
_REFUSED: Final = "refused"
_SUBJECTS: Final = ("change", "challenge")
_FACTS: Final = ("actor", "event", *_SUBJECTS, "order", "state")


@dataclass(slots=True)
class People:
    """Ids of accounts: who has written a change first, who has signed it, who decided it last."""

    author: UUID | None = None
    signers: set[UUID] = field(default_factory=set)
    decided_by: UUID | None = None
    outcome: Outcome | None = None

    def are(self, account_id: UUID) -> bool:
        """Tell whether somebody has written or signed it."""
        return account_id == self.author or account_id in self.signers


class OnRecord:
    """What the ledger in a folder says, read once; what is recorded since is told to it."""

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger
        self._lock = threading.Lock()
        self._all: dict[str, People] | None = None
        self._news: list[Line] | None = None
        """What was recorded since the ledger was begun to be read."""

    def load(self) -> None:
        """Look the ledger through, where that was not done: while nobody waits for the database.

        A million records take some eight seconds, where a tenth is of changes.
        """
        with self._lock:
            self._known()

    def of(self, subject_id: UUID) -> People:
        """Return who has done what with a change, order or challenge; of an unknown one nobody."""
        with self._lock:
            return self._known().get(str(subject_id), People())

    def take(self, line: Line) -> None:
        """Take up what was recorded; what nobody asks for is nothing to it."""
        if self._news is not None and _subject_of(line):
            self._news.append(line)  # no lock: nobody waits to record for the ledger to be read

    def _known(self) -> dict[str, People]:
        if self._news is None or self._all is None:
            self._news, known = [], dict[str, People]()
            _tell(known, reversed(self._read()))
            self._all = known
        while self._news:  # some of it was read, too: told once more in its order, it says the same
            _tell(self._all, (self._news.pop(0),))
        return self._all

    def _read(self) -> Sequence[Line]:
        """Return what is on record, the latest first; of a damaged ledger what can be read."""
        found = list[Line]()
        with suppress(LedgerDamaged, OperatorError):
            for line in latest_first(self._ledger, naming=_STEPS):
                if _subject_of(line):  # and not its selectors: there may be 20,000 in each
                    found.append({name: line[name] for name in _FACTS if name in line})
        return found


def _subject_of(line: Line) -> str:
    """Return the id of what a record is of, empty where nobody asks for that."""
    if line["event"] not in _STEPS:
        return ""
    return next((str(line[name]) for name in _SUBJECTS if name in line), "")


def _tell(known: dict[str, People], lines: Iterable[Line]) -> None:
    for line in lines:
        people = known.setdefault(_subject_of(line), People())
        step, actor = _step_of(line), _account_of(str(line["actor"]))
        people.outcome = step.outcome or people.outcome
        if actor is None:  # kept back by nobody: what people had decided stands beside it
            continue
        if step.writes:
            people.author = people.author or actor
        if step.signs:
            people.signers.add(actor)
        if step.outcome is not None:
            people.decided_by = actor


def _step_of(line: Line) -> _Step:
    step = _STEPS[str(line["event"])]
    if step is _GIVEN and line.get("order") in _ALONE:
        return step._replace(outcome=Outcome.LEAVES)
    if step is _DUE and line.get("state") == _REFUSED:
        return step._replace(outcome=Outcome.ENDS)
    return step


@lru_cache(maxsize=1_000)  # few people do all of it, and each is kept once
def _account_of(actor: str) -> UUID | None:
    try:
        return UUID(actor)
    except ValueError:
        return None

"""Who has written, signed and decided a change or an order, and who has come, as the record says.

Rows name people in plain columns, and whoever writes in the database has them name others, takes a
signature away, or puts a person's row back as it was once. What was done is on record before it
takes effect, and stays there. So is who has recorded a challenge.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

from intelligence.colleagues import OF_STAFF, Colleague, Colleagues, account_of
from intelligence.ledger_lines import Line, WholeLedger


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
    reviews: bool = False


_APPROVED, _ENDED = _Step(signs=True, outcome=Outcome.LEAVES), _Step(outcome=Outcome.ENDS)
_GIVEN, _DUE = _Step(writes=True, signs=True), _Step()
_LEFT = _Step(outcome=Outcome.LEAVES)
_STEPS: Final = {
    "change drafted": _Step(writes=True),
    "change submitted": _Step(writes=True, signs=True),
    "selector retracted": _Step(writes=True, signs=True, outcome=Outcome.LEAVES),
    "retraction reviewed": _Step(reviews=True),
    "challenge recorded": _Step(writes=True),
    "change due": _DUE,
    "exported": _LEFT,
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
_MANY: Final = "changes"
"""The ids of all that has left in one file."""
_FACTS: Final = ("actor", "event", *_SUBJECTS, _MANY, "order", "state")
_FACTS_OF_STAFF: Final = ("account", "roles", "invited", "alone", "token", "was")


@dataclass(slots=True)
class People:
    """Ids of accounts: who wrote a change first, signed it, decided it last, and reviewed it."""

    author: UUID | None = None
    signers: set[UUID] = field(default_factory=set)
    decided_by: UUID | None = None
    outcome: Outcome | None = None
    approved_by: UUID | None = None
    """Who has decided last that it leaves."""
    reviewed_by: UUID | None = None
    ended_by: UUID | None = None
    """Who had put an end to it that left all the same: their transaction may have failed."""
    is_kept_back: bool = False
    """Whether nobody has put an end to it: the console has."""
    is_all: bool = True
    """Whether all of the record could be read; else there may be others."""

    def are(self, account_id: UUID) -> bool:
        """Tell whether somebody has written or signed it, by what could be read."""
        return account_id == self.author or account_id in self.signers


@dataclass(slots=True)
class _Known:
    people: dict[str, People] = field(default_factory=dict)
    """By the ids of changes, orders and challenges."""
    staff: Colleagues = field(default_factory=Colleagues)


class OnRecord:
    """What the ledger in a folder says, read once; what is recorded since is told to it.

    Where some of it could not be read, that is `told` by the id of the file, and all of it is read
    anew as soon as it can be. `clock` gives seconds of any beginning.
    """

    def __init__(
        self,
        ledger: Path,
        told: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger = WholeLedger(ledger, told, clock)
        self._lock = threading.Lock()
        self._all: _Known | None = None
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
            found = self._known().people.get(str(subject_id), People())
            return found if self._ledger.is_all() else replace(found, is_all=False)

    def is_all(self) -> bool:
        """Tell whether all of the record could be read."""
        with self._lock:
            self._known()
            return self._ledger.is_all()

    def staff(self) -> dict[UUID, Colleague]:
        """Return all who were added since the console was set up last, by their accounts' ids."""
        with self._lock:
            return {one: replace(of) for one, of in self._known().staff.all.items()}

    def take(self, line: Line) -> None:
        """Take up what was recorded; what nobody asks for is nothing to it."""
        if self._news is not None and _is_known(line):
            # No lock: nobody waits to record for the ledger to be read.
            self._news.append(_facts_of(line))

    def _known(self) -> _Known:
        if self._news is None or self._all is None or self._ledger.can_be_more():
            self._all, self._news, known = None, [], _Known()
            found = filter(_is_known, self._ledger.lines((*_STEPS, *OF_STAFF)))
            _tell(known, reversed([*map(_facts_of, found)]))
            self._all = known
        while self._news:  # some of it was read, too: told once more in its order, it says the same
            _tell(self._all, (self._news.pop(0),))
        return self._all


def _is_known(line: Line) -> bool:
    return line["event"] in OF_STAFF or bool(_subjects_of(line))


def _facts_of(line: Line) -> Line:
    """Return what is kept of a record: not its selectors, of which there may be 20,000."""
    return {name: line[name] for name in (*_FACTS, *_FACTS_OF_STAFF) if name in line}


def _subjects_of(line: Line) -> Sequence[str]:
    """Return the ids of what a record is of, none where nobody asks for that."""
    step = _STEPS.get(str(line["event"]))
    if step is None:
        return ()
    if step is _LEFT:
        many = line.get(_MANY)
        return [str(one) for one in many] if isinstance(many, list) else ()
    return [str(line[name]) for name in _SUBJECTS if name in line][:1]


def _tell(known: _Known, lines: Iterable[Line]) -> None:
    for line in lines:
        if line["event"] in OF_STAFF:
            known.staff.tell(line)
            continue
        step, actor = _step_of(line), account_of(str(line["actor"]))
        for one in _subjects_of(line):
            people = known.people.setdefault(one, People())
            if step is _LEFT:
                _tell_left(people)
            elif actor is None:  # kept back by nobody: what people had decided stands beside it
                _tell_kept_back(people, step)
            else:
                _tell_done(people, step, actor)


def _tell_left(people: People) -> None:
    """Have those decided it who approved it: whoever put an end to it was not heard."""
    if people.outcome is Outcome.ENDS and not people.is_kept_back:
        people.ended_by = people.decided_by
    people.decided_by = people.approved_by or people.decided_by
    people.outcome, people.is_kept_back = Outcome.LEAVES, False


def _tell_kept_back(people: People, step: _Step) -> None:
    if step.outcome is not None:
        people.outcome, people.is_kept_back = step.outcome, step.outcome is Outcome.ENDS


def _tell_done(people: People, step: _Step, actor: UUID) -> None:
    if step.writes:
        people.author = people.author or actor
    if step.reviews:
        people.reviewed_by = actor
    if step.signs:
        people.signers.add(actor)
    if step.outcome is not None:
        people.outcome, people.decided_by = step.outcome, actor
        people.ended_by, people.is_kept_back = None, False
    if step.outcome is Outcome.LEAVES:
        people.approved_by = actor


def _step_of(line: Line) -> _Step:
    step = _STEPS[str(line["event"])]
    if step is _GIVEN and line.get("order") in _ALONE:
        return step._replace(outcome=Outcome.LEAVES)
    if step is _DUE and line.get("state") == _REFUSED:
        return step._replace(outcome=Outcome.ENDS)
    return step

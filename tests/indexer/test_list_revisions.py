"""Revisions of the list, and indexes made of a base and what has changed since, against a model."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from indexer.build import stretch_missing
from indexer.importers.entry import Entry, Role
from screening.vocabulary.selector import Canonical
from screening.vocabulary.tokens import NoStretch, stretch
from tests.indexer.listed import (
    NONE,
    NOW,
    SALT,
    Clock,
    drafted,
    entry,
    open_list,
    phone,
    put_in_force,
)
from tests.indexer.silent import Silent

SELECTORS = [phone(number) for number in range(4)]
ENTRIES = st.builds(
    entry,
    st.sampled_from(SELECTORS),
    st.sampled_from([Role.TRAFFICKER, Role.BUYER, Role.BUSINESS, Role.VICTIM]),
    expires_at=st.sampled_from([None, None, NOW - 5, NOW + 5, NOW + 20]),
    reason=st.sampled_from(["", "seen"]),
)
LISTS = st.lists(ENTRIES, max_size=6)
SOME = st.lists(st.sampled_from(SELECTORS), min_size=1, max_size=2, unique=True)
BASES_KEPT = 3

Statement = tuple[Canonical, Role, int | None, str]
Listed = dict[Canonical, int | None]
"""Until when a selector is listed (Unix seconds); None without end."""


@dataclass(frozen=True)
class State:
    """What the list is after one change, as somebody would keep it on paper."""

    statements: frozenset[Statement] = frozenset()
    retracted: frozenset[Canonical] = frozenset()
    content: int = 0
    adds: bool = False

    def listed(self) -> Listed:
        ends: dict[Canonical, list[int | None]] = {}
        victims = {canonical for canonical, role, _, _ in self.statements if role is Role.VICTIM}
        for canonical, _, expires_at, _ in self.statements:
            if canonical not in victims | self.retracted:
                ends.setdefault(canonical, []).append(expires_at)
        return {
            canonical: None if None in several else max(end for end in several if end is not None)
            for canonical, several in ends.items()
        }


def stated(entries: Sequence[Entry]) -> frozenset[Statement]:
    return frozenset(
        (
            one.canonical,
            one.role,
            None if one.expires_at is None else int(one.expires_at.timestamp()),
            one.reason,
        )
        for one in entries
    )


class Revisions(RuleBasedStateMachine):
    """Publishes, adds, retracts, lifts, rolls back, builds, dies half-way; time passes."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.clock = Clock()
        self.file = open_list(self.folder, self.clock)
        self.states: dict[int, State] = {}  # by revision, those that were in force
        self.bases: list[tuple[int, dict[bytes, int | None]]] = []  # newest first

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.file.close()
            shutil.rmtree(self.folder)

    @property
    def now(self) -> State:
        return self.states[max(self.states)] if self.states else State()

    @rule(entries=LISTS)
    def publish(self, entries: list[Entry]) -> None:
        entries = self._taken(entries)
        self.file.stage(drafted(entries))
        revision = self.file.take_draft("publish")
        self._land(revision, State(stated(entries), self.now.retracted, revision, adds=True))

    @rule(entries=LISTS)
    def add(self, entries: list[Entry]) -> None:
        entries = self._taken(entries)
        self.file.stage(drafted(entries))
        revision = self.file.take_additions("add")
        statements = self.now.statements | stated(entries)
        self._land(revision, State(statements, self.now.retracted, revision, adds=True))

    @rule(selectors=SOME)
    def retract(self, selectors: list[Canonical]) -> None:
        revision = self.file.retract(selectors, "reassigned")
        statements = frozenset(
            one for one in self.now.statements if one[0] not in selectors or one[1] is Role.VICTIM
        )
        content = self.now.content or revision
        self._land(revision, State(statements, self.now.retracted | set(selectors), content))

    @rule(selectors=SOME)
    def lift(self, selectors: list[Canonical]) -> None:
        revision = self.file.lift(selectors)
        self._land(
            revision,
            State(
                self.now.statements,
                self.now.retracted - set(selectors),
                self.now.content or revision,
            ),
        )

    @precondition(lambda self: self.states)
    @rule()
    def roll_back(self) -> None:
        expected = self._earlier()
        earlier = self.file.find_before(max(self.states))
        assert earlier == expected
        if earlier is None:
            return
        revision = self.file.restore(earlier)
        before, now = self.states[earlier], self.now
        kept = {one for one in before.statements if one[0] not in now.retracted}
        victims = {one for one in now.statements if one[1] is Role.VICTIM}
        restored = frozenset(kept | victims)
        self._land(revision, State(restored, now.retracted, before.content))

    @precondition(lambda self: self.states)
    @rule()
    def build(self) -> None:
        """Compact: the list of now is the base of what comes."""
        revision = max(self.states)
        self.file.resolve(revision, as_of=int(self.clock.now))
        stretch_missing(self.file, NONE, Silent())
        self.bases.insert(0, (revision, self._resolved()))
        del self.bases[BASES_KEPT:]
        self._forget()

    @rule(entries=LISTS, kind=st.sampled_from(["publish", "add", "retract", "lift"]))
    def die_half_way(self, entries: list[Entry], kind: str) -> None:
        before = self._rows()
        self.file.stage(drafted(entries))
        match kind:
            case "publish":
                self.file.take_draft("publish")
            case "add":
                self.file.take_additions("add")
            case "retract":
                self.file.retract(SELECTORS, "mistake")
            case _:
                self.file.lift(SELECTORS)
        self.file.close()
        self.file = open_list(self.folder, self.clock)
        self.file.discard_drafts()
        assert self._rows() == before

    @rule(seconds=st.integers(1, 12))
    def wait(self, seconds: int) -> None:
        self.clock.now += seconds

    @invariant()
    def the_list_is_what_it_is_on_paper(self) -> None:
        if self.states:
            revision = max(self.states)
            self.file.resolve(revision, as_of=0)
            assert self._resolved() == self._hashed(self.now.listed())

    @invariant()
    def every_base_with_what_has_changed_since_answers_as_the_list_does(self) -> None:
        for base, built in self.bases:
            self.file.resolve_changes(max(self.states), base=base)
            stretch_missing(self.file, NONE, Silent())
            answers = {**built, **self._resolved()}
            at = int(self.clock.now)
            listed = self._hashed(self.now.listed())
            for value in answers.keys() | listed.keys():
                assert _is_in_force(answers, value, at) == _is_in_force(listed, value, at)

    def _taken(self, entries: list[Entry]) -> list[Entry]:
        """Return what importing takes: nothing that is retracted, but for victims."""
        return [
            one
            for one in entries
            if one.canonical not in self.now.retracted or one.role is Role.VICTIM
        ]

    def _earlier(self) -> int | None:
        adding = [
            number
            for number, state in self.states.items()
            if state.adds and number <= self.now.content and self._is_kept(number)
        ]
        if not adding:
            return None
        before = [n for n in self.states if n < max(adding) and self._is_kept(n)]
        return max(before, default=None)

    def _is_kept(self, revision: int) -> bool:
        found = self.file.connection.execute(
            "SELECT 1 FROM revisions WHERE revision = ?", (revision,)
        )
        return found.fetchone() is not None

    def _land(self, revision: int, state: State) -> None:
        put_in_force(self.file, revision)
        self.states[revision] = state
        self._forget()

    def _forget(self) -> None:
        oldest = min((base for base, _ in self.bases), default=None)
        self.file.forget_before(oldest, used=[NONE])

    def _resolved(self) -> dict[bytes, int | None]:
        stretch_missing(self.file, NONE, Silent())
        shares = self.file.stretched(NONE, share=2)
        return {bytes(value): expires_at for share in shares for value, expires_at in share}

    def _hashed(self, listed: Listed) -> dict[bytes, int | None]:
        return {
            bytes(stretch(one, salt=SALT, profile=NoStretch())): expires_at
            for one, expires_at in listed.items()
        }

    def _rows(self) -> list[tuple[object, ...]]:
        sql = self.file.connection
        return [
            *sql.execute("SELECT id, since, until FROM entries ORDER BY id, since"),
            *sql.execute("SELECT tag, since, until FROM retractions ORDER BY tag, since"),
            *sql.execute("SELECT revision FROM revisions ORDER BY revision"),
        ]


def _is_in_force(listed: dict[bytes, int | None], value: bytes, at: int) -> bool:
    expires_at = listed.get(value, 0)
    return expires_at is None or expires_at >= at


TestRevisions = Revisions.TestCase
TestRevisions.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, database=None
)

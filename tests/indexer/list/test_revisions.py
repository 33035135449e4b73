"""Revisions of the list, and indexes made of a base and what has changed since, against a model."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from indexer.index.build import stretch_missing
from indexer.list.exclusions import end_override, override, rules_tag, settle
from indexer.list.policy import Policy
from indexer.list.resolved import Resolved, resolve_changes
from indexer.list.revisions import Revisions
from screening.exclusions.matcher import Exclusions
from screening.importers.entry import Entry, Role
from screening.vocabulary.selector import Canonical
from screening.vocabulary.tokens import NoStretch, stretch
from tests.indexer.list.revisions_model import (
    LISTS,
    POLICIES,
    SELECTORS,
    Listed,
    State,
    Statement,
    exact,
    is_in_force,
    stated,
)
from tests.indexer.listed import NONE, SALT, Clock, listed, open_list, put_in_force, staged, taken
from tests.indexer.silent import Silent

SOME = st.lists(st.sampled_from(SELECTORS), min_size=1, max_size=2, unique=True)
BASES_KEPT = 3


class Changes(RuleBasedStateMachine):
    """Publishes, adds, retracts, lifts, rolls back, builds, dies half-way; time passes."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.clock = Clock()
        self.file = open_list(self.folder, self.clock)
        self.states: dict[int, State] = {}  # by revision, those that were in force
        self.bases: list[tuple[int, Policy, dict[bytes, int | None]]] = []  # newest first
        self.excluding: frozenset[Canonical] = frozenset()
        self.overridden: set[Canonical] = set()

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.file.close()
            shutil.rmtree(self.folder)

    @property
    def revisions(self) -> Revisions:
        return Revisions(self.file)

    @property
    def now(self) -> State:
        return self.states[max(self.states)] if self.states else State()

    @rule(entries=LISTS)
    def publish(self, entries: list[Entry]) -> None:
        entries = self._taken(entries)
        draft = staged(self.file, entries)
        rules = rules_tag(self.file, self._exclusions())
        revision = self.revisions.take_draft(draft, "publish", rules=rules)
        self._land(revision, stated(entries), content=revision, adds=True)

    @rule(entries=LISTS)
    def add(self, entries: list[Entry]) -> None:
        entries = self._taken(entries)
        revision = self.revisions.take_additions(staged(self.file, entries), "add")
        new = stated(entries)
        said = {(one.canonical, one.list) for one in new}
        kept = {
            one
            for one in self.now.statements
            if one.role is Role.VICTIM or (one.canonical, one.list) not in said
        }
        self._land(revision, new | kept, content=revision, adds=True)

    @rule(selectors=SOME)
    def retract(self, selectors: list[Canonical]) -> None:
        revision = self.revisions.retract(dict.fromkeys(selectors, "reassigned"))
        kept = frozenset(
            one
            for one in self.now.statements
            if one.canonical not in selectors or one.role is Role.VICTIM
        )
        self._land(revision, kept, retracted=self.now.retracted | set(selectors))

    @rule(selectors=SOME)
    def lift(self, selectors: list[Canonical]) -> None:
        revision = self.revisions.lift(selectors)
        self._land(revision, self.now.statements, retracted=self.now.retracted - set(selectors))

    @precondition(lambda self: self.states)
    @rule(selectors=st.sets(st.sampled_from(SELECTORS)))
    def change_the_safety_list(self, selectors: set[Canonical]) -> None:
        self.excluding = frozenset(selectors)
        self._land(max(self.states), self.now.statements, adds=self.now.adds)

    @precondition(lambda self: self.states)
    @rule(selectors=SOME)
    def override(self, selectors: list[Canonical]) -> None:
        self.overridden |= set(selectors)
        revision = override(
            self.file, selectors, self._exclusions(), reason="it is theirs", actor="test"
        )
        self._land(revision, self.now.statements)

    @precondition(lambda self: self.states)
    @rule(selectors=SOME)
    def end_override(self, selectors: list[Canonical]) -> None:
        self.overridden -= set(selectors)
        revision = end_override(self.file, selectors, self._exclusions())
        self._land(revision, self.now.statements)

    @precondition(lambda self: self.states)
    @rule(further=st.booleans())
    def roll_back(self, further: bool) -> None:
        expected = self._earlier(self.now.content)
        earlier = self.revisions.find_before(max(self.states))
        assert earlier == expected
        if earlier is None:
            return
        again = self.revisions.find_before(earlier)
        assert again == self._earlier(self.states[earlier].content)
        if further and again is not None:
            earlier = again
        revision = self.revisions.restore(earlier)
        before, now = self.states[earlier], self.now
        since = [state.retracted for number, state in self.states.items() if number > earlier]
        retracted = now.retracted | frozenset[Canonical]().union(*since)
        kept = {
            one
            for one in before.statements
            if one.role is Role.VICTIM or one.canonical not in retracted
        }
        victims = {one for one in now.statements if one.role is Role.VICTIM}
        self._land(revision, frozenset(kept | victims), content=before.content)

    @precondition(lambda self: self.states)
    @rule(policy=st.sampled_from(POLICIES))
    def build(self, policy: Policy) -> None:
        """Compact: the list of now is the base of what comes."""
        revision = max(self.states)
        resolved = listed(self.file, revision, policy, as_of=int(self.clock.now))
        self.bases.insert(0, (revision, policy, self._hashes(resolved)))
        del self.bases[BASES_KEPT:]
        self._forget()

    @rule(entries=LISTS, kind=st.sampled_from(["publish", "add", "retract", "lift", "rules"]))
    def die_half_way(self, entries: list[Entry], kind: str) -> None:
        before = self._rows()
        draft = staged(self.file, entries)
        match kind:
            case "publish":
                taken(draft)
            case "add":
                self.revisions.take_additions(draft, "add")
            case "retract":
                self.revisions.retract(dict.fromkeys(SELECTORS, "mistake"))
            case "rules" if self.states:
                settle(self.file, max(self.states), exact(SELECTORS), Silent())
            case _:
                self.revisions.lift(SELECTORS)
        self.file.close()
        self.file = open_list(self.folder, self.clock)
        self.revisions.discard_drafts()
        assert self._rows() == before

    @rule(seconds=st.integers(1, 12))
    def wait(self, seconds: int) -> None:
        self.clock.now += seconds

    @invariant()
    def the_list_is_what_it_is_on_paper(self) -> None:
        for policy in POLICIES if self.states else ():
            resolved = listed(self.file, max(self.states), policy, as_of=0)
            assert self._hashes(resolved) == self._hashed(self.now.listed(policy))

    @invariant()
    def every_base_with_what_has_changed_since_answers_as_the_list_does(self) -> None:
        for base, policy, built in self.bases:
            changes = resolve_changes(self.file, max(self.states), policy, base=base)
            answers = {**built, **self._hashes(changes)}
            at = int(self.clock.now)
            on_paper = self._hashed(self.now.listed(policy))
            for value in answers.keys() | on_paper.keys():
                assert is_in_force(answers, value, at) == is_in_force(on_paper, value, at)

    def _taken(self, entries: list[Entry]) -> list[Entry]:
        """Return what importing takes: nothing that is kept off, but for victims."""
        kept_off = self.now.retracted | self._excluded()
        return [one for one in entries if one.canonical not in kept_off or one.role is Role.VICTIM]

    def _excluded(self) -> frozenset[Canonical]:
        return self.excluding - self.overridden

    def _exclusions(self) -> Exclusions:
        return exact(self.excluding)

    def _earlier(self, content: int) -> int | None:
        adding = [
            number
            for number, state in self.states.items()
            if state.adds and number <= content and self._is_kept(number)
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

    def _land(
        self,
        revision: int,
        statements: frozenset[Statement],
        *,
        retracted: frozenset[Canonical] | None = None,
        content: int | None = None,
        adds: bool = False,
    ) -> None:
        """Put a revision in force as every command does: held against the safety list first."""
        now = self.now
        settled = settle(self.file, revision, self._exclusions(), Silent())
        if settled != revision:
            # What added is the revision before, which was in force as little as any that was not.
            self.states[revision] = State(content=content or now.content or revision, adds=adds)
        put_in_force(self.file, settled)
        self.states[settled] = State(
            statements,
            now.retracted if retracted is None else retracted,
            self._excluded(),
            content or now.content or revision,
            adds and settled == revision,
        )
        self._forget()

    def _forget(self) -> None:
        oldest = min((base for base, _, _ in self.bases), default=None)
        self.revisions.forget_before(oldest, used=[NONE])

    def _hashes(self, resolved: Resolved) -> dict[bytes, int | None]:
        shares = stretch_missing(self.file, resolved, NONE, Silent()).shares(resolved, size=2)
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
            *sql.execute("SELECT tag, since, until FROM blocks ORDER BY tag, since"),
            *sql.execute("SELECT * FROM superseded ORDER BY said, since"),
            *sql.execute("SELECT revision FROM revisions ORDER BY revision"),
        ]


TestChanges = Changes.TestCase
TestChanges.settings = settings(max_examples=40, stateful_step_count=30)

"""Revisions of the list, and indexes made of a base and what has changed since, against a model."""

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from indexer.exclusions.matcher import Exclusions
from indexer.exclusions.rules import parse_rule
from indexer.importers.entry import Entry, Role
from indexer.index.build import stretch_missing
from indexer.list.exclusions import end_override, override, rules_tag, settle
from indexer.list.policy import EVERYTHING, Policy
from indexer.list.resolved import Resolved, resolve_changes
from indexer.list.revisions import Revisions
from screening.vocabulary.normalise import normalise
from screening.vocabulary.selector import Canonical, SelectorKind
from screening.vocabulary.tokens import NoStretch, stretch
from tests.indexer.listed import (
    NONE,
    NOW,
    SALT,
    Clock,
    entry,
    listed,
    open_list,
    phone,
    put_in_force,
    staged,
    taken,
)
from tests.indexer.silent import Silent

SELECTORS = [*map(phone, range(3)), normalise("email", "a@hotel.example")]
ENTRIES = st.builds(
    entry,
    st.sampled_from(SELECTORS),
    st.sampled_from([Role.TRAFFICKER, Role.BUYER, Role.BUSINESS, Role.VICTIM, Role.UNKNOWN]),
    expires_at=st.sampled_from([None, None, NOW - 5, NOW + 5, NOW + 20]),
    reason=st.sampled_from(["", "seen"]),
    confidence=st.sampled_from([None, 40, 60]),
    jurisdictions=st.sampled_from([(), ("DE", "US"), ("FR",)]),
    list_=st.sampled_from(["default", "border"]),
)
LISTS = st.lists(ENTRIES, max_size=6)
SOME = st.lists(st.sampled_from(SELECTORS), min_size=1, max_size=2, unique=True)
BASES_KEPT = 3

POLICIES = [
    EVERYTHING,
    Policy(roles=(Role.BUYER,)),
    Policy(min_confidence=50, lists=("border",)),
    Policy(kinds=(SelectorKind.EMAIL,)),
    Policy(jurisdictions=("DE",)),
]

Listed = dict[Canonical, int | None]
"""Until when a selector is listed (Unix seconds); None without end."""


class Statement(NamedTuple):
    """What somebody has said, as far as it decides what is listed."""

    canonical: Canonical
    role: Role
    expires_at: int | None
    reason: str
    confidence: int | None
    jurisdictions: tuple[str, ...]
    list: str


@dataclass(frozen=True)
class State:
    """What the list is after one change, as somebody would keep it on paper."""

    statements: frozenset[Statement] = frozenset()
    retracted: frozenset[Canonical] = frozenset()
    excluded: frozenset[Canonical] = frozenset()
    content: int = 0
    adds: bool = False

    def listed(self, policy: Policy) -> Listed:
        ends: dict[Canonical, list[int | None]] = {}
        victims = {one.canonical for one in self.statements if one.role is Role.VICTIM}
        kept_off = victims | self.retracted | self.excluded
        for one in self.statements:
            if one.canonical not in kept_off and is_entitled(policy, one):
                ends.setdefault(one.canonical, []).append(one.expires_at)
        return {
            canonical: None if None in several else max(end for end in several if end is not None)
            for canonical, several in ends.items()
        }


def is_entitled(policy: Policy, one: Statement) -> bool:
    return (
        one.canonical.kind in policy.kinds
        and one.role in policy.roles
        and (not policy.min_confidence or (one.confidence or 0) >= policy.min_confidence)
        and (policy.lists is None or one.list in policy.lists)
        and (
            policy.jurisdictions is None
            or not one.jurisdictions
            or not set(one.jurisdictions).isdisjoint(policy.jurisdictions)
        )
    )


def exact(selectors: Iterable[Canonical]) -> Exclusions:
    return Exclusions(
        [parse_rule(one.kind, "exact", one.text, category="other") for one in selectors]
    )


def stated(entries: Sequence[Entry]) -> frozenset[Statement]:
    return frozenset(
        Statement(
            one.canonical,
            one.role,
            None if one.expires_at is None else int(one.expires_at.timestamp()),
            one.reason,
            one.confidence,
            one.jurisdictions,
            one.list,
        )
        for one in entries
    )


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
        revision = self.revisions.retract(selectors, "reassigned")
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
                self.revisions.retract(SELECTORS, "mistake")
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
                assert _is_in_force(answers, value, at) == _is_in_force(on_paper, value, at)

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


def _is_in_force(listed: dict[bytes, int | None], value: bytes, at: int) -> bool:
    expires_at = listed.get(value, 0)
    return expires_at is None or expires_at >= at


def test_a_rollback_looks_at_no_entry_again_while_the_safety_lists_stay_the_same(
    tmp_path: Path,
) -> None:
    with closing(open_list(tmp_path)) as file:
        revisions, same = Revisions(file), exact(SELECTORS[1:])
        for _ in range(2):
            draft = staged(file, [entry(SELECTORS[0])])
            rules = rules_tag(file, same)
            put_in_force(file, revisions.take_draft(draft, "publish", rules=rules))
        restored = revisions.restore(1)
        assert settle(file, restored, same, Silent()) == restored
        put_in_force(file, restored)
        changed = settle(file, restored, exact(SELECTORS), Silent())
        assert changed > restored
        put_in_force(file, changed)
        # What ended meanwhile was not held against the rules between.
        restored = revisions.restore(1)
        assert settle(file, restored, exact(SELECTORS), Silent()) > restored


TestChanges = Changes.TestCase
TestChanges.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, database=None
)

"""Revisions of the list against a model that keeps each of them whole."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from indexer.build import stretch_missing
from indexer.importers.entry import Entry, Role
from indexer.list_file import REVISIONS_KEPT, DraftCounts
from screening.vocabulary.selector import Canonical
from screening.vocabulary.tokens import NoStretch, stretch
from tests.indexer.listed import (
    NONE,
    NOW,
    SALT,
    Clock,
    drafted,
    entry,
    kept_hashes,
    open_list,
    phone,
    put_in_force,
    selectors_of,
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


class Revisions(RuleBasedStateMachine):
    """Publishes, rolls back, dies half-way and lets time pass."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.clock = Clock()
        self.listed = open_list(self.folder, self.clock)
        self.revisions: dict[int, list[Entry]] = {}  # those that were put in force
        self.published: dict[int, set[Canonical]] = {}  # as of when each was taken
        self.releases: list[int] = []  # their revisions, oldest first
        self.stretched: set[Canonical] = set()

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.listed.close()
            shutil.rmtree(self.folder)

    @rule(entries=LISTS)
    def publish(self, entries: list[Entry]) -> None:
        counts = self.listed.stage(drafted(entries))
        assert counts == self._counted(entries)
        assert self.listed.draft_count() == len(self._published(entries))
        revision = self.listed.take_draft()
        assert revision > max(self.revisions, default=0)
        self.revisions[revision] = entries
        self.published[revision] = self._published(entries)
        self._land(revision)

    @precondition(lambda self: self.releases)
    @rule(data=st.data())
    def roll_back(self, data: st.DataObject) -> None:
        self._land(data.draw(st.sampled_from(sorted(self._kept()))))

    @rule(entries=LISTS, taken=st.booleans(), flipping=st.booleans())
    def die_half_way(self, entries: list[Entry], taken: bool, flipping: bool) -> None:
        before = self._rows()
        self.listed.stage(drafted(entries))
        if taken:
            revision = self.listed.take_draft()
            if flipping:
                self.listed.connection.execute(
                    "INSERT INTO releases VALUES (?, ?, 0, 0, 'publish', 'test', 'flipping', '{}')",
                    (self.listed.next_number("sequence"), revision),
                )
        self.listed.close()
        self.listed = open_list(self.folder, self.clock)
        self.listed.discard_drafts()
        self.listed.connection.execute("DELETE FROM releases WHERE state = 'flipping'")
        assert self._rows() == before

    @rule(seconds=st.integers(1, 12))
    def wait(self, seconds: int) -> None:
        self.clock.now += seconds

    @invariant()
    def every_kept_revision_publishes_what_it_did_without_later_victims(self) -> None:
        for revision in self._kept():
            published = self.published[revision] - self._victims_since(revision)
            assert selectors_of(self.listed, revision) == published
            missing = stretch_missing(self.listed, NONE, Silent())
            assert missing == len(published - self.stretched)
            self.stretched |= published
            assert kept_hashes(self.listed, NONE) == sorted(
                bytes(stretch(one, salt=SALT, profile=NoStretch())) for one in published
            )

    def _rows(self) -> list[tuple[object, ...]]:
        sql = self.listed.connection
        return sql.execute("SELECT id, since, until FROM entries ORDER BY id, since").fetchall()

    def _kept(self) -> set[int]:
        newest_first = dict.fromkeys(reversed(self.releases))
        return set(list(newest_first)[:REVISIONS_KEPT])

    def _land(self, revision: int) -> None:
        put_in_force(self.listed, revision)
        self.releases.append(revision)
        oldest = min(self._kept())
        self.listed.forget_before(oldest, used=[NONE])
        held = [entries for number, entries in self.revisions.items() if number >= oldest]
        self.stretched &= {one.canonical for entries in held for one in entries}

    def _victims_since(self, revision: int) -> set[Canonical]:
        return {
            one.canonical
            for number, entries in self.revisions.items()
            for one in entries
            if number >= revision and one.role is Role.VICTIM
        }

    def _published(self, entries: list[Entry]) -> set[Canonical]:
        victims = {one.canonical for one in entries if one.role is Role.VICTIM}
        live = {one.canonical for one in entries if not self._expired(one)}
        return live - victims

    def _counted(self, entries: list[Entry]) -> DraftCounts:
        said = {(one.canonical, one.role, one.expires_at, one.reason) for one in entries}
        return DraftCounts(
            taken=len(said),
            duplicates=len(entries) - len(said),
            withheld_victim=sum(one.role is Role.VICTIM for one in entries),
            withheld_expired=sum(map(self._expired, entries)),
        )

    def _expired(self, one: Entry) -> bool:
        return one.expires_at is not None and one.expires_at.timestamp() < self.clock.now


TestRevisions = Revisions.TestCase
TestRevisions.settings = settings(
    max_examples=25, stateful_step_count=15, deadline=None, database=None
)

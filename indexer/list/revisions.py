"""Revisions of the list: each change is one, and so is a rollback.

Entries and blocks are valid for a range of revisions, so that a revision costs what changed, and
what has changed since an earlier one can be told at the same cost. A revision counts only once its
release is in force: `discard_drafts` forgets what a command that died left behind.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, NamedTuple

from indexer.list.blocks import Block, begin_block, end_blocks, note_retracted_again
from indexer.list.drafts import Draft
from indexer.list.entries import (
    begin_staged,
    discard_unlanded,
    end_replaced,
    end_selector,
    end_unstaged,
    forget_ended,
    is_beside_blocked,
    restore_entries,
)
from indexer.list.exports import discard_unlanded_exports, last_exported
from indexer.list.file import ListFile
from indexer.list.resolved import OPEN
from indexer.list.slow_hashes import forget_stretchings, forget_unlisted
from indexer.stretching import Stretching
from screening.vocabulary.selector import Canonical

NO_REVISION: Final = 0
"""Stands where nothing was published yet; test keys have an index then already."""
REVISIONS_KEPT: Final = 3
UNCHECKED: Final = b""
"""In the place of exclusion rules: the entries of a revision were not held against any."""


class Revision(NamedTuple):
    """What is kept of a revision, beside its entries; times are Unix seconds."""

    as_of: int
    published_at: int
    command: str
    content: int
    rules: bytes


class Revisions:
    """The line of revisions in a list file."""

    def __init__(self, list_file: ListFile) -> None:
        self._file = list_file
        self._sql = list_file.connection

    def of(self, revision: int) -> Revision:
        """Return what is kept of a revision."""
        row = self._sql.execute(
            "SELECT as_of, published_at, command, content, rules FROM revisions WHERE revision = ?",
            (revision,),
        ).fetchone()
        return Revision(*row)

    def judged_as_of(self, revision: int, now: int) -> int:
        """Return the moment by which an entry must have expired to be left out (Unix seconds).

        It is when the revision was made, so that every partner is answered from the same list; but
        no moment after `now`, as by a clock that was ahead.
        """
        return min(self.of(revision).as_of, now)

    def has_drafts(self) -> bool:
        """Tell whether a revision is left behind that was never in force."""
        found = self._sql.execute(
            "SELECT 1 FROM revisions WHERE revision > ?", (self._file.landed_revision(),)
        )
        return found.fetchone() is not None

    def discard_drafts(self) -> None:
        """Forget revisions that were never in force."""
        with self._file.transaction():
            landed = self._file.landed_revision()
            self._sql.execute("DELETE FROM revisions WHERE revision > ?", (landed,))
            discard_unlanded(self._file, landed)
            discard_unlanded_exports(self._file, landed)
            forget_unlisted(self._file)

    def take_draft(self, draft: Draft, command: str, *, rules: bytes) -> int:
        """Make the staged entries the whole list: a revision, not in force yet; return it.

        `rules` names those that all staged entries were held against.
        """
        with self._new(command, as_of=draft.staged_at, rules=rules) as revision:
            end_unstaged(self._file, revision)
            begin_staged(draft, revision)
        return revision

    def take_additions(self, draft: Draft, command: str) -> int:
        """Add the staged entries to the list: a revision, not in force yet; return it.

        Where a source says of a selector something else than before, that replaces it; but nothing
        replaces that somebody is a victim. Where a selector of them is excluded, as by another of
        its spellings, the revision has to be held against the rules anew.
        """
        with self._new(command, as_of=draft.staged_at) as revision:
            end_replaced(self._file, revision)
            begin_staged(draft, revision)
            if is_beside_blocked(draft):
                self._uncheck(revision)
        return revision

    def rename_rules(self, revision: int, before: bytes, after: bytes) -> None:
        """Note that a revision holds under rules of another name, where it did under `before`."""
        self._sql.execute(
            "UPDATE revisions SET rules = ? WHERE revision = ? AND rules = ?",
            (after, revision, before),
        )

    def retract(
        self,
        reasons: Mapping[Canonical, str],
        *,
        ending: bool = True,
        decided_at: int | None = None,
    ) -> int:
        """Take selectors off the list and keep them off: a revision, not in force yet; return it.

        Their entries end, but for those of role victim, which protect; none where not `ending`.
        It was decided now, where no moment is given (Unix seconds).
        """
        tags = self._file.tags
        with self._new("retract", content=self._latest_content()) as revision:
            at = self._file.now() if decided_at is None else decided_at
            note_retracted_again(self._file, map(tags.of, reasons), at)
            for canonical, reason in reasons.items():
                block = Block(canonical, "retracted", reason)
                begin_block(self._file, block, revision, decided_at=at)
                if ending:
                    end_selector(self._file, tags.of(canonical), revision)
        return revision

    def lift(self, selectors: Iterable[Canonical]) -> int:
        """Let retracted selectors be listed again: a revision, not in force yet; return it."""
        tags = self._file.tags
        with self._new("lift", content=self._latest_content()) as revision:
            end_blocks(self._file, map(tags.of, selectors), "retracted", revision)
        return revision

    def blocked_tags(self, why: str) -> frozenset[bytes]:
        """Return the blind tags of the selectors that are kept off the list."""
        return frozenset(self.blocked_at(why))

    def blocked_at(self, why: str) -> dict[bytes, int]:
        """Return since when each of them is (Unix seconds), by tag."""
        sql = "SELECT tag, at FROM blocks WHERE why = ? AND until = ?"
        return dict(self._sql.execute(sql, (why, OPEN)).fetchall())

    def restore(self, earlier: int) -> int:
        """Make the list of an `earlier` revision the list: a revision, not in force yet; return it.

        Blocks stay, and what was retracted meanwhile, lifted or not, is not restored. Nor is it
        taken back that somebody is a victim.
        """
        of, rules = self.of(earlier), self.rules_since(earlier)
        with self._new("rollback", like=of, rules=rules) as revision:
            restore_entries(self._file, earlier, revision)
        return revision

    def renumber(self, revision: int) -> int:
        """Give the same list a number of its own: a revision, not in force yet; return it."""
        of = self.of(revision)
        with self._new("restore", like=of, rules=of.rules) as renumbered:
            return renumbered

    def rules_since(self, earlier: int) -> bytes:
        """Return what names the rules that all was held against since `earlier`.

        `UNCHECKED` where they have changed, or a block has ended, as when another spelling alone
        was left of its selector: of entries that ended since, it is not known then whether they
        are blocked as they should be, and each has to be looked at again.
        """
        rows = self._sql.execute(
            "SELECT DISTINCT rules FROM revisions WHERE revision >= ?", (earlier,)
        ).fetchall()
        (unblocked,) = self._sql.execute(
            "SELECT EXISTS (SELECT 1 FROM blocks WHERE why = 'excluded' AND until > ? "
            "AND until < ?)",
            (earlier, OPEN),
        ).fetchone()
        return bytes(rows[0][0]) if len(rows) == 1 and not unblocked else UNCHECKED

    def _uncheck(self, revision: int) -> None:
        """Note that the entries of a revision were not all held against the rules."""
        self._sql.execute(
            "UPDATE revisions SET rules = ? WHERE revision = ?", (UNCHECKED, revision)
        )

    def find_before(self, revision: int) -> int | None:
        """Return the revision to which a rollback from `revision` goes back, if it is kept.

        The one before the last that added to the list: retracting, lifting and excluding is not
        undone, and a list that was rolled back as a mistake is not restored.
        """
        row = self._sql.execute(
            "SELECT max(revision) FROM revisions WHERE revision <= ? AND content = revision "
            "AND command NOT IN ('retract', 'lift', 'exclusions')",
            (self.of(revision).content,),
        ).fetchone()
        if row[0] is None:
            return None
        before = self._sql.execute(
            "SELECT max(revision) FROM revisions WHERE revision < ?", (row[0],)
        ).fetchone()
        return None if before[0] is None else int(before[0])

    def forget_before(self, oldest: int | None, *, used: Collection[Stretching]) -> None:
        """Remove entries that no kept revision holds, and the slow hashes of what is gone.

        Kept are the last few revisions, all from `oldest` on, since an index is built through it,
        and all since the console's last file, so that what hands have changed can be undone.
        `used` are the stretchings of live token keys; slow hashes of all others go too.
        """
        (recent,) = self._sql.execute(
            "SELECT min(revision) FROM "
            "(SELECT revision FROM revisions ORDER BY revision DESC LIMIT ?)",
            (REVISIONS_KEPT,),
        ).fetchone()
        known = (oldest, recent, self._file.landed_revision(), last_exported(self._file))
        oldest_kept = min(one for one in known if one is not None)
        with self._file.transaction():
            self._sql.execute("DELETE FROM revisions WHERE revision < ?", (oldest_kept,))
            forget_ended(self._file, oldest_kept)
            forget_unlisted(self._file)
            forget_stretchings(self._file, but=used)

    @contextmanager
    def beginning(
        self, command: str, like: Revision | None, rules: bytes | None = None
    ) -> Iterator[int]:
        """Begin a revision that adds no more to the list than one `like` it; not in force yet.

        `rules` names those that all entries were held against, None the same as before.
        """
        with self._new(command, like=like, rules=rules) as revision:
            yield revision

    @contextmanager
    def _new(
        self,
        command: str,
        *,
        as_of: int | None = None,
        content: int | None = None,
        like: Revision | None = None,
        rules: bytes | None = None,
    ) -> Iterator[int]:
        """Number a revision; what is done to the list within is one change."""
        revision, now, latest = self._file.next_number("revision"), self._file.now(), self.latest()
        content = content if like is None else like.content
        if rules is None:
            rules = UNCHECKED if latest is None else latest.rules
        with self._file.transaction():
            made = Revision(
                now if as_of is None else as_of,
                now if like is None else like.published_at,
                command,
                revision if content is None else content,
                rules,
            )
            self._sql.execute("INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?)", (revision, *made))
            yield revision

    def latest(self) -> Revision | None:
        """Return what is kept of the last revision, in force or not; None before the first."""
        (latest,) = self._sql.execute("SELECT max(revision) FROM revisions").fetchone()
        return None if latest is None else self.of(latest)

    def _latest_content(self) -> int | None:
        latest = self.latest()
        return None if latest is None else latest.content

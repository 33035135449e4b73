"""The list: one SQLite file with sealed values, revision by revision.

Entries and retractions are valid for a range of revisions, so that a revision costs what changed,
and what has changed since an earlier one can be told at the same cost. Each change is a revision,
and so is a rollback. A revision counts only once its release is in force: `discard_drafts` forgets
what a command that died left behind.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from indexer.draft_rows import DraftRow, open_statement
from indexer.index_share import SealedShare
from indexer.list_database import open_database
from indexer.sealing import Sealer
from indexer.stretching import Stretching
from indexer.workers import batches
from screening.vocabulary.selector import Canonical, Stretched

REVISIONS_KEPT: Final = 3
_OPEN: Final = 9_223_372_036_854_775_807  # `until` of an entry that no revision has ended
STRETCHED_PLACE: Final = b"stretched\0"
RETRACTION_PLACE: Final = b"retraction\0"
_INSERTED_TOGETHER: Final = 1_000
_NOT_LISTED: Final = 0
"""In the place of the time when a selector expires: long ago."""

# What a revision says of each selector that it lists: until when. A selector with any entry of role
# victim, expired or not, is not listed, nor one that is retracted. `id` and `since` are those of
# any of its entries, which agree on the selector.
_LISTED: Final = """
    SELECT tag, kind, id, since,
      iif(count(expires_at) = count(*), max(expires_at), NULL) AS expires_at
    FROM entries AS e
    WHERE since <= {revision} AND until > {revision} AND role != 'victim' {restricted}
      AND NOT EXISTS (
        SELECT 1 FROM entries AS v WHERE v.tag = e.tag AND v.role = 'victim'
          AND v.since <= {revision} AND v.until > {revision})
      AND NOT EXISTS (
        SELECT 1 FROM retractions AS r WHERE r.tag = e.tag
          AND r.since <= {revision} AND r.until > {revision})
    GROUP BY tag
"""
_RESOLVE: Final = f"""
    INSERT INTO resolved SELECT tag, kind, id, since, expires_at
    FROM ({_LISTED.format(revision=":revision", restricted="")})
    WHERE expires_at IS NULL OR expires_at >= :as_of
"""  # noqa: S608 - put together from the constants above
_TOUCH: Final = """
    INSERT OR IGNORE INTO touched
    SELECT tag FROM entries WHERE since > :base
    UNION ALL SELECT tag FROM entries WHERE until > :base AND until < :open
    UNION ALL SELECT tag FROM retractions WHERE since > :base
    UNION ALL SELECT tag FROM retractions WHERE until > :base AND until < :open
"""
_TOUCHED_ONLY: Final = "AND tag IN (SELECT tag FROM touched)"
_RESOLVE_CHANGES: Final = f"""
    WITH before AS ({_LISTED.format(revision=":base", restricted=_TOUCHED_ONLY)}),
         after AS ({_LISTED.format(revision=":revision", restricted=_TOUCHED_ONLY)})
    INSERT INTO resolved
    SELECT after.tag, after.kind, after.id, after.since, after.expires_at
      FROM after LEFT JOIN before USING (tag)
      WHERE before.tag IS NULL OR before.expires_at IS NOT after.expires_at
    UNION ALL
    SELECT before.tag, before.kind, before.id, before.since, {_NOT_LISTED}
      FROM before LEFT JOIN after USING (tag) WHERE after.tag IS NULL
"""  # noqa: S608 - put together from the constants above
_EXPIRED: Final = f"""
    SELECT count(*) FROM ({_LISTED.format(revision=":revision", restricted="")})
    WHERE expires_at >= :as_of AND expires_at < :now
"""  # noqa: S608 - put together from the constants above
_WITHHELD: Final = f"""
    SELECT count(*) FROM ({_LISTED.format(revision=":earlier", restricted="")})
    WHERE tag NOT IN (SELECT tag FROM ({_LISTED.format(revision=":revision", restricted="")}))
"""  # noqa: S608 - put together from the constants above
_DISCARD: Final = tuple(
    statement.format(table=table)
    for table in ("entries", "retractions")
    for statement in (
        "DELETE FROM {table} WHERE since > :landed",
        "UPDATE {table} SET until = :open WHERE until > :landed AND until < :open",
    )
)


class _Revision(NamedTuple):
    as_of: int
    published_at: int
    content: int


@dataclass(frozen=True, slots=True)
class DraftCounts:
    """What taking in a draft has found."""

    taken: int = 0
    duplicates: int = 0
    withheld_victim: int = 0
    withheld_expired: int = 0


class ListFile:
    """The list of one deployment; one process changes it at a time (`indexer/deployment.py`)."""

    def __init__(
        self, path: Path, sealer: Sealer, clock: Callable[[], float], *, read_only: bool = False
    ) -> None:
        """Open the file, made with mode 0600 where it is absent; `read_only` opens what is there.

        Raises `OperatorError` where another version of the indexer has made it.
        """
        self.sealer = sealer
        self._clock = clock
        self._staged_at = 0
        self.connection = open_database(path, read_only=read_only)

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def number(self, name: str) -> int:
        """Return a counter of the `meta` table."""
        row = self.connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return int(row[0])

    def next_number(self, name: str) -> int:
        """Count up, durably before it returns: no number is ever used twice."""
        row = self.connection.execute(
            "UPDATE meta SET value = value + 1 WHERE name = ? RETURNING value", (name,)
        ).fetchone()
        return int(row[0])

    def has_drafts(self) -> bool:
        """Tell whether a revision is left behind that was never in force."""
        found = self.connection.execute(
            "SELECT 1 FROM revisions WHERE revision > ?", (self._landed_revision(),)
        )
        return found.fetchone() is not None

    def discard_drafts(self) -> None:
        """Forget revisions that were never in force."""
        with self.transaction():
            landed = self._landed_revision()
            self.connection.execute("DELETE FROM revisions WHERE revision > ?", (landed,))
            for statement in _DISCARD:
                self.connection.execute(statement, {"open": _OPEN, "landed": landed})

    def stage(self, rows: Iterable[DraftRow]) -> DraftCounts:
        """Collect the entries of a new list, without changing anything yet; then `take_draft`."""
        self.connection.execute("DROP TABLE IF EXISTS temp.draft")
        self.connection.execute(
            "CREATE TEMP TABLE draft (id BLOB PRIMARY KEY, tag BLOB, kind TEXT, role TEXT, "
            "list TEXT, expires_at INTEGER, sealed BLOB) STRICT, WITHOUT ROWID"
        )
        now = self._staged_at = int(self._clock())
        taken = duplicates = victims = expired = 0
        with self.transaction():
            for batch in batches(rows, _INSERTED_TOGETHER):
                added = self.connection.executemany(
                    "INSERT OR IGNORE INTO draft VALUES (?, ?, ?, ?, ?, ?, ?)", batch
                ).rowcount
                taken += added
                duplicates += len(batch) - added
                for _, _, _, role, _, expires_at, _ in batch:
                    victims += role == "victim"
                    expired += expires_at is not None and expires_at < now
        return DraftCounts(taken, duplicates, victims, expired)

    def take_draft(self, command: str) -> int:
        """Make the staged entries the whole list: a revision, not in force yet; return it."""
        with self._new_revision(command, as_of=self._staged_at) as revision:
            self.connection.execute(
                "UPDATE entries SET until = ? WHERE until = ? AND id NOT IN (SELECT id FROM draft)",
                (revision, _OPEN),
            )
            self._begin_staged(revision)
        return revision

    def take_additions(self, command: str) -> int:
        """Add the staged entries to the list: a revision, not in force yet; return it."""
        with self._new_revision(command, as_of=self._staged_at) as revision:
            self._begin_staged(revision)
        return revision

    def retract(self, selectors: Iterable[Canonical], reason: str) -> int:
        """Take selectors off the list and keep them off: a revision, not in force yet; return it.

        Their entries end, but for those of role victim, which protect. One that is retracted
        already stays so.
        """
        with self._new_revision("retract", content=self._current_content()) as revision:
            for canonical in selectors:
                tag = self.sealer.selector_tag(canonical)
                sealed = self.sealer.seal(reason.encode(), RETRACTION_PLACE + tag)
                self.connection.execute(
                    "INSERT INTO retractions SELECT ?, ?, ?, ?, ? WHERE NOT EXISTS "
                    "(SELECT 1 FROM retractions WHERE tag = ? AND until = ?)",
                    (tag, canonical.kind.value, sealed, revision, _OPEN, tag, _OPEN),
                )
                self.connection.execute(
                    "UPDATE entries SET until = ? WHERE tag = ? AND until = ? AND role != 'victim'",
                    (revision, tag, _OPEN),
                )
        return revision

    def lift(self, selectors: Iterable[Canonical]) -> int:
        """Let retracted selectors be listed again: a revision, not in force yet; return it."""
        tags = [self.sealer.selector_tag(canonical) for canonical in selectors]
        with self._new_revision("lift", content=self._current_content()) as revision:
            self.connection.executemany(
                "UPDATE retractions SET until = ? WHERE tag = ? AND until = ?",
                [(revision, tag, _OPEN) for tag in tags],
            )
        return revision

    def retracted_tags(self) -> frozenset[bytes]:
        """Return the blind tags of the selectors that are retracted."""
        rows = self.connection.execute("SELECT tag FROM retractions WHERE until = ?", (_OPEN,))
        return frozenset(row[0] for row in rows)

    def restore(self, earlier: int) -> int:
        """Make the list of an `earlier` revision the list: a revision, not in force yet; return it.

        Retractions stay, and what was retracted meanwhile is not restored. Nor is it taken back
        that somebody is a victim.
        """
        of = self._revision(earlier)
        with self._new_revision(
            "rollback", content=of.content, published_at=of.published_at
        ) as revision:
            places = {"earlier": earlier, "revision": revision, "open": _OPEN}
            self.connection.execute(
                "INSERT INTO entries (id, tag, kind, role, list, expires_at, sealed, since) "
                "SELECT id, tag, kind, role, list, expires_at, sealed, :revision FROM entries "
                "WHERE since <= :earlier AND until > :earlier AND until < :open "
                "AND id NOT IN (SELECT id FROM entries WHERE until = :open) "
                "AND tag NOT IN (SELECT tag FROM retractions WHERE until = :open)",
                places,
            )
            self.connection.execute(
                "UPDATE entries SET until = :revision WHERE until = :open "
                "AND since > :earlier AND since < :revision AND role != 'victim' "
                "AND id NOT IN "
                "(SELECT id FROM entries WHERE since <= :earlier AND until > :earlier)",
                places,
            )
        return revision

    def find_before(self, revision: int) -> int | None:
        """Return the revision to which a rollback from `revision` goes back, if it is kept.

        The one before the last that added to the list: retracting and lifting is not undone, and a
        list that was rolled back as a mistake is not restored.
        """
        row = self.connection.execute(
            "SELECT max(revision) FROM revisions WHERE revision <= ? AND content = revision "
            "AND command NOT IN ('retract', 'lift')",
            (self._revision(revision).content,),
        ).fetchone()
        if row[0] is None:
            return None
        before = self.connection.execute(
            "SELECT max(revision) FROM revisions WHERE revision < ?", (row[0],)
        ).fetchone()
        return None if before[0] is None else int(before[0])

    def count_withheld(self, revision: int, earlier: int) -> int:
        """Count the selectors that `earlier` listed, and `revision`, which restores it, does not.

        Later ones have named them as victims', or retracted them.
        """
        row = self.connection.execute(_WITHHELD, {"revision": revision, "earlier": earlier})
        return int(row.fetchone()[0])

    def content(self, revision: int) -> int:
        """Return the revision whose list this one holds: itself, or one that was restored."""
        return self._revision(revision).content

    def published_at(self, revision: int) -> int:
        """Return when the list of a revision was first in force (Unix seconds)."""
        return self._revision(revision).published_at

    def resolve(self, revision: int, *, as_of: int | None = None) -> int:
        """Settle what `revision` lists, for the methods below; return how many selectors.

        What has expired is judged as of the moment when the revision was made, so that every
        partner is answered from the same one, unless another moment is given (Unix seconds).
        """
        self._make_resolved()
        moment = self._revision(revision).as_of if as_of is None else as_of
        return self.connection.execute(_RESOLVE, {"revision": revision, "as_of": moment}).rowcount

    def resolve_changes(self, revision: int, *, base: int) -> int:
        """Settle what `revision` says otherwise than `base`, for the methods below; count it.

        It costs what has changed. What is not listed any more expired long ago.
        """
        self._make_resolved()
        self.connection.execute("DROP TABLE IF EXISTS temp.touched")
        self.connection.execute(
            "CREATE TEMP TABLE touched (tag BLOB PRIMARY KEY) STRICT, WITHOUT ROWID"
        )
        self.connection.execute(_TOUCH, {"base": base, "open": _OPEN})
        return self.connection.execute(
            _RESOLVE_CHANGES, {"revision": revision, "base": base}
        ).rowcount

    def count_expired(self, revision: int) -> int:
        """Count the selectors of `revision` that have expired since it was made."""
        made_at = self._revision(revision).as_of
        row = self.connection.execute(
            _EXPIRED, {"revision": revision, "as_of": made_at, "now": int(self._clock())}
        )
        return int(row.fetchone()[0])

    def draft_count(self) -> int:
        """Count the selectors that the staged entries would publish."""
        row = self.connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM draft WHERE role != 'victim' "
            "AND (expires_at IS NULL OR expires_at >= ?) "
            "AND tag NOT IN (SELECT tag FROM draft WHERE role = 'victim') GROUP BY tag)",
            (self._staged_at,),
        ).fetchone()
        return int(row[0])

    def kinds(self) -> dict[str, int]:
        """Count the resolved selectors by kind."""
        rows = self.connection.execute(
            "SELECT kind, count(*) FROM resolved GROUP BY kind ORDER BY kind"
        )
        return {str(kind): int(count) for kind, count in rows}

    def unstretched(self, stretching: Stretching) -> list[tuple[bytes, str, bytes]]:
        """Return (tag, kind, sealed statement) of resolved selectors that lack the slow hash."""
        return self.connection.execute(
            "SELECT p.tag, p.kind, e.sealed FROM resolved AS p "
            "JOIN entries AS e ON e.id = p.id AND e.since = p.since "
            "WHERE p.expires_at IS NOT ? "
            "AND p.tag NOT IN (SELECT tag FROM stretched WHERE stretching = ?)",
            (_NOT_LISTED, self._stretching_tag(stretching)),
        ).fetchall()

    def open_statement(self, tag: bytes, kind: str, sealed: bytes) -> Canonical:
        """Return the selector that a sealed statement is about."""
        return open_statement(tag, kind, sealed, self.sealer)

    def keep_stretched(
        self, stretching: Stretching, values: Sequence[tuple[bytes, Stretched]]
    ) -> None:
        """Store slow hashes, sealed, durably: an interrupted publish does not pay them again."""
        name = self._stretching_tag(stretching)
        place = STRETCHED_PLACE + name
        with self.transaction():
            self.connection.executemany(
                "INSERT OR REPLACE INTO stretched VALUES (?, ?, ?)",
                [(name, tag, self.sealer.seal(value, place + tag)) for tag, value in values],
            )

    def stretched(self, stretching: Stretching, *, share: int) -> Iterator[SealedShare]:
        """Yield the slow hash of every resolved selector, in shares of so many."""
        name = self._stretching_tag(stretching)
        place = STRETCHED_PLACE + name
        rows = self.connection.execute(
            "SELECT p.tag, s.sealed, p.expires_at FROM resolved AS p "
            "JOIN stretched AS s ON s.stretching = ? AND s.tag = p.tag",
            (name,),
        )
        for batch in batches(rows, share):
            yield SealedShare(self.sealer, place, batch)

    def partner_state(self, name: str) -> str | None:
        """Return `adding` or `active`, None where there is no such partner."""
        row = self.connection.execute(
            "SELECT state FROM partners WHERE name = ?", (name,)
        ).fetchone()
        return None if row is None else str(row[0])

    def forget_before(self, oldest: int | None, *, used: Collection[Stretching]) -> None:
        """Remove entries that no kept revision holds, and the slow hashes of what is gone.

        Kept are the last few revisions, and all from `oldest` on: an index is built through it.
        `used` are the stretchings of live token keys; slow hashes of all others go too.
        """
        (recent,) = self.connection.execute(
            "SELECT min(revision) FROM "
            "(SELECT revision FROM revisions ORDER BY revision DESC LIMIT ?)",
            (REVISIONS_KEPT,),
        ).fetchone()
        known = (oldest, recent, self._landed_revision())
        oldest_kept = min(one for one in known if one is not None)
        with self.transaction():
            self.connection.execute("DELETE FROM revisions WHERE revision < ?", (oldest_kept,))
            self.connection.execute("DELETE FROM entries WHERE until <= ?", (oldest_kept,))
            self.connection.execute("DELETE FROM retractions WHERE until <= ?", (oldest_kept,))
            self.connection.execute(
                "DELETE FROM stretched WHERE tag NOT IN (SELECT tag FROM entries)"
            )
            kept = {self._stretching_tag(one) for one in used}
            found = self.connection.execute("SELECT DISTINCT stretching FROM stretched").fetchall()
            for (tag,) in found:
                if tag not in kept:
                    self.connection.execute("DELETE FROM stretched WHERE stretching = ?", (tag,))

    def _landed_revision(self) -> int:
        row = self.connection.execute(
            "SELECT coalesce(max(revision), 0) FROM releases WHERE state != 'flipping'"
        ).fetchone()
        return int(row[0])

    @contextmanager
    def _new_revision(
        self,
        command: str,
        *,
        as_of: int | None = None,
        content: int | None = None,
        published_at: int | None = None,
    ) -> Iterator[int]:
        """Number a revision; what is done to the list within is one change."""
        revision = self.next_number("revision")
        now = int(self._clock())
        with self.transaction():
            self.connection.execute(
                "INSERT INTO revisions VALUES (?, ?, ?, ?, ?)",
                (
                    revision,
                    now if as_of is None else as_of,
                    now if published_at is None else published_at,
                    command,
                    revision if content is None else content,
                ),
            )
            yield revision

    def _current_content(self) -> int | None:
        landed = self._landed_revision()
        return self._revision(landed).content if landed else None

    def _begin_staged(self, revision: int) -> None:
        self.connection.execute(
            "INSERT INTO entries (id, tag, kind, role, list, expires_at, sealed, since) "
            "SELECT id, tag, kind, role, list, expires_at, sealed, ? FROM draft "
            "WHERE id NOT IN (SELECT id FROM entries WHERE until = ?)",
            (revision, _OPEN),
        )

    def _make_resolved(self) -> None:
        self.connection.execute("DROP TABLE IF EXISTS temp.resolved")
        self.connection.execute(
            "CREATE TEMP TABLE resolved (tag BLOB PRIMARY KEY, kind TEXT, id BLOB, since INTEGER, "
            "expires_at INTEGER) STRICT, WITHOUT ROWID"
        )

    def _revision(self, revision: int) -> _Revision:
        row = self.connection.execute(
            "SELECT as_of, published_at, content FROM revisions WHERE revision = ?", (revision,)
        ).fetchone()
        return _Revision(*row)

    def _stretching_tag(self, stretching: Stretching) -> bytes:
        return self.sealer.tag(b"stretching\0" + stretching.described())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make several statements one change."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

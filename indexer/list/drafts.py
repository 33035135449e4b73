"""A draft: what was read for the list and is not part of it yet."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from indexer.list.draft_rows import DraftRow
from indexer.list.file import ListFile
from indexer.list.resolved import IS_PUBLISHED_ROLE, OPEN
from indexer.workers import batches
from screening.importers.entry import Role

_INSERTED_TOGETHER: Final = 1_000
_PLACES: Final = ", ".join("?" for _ in DraftRow._fields)

Lifetimes = Mapping[str, int | None]
"""For how many seconds a kind is in force after it was last seen, where its row does not say."""


@dataclass(frozen=True, slots=True)
class DraftCounts:
    """What a draft holds, and what of it the list says already.

    `changed` entries say otherwise what their source has said before of the same selector;
    `outdated` ones say again what it has corrected since, and are left out.
    """

    taken: int = 0
    duplicates: int = 0
    withheld_victim: int = 0
    withheld_expired: int = 0
    withheld_unclear: int = 0
    new: int = 0
    changed: int = 0
    outdated: int = 0


_TABLE: Final = (
    "CREATE TEMP TABLE draft (id BLOB PRIMARY KEY, said BLOB, subject BLOB, tag BLOB,"
    " kind TEXT, role TEXT, list TEXT, confidence INTEGER, jurisdictions TEXT,"
    " first_seen INTEGER, last_seen INTEGER, review_by INTEGER, expires_at INTEGER,"
    " sealed BLOB, former BLOB, file TEXT, line INTEGER)"
    " STRICT, WITHOUT ROWID"
)


class DraftedRow(NamedTuple):
    """A row that would list a selector which must not be listed, by where it stands."""

    file: str
    line: int
    kind: str


class LeftOut(NamedTuple):
    """How many statements of the list a draft does not hold.

    `since` of them have come after the last whole list, as by an addition; None where that list is
    not remembered.
    """

    all: int
    since: int | None


@dataclass(frozen=True, slots=True)
class Draft:
    """Entries in a temporary table of the list file, until others are staged there.

    What has expired is judged as of `staged_at` (Unix seconds), however long the rest takes.
    `left_open` are rows that were taken out again, for other rows do not tell whose selector it is.
    """

    list_file: ListFile
    staged_at: int
    counts: DraftCounts
    left_open: Sequence[DraftedRow] = ()

    def size(self) -> int:
        """Count the selectors that the draft would publish, were it the whole list."""
        row = self.list_file.connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM draft LEFT JOIN entries AS kept "  # noqa: S608 - a constant
            "ON kept.id = draft.id AND kept.until = :open "
            f"WHERE draft.{IS_PUBLISHED_ROLE} AND "
            "coalesce(iif(kept.id IS NULL, draft.expires_at, kept.expires_at), :open) >= :now "
            "AND draft.tag NOT IN (SELECT tag FROM draft WHERE role = 'victim') "
            "GROUP BY draft.tag)",
            {"open": OPEN, "now": self.staged_at},
        ).fetchone()
        return int(row[0])

    def lists(self) -> dict[str, bool]:
        """Return the lists that its entries belong to, by name, and whether any may be published.

        Those of lists that only protect victims, or are disputed, may not.
        """
        rows = self.list_file.connection.execute(
            f"SELECT list, max({IS_PUBLISHED_ROLE}) "  # noqa: S608 - a constant
            "FROM draft GROUP BY list ORDER BY list"
        )
        return {name: bool(may_be_published) for name, may_be_published in rows}

    def exposed(self) -> list[DraftedRow]:
        """Return the rows of selectors that are a victim's now, and would be listed by it."""
        rows = self.list_file.connection.execute(
            f"SELECT file, line, kind FROM draft WHERE {IS_PUBLISHED_ROLE} "  # noqa: S608 - a constant
            "AND tag NOT IN (SELECT tag FROM draft WHERE role = 'victim') AND EXISTS (SELECT 1 "
            "FROM entries AS e WHERE e.tag = draft.tag AND e.until = ? AND e.role = 'victim') "
            "ORDER BY file, line",
            (OPEN,),
        )
        return [DraftedRow(*row) for row in rows]

    def count_left_out(self, whole: int | None) -> LeftOut:
        """Count the statements that would end, were it the whole list, and nothing replaces.

        `whole` is the revision of the last whole list: all that has begun after it is of no file
        that was published as the list.
        """
        row = self.list_file.connection.execute(
            "SELECT count(*), coalesce(sum(since > :whole), 0) FROM entries WHERE until = :open "
            "AND id NOT IN (SELECT id FROM draft) AND subject NOT IN (SELECT subject FROM draft)",
            {"open": OPEN, "whole": whole or 0},
        ).fetchone()
        return LeftOut(int(row[0]), None if whole is None else int(row[1]))

    def count_protected(self) -> int:
        """Count the selectors that it would publish, were they not a victim's: by it or the list.

        Of a draft that is to be the whole list, once it is that.
        """
        row = self.list_file.connection.execute(
            f"SELECT count(DISTINCT tag) FROM draft WHERE {IS_PUBLISHED_ROLE} AND "  # noqa: S608 - a constant
            "(tag IN (SELECT tag FROM draft WHERE role = 'victim') OR EXISTS (SELECT 1 "
            "FROM entries AS e WHERE e.tag = draft.tag AND e.until = ? AND e.role = 'victim'))",
            (OPEN,),
        ).fetchone()
        return int(row[0])


def stage(
    list_file: ListFile,
    rows: Iterable[DraftRow],
    lifetimes: Lifetimes,
    *,
    adding: bool = False,
    left_open: Collection[bytes] = (),
) -> Draft:
    """Collect entries, without changing the list yet; then take them by a method of `Revisions`.

    Where they are for `adding`, those are left out that were corrected since: a file that is read
    again must not undo that.

    Once all `rows` are read, those are taken out that would list one of the selectors whose blind
    tags are `left_open` by then: a row that is not among them does not tell whose it is.

    An entry without `last_seen` was seen now; one without `expires_at` gets that of its kind.
    """
    sql = list_file.connection
    sql.execute("DROP TABLE IF EXISTS temp.draft")
    sql.execute(_TABLE)
    now = list_file.now()
    duplicates = victims = unclear = 0
    with list_file.transaction():
        for batch in batches(rows, _INSERTED_TOGETHER):
            living = [_living(row, now, lifetimes) for row in batch]
            added = sql.executemany(
                f"INSERT OR IGNORE INTO draft VALUES ({_PLACES})",  # noqa: S608 - a constant
                living,
            ).rowcount
            duplicates += len(batch) - added
            for row in living:
                victims += row.role == Role.VICTIM
                unclear += row.role in (Role.DISPUTED, Role.UNKNOWN)
    taken_out = _take_out(list_file, left_open)
    outdated = _leave_out_corrected(list_file) if adding else 0
    new, changed, expired, taken = _compare(list_file, now)
    counts = DraftCounts(taken, duplicates, victims, expired, unclear, new, changed, outdated)
    return Draft(list_file, now, counts, taken_out)


def _take_out(list_file: ListFile, tags: Collection[bytes]) -> list[DraftedRow]:
    sql = list_file.connection
    sql.execute("CREATE TEMP TABLE left_open (tag BLOB PRIMARY KEY) STRICT, WITHOUT ROWID")
    sql.executemany("INSERT INTO left_open VALUES (?)", ((tag,) for tag in tags))
    rows = sql.execute(
        f"DELETE FROM draft WHERE {IS_PUBLISHED_ROLE} "  # noqa: S608 - a constant
        "AND tag IN (SELECT tag FROM left_open) RETURNING file, line, kind"
    ).fetchall()
    sql.execute("DROP TABLE temp.left_open")
    return sorted(DraftedRow(*row) for row in rows)


def _living(row: DraftRow, now: int, lifetimes: Lifetimes) -> DraftRow:
    last_seen = now if row.last_seen is None else row.last_seen
    expires_at, lifetime = row.expires_at, lifetimes.get(row.kind)
    # Whoever is a victim stays protected until a person says otherwise.
    if expires_at is None and lifetime is not None and row.role != Role.VICTIM:
        expires_at = last_seen + lifetime
    return row._replace(last_seen=last_seen, expires_at=expires_at)


def _leave_out_corrected(list_file: ListFile) -> int:
    left_out = list_file.connection.execute(
        "DELETE FROM draft WHERE role != 'victim' "
        "AND EXISTS (SELECT 1 FROM superseded AS s WHERE s.said = draft.said AND s.until = :open "
        "AND (s.last_seen >= draft.last_seen OR draft.said = draft.id)) "
        "AND NOT EXISTS (SELECT 1 FROM entries AS e WHERE e.id = draft.id AND e.until = :open) "
        "AND EXISTS (SELECT 1 FROM entries AS e WHERE e.subject = draft.subject "
        "AND e.until = :open)",
        {"open": OPEN},
    )
    return left_out.rowcount


def _compare(list_file: ListFile, now: int) -> tuple[int, int, int, int]:
    """Count the entries of the draft: new, changed, expired, all.

    One that the list has already, word for word, expires when it does there.
    """
    row = list_file.connection.execute(
        "SELECT coalesce(sum(NOT known), 0), coalesce(sum(known AND NOT same), 0), "
        "coalesce(sum(expires_at < :now), 0), count(*) FROM ("
        "SELECT EXISTS (SELECT 1 FROM entries AS e WHERE e.subject = d.subject "
        "AND e.until = :open) AS known, kept.id IS NOT NULL AS same, "
        "iif(kept.id IS NULL, d.expires_at, kept.expires_at) AS expires_at "
        "FROM draft AS d LEFT JOIN entries AS kept ON kept.id = d.id AND kept.until = :open)",
        {"open": OPEN, "now": now},
    ).fetchone()
    new, changed, expired, taken = map(int, row)
    return new, changed, expired, taken

"""Entries that a curator should look at again: their review is due, or they soon expire."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from indexer.importers.report import PrivateCsv
from indexer.list.draft_rows import open_sealed
from indexer.list.drafts import Lifetimes
from indexer.list.file import ListFile
from indexer.list.resolved import OPEN
from screening.vocabulary.formula import guarded

# Of what is retracted nothing is due; a victim's entry does not end, and is not looked at in vain.
_DUE: Final = """
    FROM entries AS e
    WHERE until = :open AND role != 'victim'
      AND (review_by <= :by OR expires_at BETWEEN :now AND :by)
      AND NOT EXISTS (
        SELECT 1 FROM blocks AS b WHERE b.tag = e.tag AND b.why = 'retracted' AND b.until = :open)
"""
_FIRST: Final = "min(min(coalesce(review_by, :open), coalesce(expires_at, :open)))"


@dataclass(frozen=True, slots=True)
class DueCount:
    """How many entries of a list are due, and when the first is (Unix seconds)."""

    list: str
    to_review: int
    expiring: int
    first: int


@dataclass(frozen=True, slots=True, repr=False)
class DueEntry:
    """An entry in the spelling of a list's columns, to be looked at, corrected and added again."""

    kind: str
    value: str
    role: str
    source: str
    reason: str
    confidence: str
    first_seen: str
    last_seen: str
    review_by: str
    expires_at: str
    jurisdictions: str
    list: str


class DueList(PrivateCsv):
    """A list of what is due, which replaces an older one.

    Texts are guarded as everywhere; values are not, or they could not be read back.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, (field.name for field in fields(DueEntry)), overwrite=True)

    def add(self, entry: DueEntry) -> None:
        """Write one entry."""
        cells = {field.name: getattr(entry, field.name) for field in fields(entry)}
        cells |= {"source": guarded(entry.source), "reason": guarded(entry.reason)}
        self._write(cells.values())


def count_due(list_file: ListFile, *, by: int) -> list[DueCount]:
    """Count what is due by a moment (Unix seconds), by list."""
    rows = list_file.connection.execute(
        "SELECT list, coalesce(sum(review_by <= :by), 0), "
        f"coalesce(sum(expires_at BETWEEN :now AND :by), 0), {_FIRST} {_DUE} "
        "GROUP BY list ORDER BY list",
        {"open": OPEN, "by": by, "now": list_file.now()},
    )
    return [DueCount(*row) for row in rows]


def due_entries(list_file: ListFile, lifetimes: Lifetimes, *, by: int) -> Iterator[DueEntry]:
    """Yield what is due by a moment (Unix seconds), the most urgent first.

    Beside it stands all else that its source says of the same selector in the same list: who adds
    what a source says replaces all of it.
    """
    rows = list_file.connection.execute(
        "SELECT tag, sealed, kind, role, confidence, first_seen, last_seen, review_by, "  # noqa: S608 - of constants
        "expires_at, jurisdictions, list FROM entries "
        f"JOIN (SELECT subject, {_FIRST} AS first {_DUE} GROUP BY subject) USING (subject) "
        "WHERE until = :open AND role != 'victim' ORDER BY first, subject, id",
        {"open": OPEN, "by": by, "now": list_file.now()},
    )
    for tag, sealed, kind, role, confidence, first, last, review, expiry, where, list_ in rows:
        statement = open_sealed(tag, sealed, list_file.sealer)
        lifetime = lifetimes.get(kind)
        # Left out where it only follows from last_seen, so that a later one is all that is needed.
        follows = lifetime is not None and expiry == last + lifetime
        yield DueEntry(
            kind=kind,
            value=statement.canonical,
            role=role,
            source=statement.source,
            reason=statement.reason,
            confidence="" if confidence is None else str(confidence),
            first_seen=_spelled(first),
            last_seen=_spelled(last),
            review_by=_spelled(review),
            expires_at="" if follows else _spelled(expiry),
            jurisdictions=where.strip(),
            list=list_,
        )


def _spelled(moment: int | None) -> str:
    return "" if moment is None else f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"

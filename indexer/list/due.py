"""Entries that a curator should look at again: their review is due, or they soon expire."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from indexer.list.draft_rows import Statement, open_sealed
from indexer.list.drafts import Lifetimes
from indexer.list.file import ListFile
from indexer.list.resolved import IS_PUBLISHED_ROLE, OPEN
from indexer.outputs import refuse_all_but
from indexer.report import PrivateCsv
from screening.vocabulary.formula import guarded

# What is not listed is not due: neither what has expired or is kept off, nor what a victim's entry
# protects. What is disputed or of unknown role may be up for review, and nothing ends with it.
_REVIEW: Final = "review_by <= :by"
_EXPIRES: Final = f"expires_at <= :by AND {IS_PUBLISHED_ROLE}"
_DUE: Final = f"""
    FROM entries AS e
    WHERE since <= :landed AND until > :landed AND role != 'victim'
      AND coalesce(expires_at, :open) >= :now
      AND ({_REVIEW} OR {_EXPIRES})
      AND NOT EXISTS (SELECT 1 FROM blocks AS b
        WHERE b.tag = e.tag AND b.since <= :landed AND b.until > :landed)
      AND NOT EXISTS (SELECT 1 FROM entries AS v
        WHERE v.tag = e.tag AND v.role = 'victim' AND v.since <= :landed AND v.until > :landed)
"""  # noqa: S608 - of constants
_DUE_ON: Final = f"min(iif({_REVIEW}, review_by, :open), iif({_EXPIRES}, expires_at, :open))"


@dataclass(frozen=True, slots=True)
class DueCount:
    """How many entries of a list are due, and when the first are (Unix seconds), None where none.

    Of the `expiring` ones, some end `by_lifetime`, without a word of their rows.
    """

    list: str
    to_review: int
    first_review: int | None
    expiring: int
    by_lifetime: int
    first_expiry: int | None


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
    due_on: str
    """The day, or moment, on which it is due; empty where it only stands beside what is."""
    due_for: str
    """Why: `review`, `expires_at` or `lifetime`, the last where its row names no end."""


_COLUMNS: Final = tuple(field.name for field in fields(DueEntry))


def refuse_all_but_due_lists(output: Path) -> None:
    """Raise `OperatorError` where `output` is there and no `DueList` has written it."""
    refuse_all_but(output, _COLUMNS, "list of what is due")


class DueList(PrivateCsv):
    """A list of what is due, which replaces an older one.

    Texts are guarded as everywhere; values are not, or they could not be read back.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, _COLUMNS, overwrite=True)

    def add(self, entry: DueEntry) -> None:
        """Write one entry."""
        cells = {field.name: getattr(entry, field.name) for field in fields(entry)}
        cells |= {"source": guarded(entry.source), "reason": guarded(entry.reason)}
        self._write(cells.values())


def count_due(list_file: ListFile, lifetimes: Lifetimes, *, by: int) -> list[DueCount]:
    """Count what is due by a moment (Unix seconds), by list."""
    lifetime, lives = _lifetime(lifetimes)
    rows = list_file.connection.execute(
        f"SELECT list, coalesce(sum({_REVIEW}), 0), min(iif({_REVIEW}, review_by, NULL)), "
        f"coalesce(sum({_EXPIRES}), 0), "
        f"coalesce(sum({_EXPIRES} AND expires_at = last_seen + {lifetime}), 0), "
        f"min(iif({_EXPIRES}, expires_at, NULL)) {_DUE} GROUP BY list ORDER BY list",
        {**_places(list_file, by), **lives},
    )
    return [DueCount(*row) for row in rows]


def _places(list_file: ListFile, by: int) -> dict[str, int]:
    """Return the values in `_DUE`: of what is in force, and not of what never came to be."""
    landed = list_file.landed_revision()
    return {"open": OPEN, "landed": landed, "by": by, "now": list_file.now()}


def due_entries(list_file: ListFile, lifetimes: Lifetimes, *, by: int) -> Iterator[DueEntry]:
    """Yield what is due by a moment (Unix seconds), the most urgent first.

    Beside it stands all else that its source says of the same selector in the same list: who adds
    what a source says replaces all of it.
    """
    rows = list_file.connection.execute(
        f"WITH due AS (SELECT id, subject, {_DUE_ON} AS due_on, coalesce({_REVIEW}, 0) AS review, "  # noqa: S608 - of constants
        f"coalesce({_EXPIRES}, 0) AS expires {_DUE}) "
        "SELECT tag, sealed, kind, role, confidence, first_seen, last_seen, review_by, "
        "expires_at, jurisdictions, list, due.due_on, due.review, due.expires "
        "FROM entries JOIN (SELECT subject, min(due_on) AS first FROM due GROUP BY subject) "
        "USING (subject) LEFT JOIN due ON due.id = entries.id "
        "WHERE since <= :landed AND until > :landed AND role != 'victim' "
        "ORDER BY first, entries.subject, entries.id",
        _places(list_file, by),
    )
    for tag, sealed, *kept in rows:
        yield _entry(open_sealed(tag, sealed, list_file.sealer), _Kept(*kept), lifetimes)


class _Kept(NamedTuple):
    """What is kept of an entry beside its sealed statement, and whether and why it is due."""

    kind: str
    role: str
    confidence: int | None
    first_seen: int
    last_seen: int
    review_by: int | None
    expires_at: int | None
    jurisdictions: str
    list: str
    due_on: int | None
    is_to_review: int | None
    is_to_expire: int | None


def _entry(statement: Statement, kept: _Kept, lifetimes: Lifetimes) -> DueEntry:
    lifetime = lifetimes.get(kept.kind)
    # Left out where it only follows from last_seen, so that a later one is all that is needed.
    follows = lifetime is not None and kept.expires_at == kept.last_seen + lifetime
    reasons = (
        ("review", kept.is_to_review),
        ("lifetime" if follows else "expires_at", kept.is_to_expire),
    )
    return DueEntry(
        kind=kept.kind,
        value=statement.canonical,
        role=kept.role,
        source=statement.source,
        reason=statement.reason,
        confidence="" if kept.confidence is None else str(kept.confidence),
        first_seen=_spelled(kept.first_seen),
        last_seen=_spelled(kept.last_seen),
        review_by=_spelled(kept.review_by),
        expires_at="" if follows else _spelled(kept.expires_at),
        jurisdictions=kept.jurisdictions.strip(),
        list=kept.list,
        due_on=_spelled(kept.due_on),
        due_for=" ".join(why for why, is_so in reasons if is_so),
    )


def _lifetime(lifetimes: Lifetimes) -> tuple[str, dict[str, str | int]]:
    """Return the expression of a kind's lifetime, NULL where it has none, and the values in it."""
    known = [(kind, seconds) for kind, seconds in lifetimes.items() if seconds is not None]
    if not known:
        return "NULL", {}
    whens = " ".join(f"WHEN :kind{place} THEN :life{place}" for place in range(len(known)))
    values: dict[str, str | int] = {}
    for place, (kind, seconds) in enumerate(known):
        values |= {f"kind{place}": kind, f"life{place}": seconds}
    return f"CASE kind {whens} END", values


def _spelled(moment: int | None) -> str:
    if moment is None:
        return ""
    # Not by strftime, which writes a year before 1000 in fewer digits than are read again.
    return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")

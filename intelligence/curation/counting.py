"""How many selectors are answered with yes, and how many of them a rule would keep off."""

from typing import Final

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from intelligence.curation.entries import VICTIM, by_term
from intelligence.curation.safety_lists import find_settled, taken_off_of
from intelligence.curation.standing import LIST_NOBODY
from intelligence.curation.tables import EntryRow
from intelligence.store.sealing import Seals
from screening.exclusions.matcher import Exclusions
from screening.exclusions.rules import Rule
from screening.vocabulary.selector import Canonical

MOST_COUNTED: Final = 50_000
"""Entries that are opened to tell how many a new rule would keep off: two seconds of one core of an
Intel Xeon, and up to four where others use it as well."""


def count_listed(session: Session, seals: Seals, now: float) -> int:
    """Count the selectors that are answered with yes at a time, each once.

    Those that hands keep off are not, though their entries stand.
    """
    listed = select(EntryRow.kind, EntryRow.canonical_term).where(_answered_yes(now)).distinct()
    many = session.scalar(select(func.count()).select_from(listed.subquery())) or 0
    for of in by_term(seals, EntryRow, taken_off_of(session, seals)):
        kept_off = listed.where(EntryRow.canonical_term.in_([term for _, term in of]))
        many -= sum((kind, term) in of for kind, term in session.execute(kept_off))
    return many


def count_kept_off(session: Session, seals: Seals, rule: Rule, now: float) -> tuple[int, bool]:
    """Return how many selectors a rule would take from those that are answered with yes at a time.

    None of them is what another rule keeps off already, or has an override. Beside it, whether all
    were counted: of an entry that does not open nobody can tell.
    """
    chosen = select(EntryRow).where(EntryRow.kind == rule.kind.value, _answered_yes(now))
    covering, found, is_all = Exclusions([rule]), set[Canonical](), True
    rows = session.scalars(chosen.order_by(EntryRow.id).limit(MOST_COUNTED)).all()
    for row in rows:
        selector = seals.find_selector(row)
        if selector is None:
            is_all = False
            continue
        if covering.find(selector) is not None:
            found.add(selector)
    settled = find_settled(session, seals, found)
    return len(found - settled), is_all and len(rows) < MOST_COUNTED


def _answered_yes(now: float) -> ColumnElement[bool]:
    """Tell of an entry whether it has its selector be answered with yes at a time."""
    victim = aliased(EntryRow)
    is_protected = exists().where(
        victim.kind == EntryRow.kind,
        victim.canonical_term == EntryRow.canonical_term,
        victim.ended_by.is_(None),
        victim.role == VICTIM,
    )
    return and_(
        EntryRow.ended_by.is_(None),
        EntryRow.role.not_in(LIST_NOBODY),
        EntryRow.expires_at.is_(None) | (EntryRow.expires_at > now),
        ~is_protected,
    )

"""Where a selector stands: what is said of it, whether it was taken off, and what is under way."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from intelligence.curation.entries import VICTIM, Entries, Said, canonical_of
from intelligence.curation.retractions import (
    DECIDED,
    WaitingLift,
    is_earlier,
    is_retracted,
    of_selector,
    retracted_of,
    waiting_lifts,
)
from intelligence.curation.safety_lists import (
    find_rule,
    find_settled,
    find_taken_off_at,
    taken_off_of,
)
from intelligence.curation.sealing import Seals
from intelligence.curation.tables import (
    ChangeRow,
    ChangeSet,
    ChangeState,
    EntryRow,
    ExportRow,
    ExportState,
)
from intelligence.errors import FormRefused
from screening.exclusions.matcher import Exclusions
from screening.exclusions.rules import Rule
from screening.spools.changes import Add, Change, Lift, Retract
from screening.vocabulary.selector import Canonical

SHOWN_AT_MOST: Final = 200
"""Of one kind of thing on one page."""
MOST_COUNTED: Final = 50_000
"""Entries that are opened to tell how many a new rule would keep off: two seconds of one core of an
Intel Xeon, and up to four where others use it as well."""
LIST_NOBODY: Final[tuple[str, ...]] = (VICTIM, "disputed", "unknown")
_UNDER_WAY: Final = (
    ChangeState.DRAFT,
    ChangeState.SUBMITTED,
    ChangeState.SCHEDULED,
    ChangeState.APPROVED,
    ChangeState.EXPORTED,
)


@dataclass(frozen=True, slots=True)
class Stand:
    """Whether a selector is answered with yes, and what else keeps it from that."""

    is_listed: bool
    is_protected: bool
    is_retracted: bool
    is_leaving: bool = False
    """Whether that it is retracted is only decided: partners may still be answered with yes."""
    excluded_as: str | None = None
    """As what a safety list keeps it off, such as a hotline."""
    is_coming: bool = False
    """Whether that it is listed is only decided: partners are still answered with no."""
    taken_off_at: int | None = None
    """Since when (Unix seconds) hands keep it off at the indexer, while its entries stand here."""
    is_unread: bool = False
    """Part of what is said of it cannot be read: it may be protected, or be listed, by that."""
    lifts: Sequence[WaitingLift] = ()
    """What allows it again, and is signed and not in force yet."""


def stand_of(session: Session, seals: Seals, selector: Canonical, of: tuple[Said, float]) -> Stand:
    """Return where a selector stands by what is said of it, at a time in Unix seconds."""
    said, now = of
    rows, is_unread = said.open, bool(said.unread)
    is_gone = is_retracted(session, seals, selector)
    is_protected = any(row.role == VICTIM for row in rows)
    rule = find_rule(session, seals, selector)
    taken_off_at = find_taken_off_at(session, seals, selector)
    is_off_by_hand = taken_off_at is not None
    is_listed = answers_yes(rows, now) and not (is_gone or rule or is_off_by_hand or is_unread)
    is_off = is_retracted(session, seals, selector, states=(ChangeState.APPLIED,))
    return Stand(
        is_listed,
        is_protected,
        is_retracted=is_gone,
        is_leaving=is_gone and not (is_off or is_off_by_hand),
        excluded_as=None if rule is None else rule.category.value,
        is_coming=is_listed and not answers_yes(Entries(session, seals).in_force_of(said), now),
        taken_off_at=taken_off_at,
        is_unread=is_unread,
        lifts=waiting_lifts(session, seals, selector),
    )


def answers_yes(rows: Sequence[EntryRow], now: float) -> bool:
    """Tell whether what is said of a selector has it be answered with yes at a time."""
    is_protected = any(row.role == VICTIM for row in rows)
    return not is_protected and any(lists(row, now) for row in rows)


def count_listed(session: Session, now: float) -> int:
    """Count the selectors that are answered with yes at a time, each once."""
    listed = select(EntryRow.kind, EntryRow.canonical_term).where(_answered_yes(now))
    return session.scalar(select(func.count()).select_from(listed.distinct().subquery())) or 0


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


def lists(row: EntryRow, now: float) -> bool:
    """Tell whether what one source says has somebody be listed at a time, by itself."""
    is_over = row.expires_at is not None and now >= row.expires_at
    return not is_over and row.role not in LIST_NOBODY


def under_way(session: Session, seals: Seals, selector: Canonical) -> Sequence[ChangeRow]:
    """Return the operations on a selector that nothing has come of yet."""
    chosen = of_selector(seals, selector).where(ChangeSet.state.in_(_UNDER_WAY))
    return session.scalars(chosen.order_by(ChangeSet.created_at)).all()


def first_change(session: Session, seals: Seals, selector: Canonical) -> ChangeRow | None:
    """Return the operation by which a selector was first named here; its id stands for it."""
    by_age = of_selector(seals, selector).order_by(ChangeSet.created_at, ChangeRow.id)
    return session.scalars(by_age.limit(1)).one_or_none()


def some_changes(
    session: Session, seals: Seals, selector: Canonical, *, first: int
) -> Sequence[ChangeRow]:
    """Return a page of operations on a selector from a place, the latest of its changes first."""
    by_age = of_selector(seals, selector).order_by(ChangeSet.created_at.desc(), ChangeRow.id)
    return session.scalars(by_age.offset(first).limit(SHOWN_AT_MOST)).all()


def count_changes(session: Session, seals: Seals, selector: Canonical) -> int:
    """Count the operations on a selector."""
    every = of_selector(seals, selector).with_only_columns(ChangeRow.id).subquery()
    return session.scalar(select(func.count()).select_from(every)) or 0


def has_list(session: Session, *, before: int | None = None) -> bool:
    """Tell whether there is a list that something can be taken off, or is on its way."""
    applied = select(ExportRow.sequence).where(ExportRow.state == ExportState.APPLIED).limit(1)
    added = (
        select(ChangeRow.id)
        .join(ChangeSet, ChangeSet.id == ChangeRow.change_set_id)
        .where(
            ChangeRow.operation == Add.__name__,
            ChangeSet.state.in_(DECIDED),
            is_earlier(before),
        )
        .limit(1)
    )
    return any(session.scalar(chosen) is not None for chosen in (applied, added))


def require_possible(
    session: Session, seals: Seals, changes: Sequence[Change], *, before: int | None = None
) -> None:
    """Raise `FormRefused` for what the indexer would refuse as the list stands.

    That is after all that is decided; where a turn is given, after what leaves `before` it. What
    was taken off is taken off again: the indexer changes nothing then, and whether an earlier one
    is in force says a column alone.
    """
    lifted = {canonical_of(one) for one in changes if isinstance(one, Lift)}
    retracted = retracted_of(session, seals, set(map(canonical_of, changes)), before=before)
    decided = ChangeSet.state.in_(DECIDED) & is_earlier(before)
    by_hand = taken_off_of(session, seals, map(canonical_of, changes), ending=decided)
    for one in changes:
        selector = canonical_of(one)
        gone = selector in retracted
        is_listing = isinstance(one, Add) and one.role != VICTIM and selector not in lifted
        if is_listing and gone:
            raise FormRefused(
                "this selector was taken off the list; have it allowed again first, which needs "
                "two people"
            )
        if is_listing and selector in by_hand:
            raise FormRefused(
                "this selector was taken off by hand at the indexer; take it off here, too, and "
                "have it allowed again first, which needs two people"
            )
        if isinstance(one, Lift) and not gone:
            raise FormRefused("this selector may be listed already; nothing is to be allowed again")
        if isinstance(one, Retract) and not has_list(session, before=before):
            raise FormRefused("there is no list yet, so nothing to take off")

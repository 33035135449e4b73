"""Where a selector stands: what is said of it, whether it was taken off, and what is under way."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Never

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intelligence.curation.entries import VICTIM, Entries, Said, canonical_of
from intelligence.curation.retractions import (
    DECIDED,
    Waiting,
    find_last_retraction,
    is_earlier,
    is_retracted,
    of_selector,
    retracted_of,
    waiting_additions,
    waiting_lifts,
)
from intelligence.curation.safety_lists import (
    find_rule,
    find_taken_off_at,
    is_unread,
    taken_off_of,
)
from intelligence.curation.tables import (
    ChangeRow,
    ChangeSet,
    ChangeState,
    EntryRow,
    ExportRow,
    ExportState,
)
from intelligence.errors import FormRefused, RefusedRow
from intelligence.store.sealing import Seals
from screening.spools.changes import Add, Change, Lift, Retract
from screening.vocabulary.selector import Canonical

SHOWN_AT_MOST: Final = 200
"""Of one kind of thing on one page."""
LIST_NOBODY: Final[tuple[str, ...]] = (VICTIM, "disputed", "unknown")
_MOST_NAMED: Final = 20
_LED_TO: Final = "the start page leads to all who are"
_LIFTED_THERE: Final = (
    f"a selector to be allowed again is off by hand at the indexer ({_LED_TO}), and was not taken "
    "off here: nothing is to be allowed again; have whoever runs the indexer lift it there, and it "
    "is on the list again"
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
    is_untold: bool = False
    """Whether its entries list it, and what the indexer told of what keeps off does not open."""
    lifts: Sequence[Waiting] = ()
    """What allows it again, and is signed and not in force yet."""
    additions: Sequence[Waiting] = ()
    """What adds it, and is signed and has not left: where it is taken off, that waits."""
    is_allowed_again: bool = False
    """Whether it was taken off, may be listed again since, and nothing is said of it: no yes."""

    @property
    def may_be_on(self) -> bool:
        """Whether it is on the list as far as is known here, or is to be taken off here, too."""
        return self.is_listed or self.is_unread or self.is_untold or self.taken_off_at is not None


def stand_of(session: Session, seals: Seals, selector: Canonical, of: tuple[Said, float]) -> Stand:
    """Return where a selector stands by what is said of it, at a time in Unix seconds."""
    said, now = of
    rows, has_unread = said.open, bool(said.unread)
    is_gone = is_retracted(session, seals, selector)
    is_protected = any(row.role == VICTIM for row in rows)
    rule = find_rule(session, seals, selector)
    taken_off_at = find_taken_off_at(session, seals, selector)
    is_off_by_hand = taken_off_at is not None
    may_list = answers_yes(rows, now) and not (is_gone or rule or is_off_by_hand or has_unread)
    is_untold = may_list and is_unread(session, seals)
    is_listed = may_list and not is_untold
    is_off = is_retracted(session, seals, selector, states=(ChangeState.APPLIED,))
    return Stand(
        is_listed,
        is_protected,
        is_retracted=is_gone,
        is_leaving=is_gone and not (is_off or is_off_by_hand),
        excluded_as=None if rule is None else rule.category.value,
        is_coming=is_listed and not answers_yes(Entries(session, seals).in_force_of(said), now),
        taken_off_at=taken_off_at,
        is_unread=has_unread,
        is_untold=is_untold,
        lifts=waiting_lifts(session, seals, selector),
        additions=waiting_additions(session, seals, selector),
        is_allowed_again=not (is_gone or said.open or has_unread)
        and find_last_retraction(session, seals, selector) is not None,
    )


def answers_yes(rows: Sequence[EntryRow], now: float) -> bool:
    """Tell whether what is said of a selector has it be answered with yes at a time."""
    is_protected = any(row.role == VICTIM for row in rows)
    return not is_protected and any(lists(row, now) for row in rows)


def lists(row: EntryRow, now: float) -> bool:
    """Tell whether what one source says has somebody be listed at a time, by itself."""
    is_over = row.expires_at is not None and now >= row.expires_at
    return not is_over and row.role not in LIST_NOBODY


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


def require_one_way(changes: Sequence[Change]) -> None:
    """Raise `FormRefused` where a selector is both taken off and allowed again, or listed.

    Within a batch what is allowed again is so first, then what is taken off is, and the indexer
    takes nothing that lists it behind that: so it would be off at best, and two people would have
    to sign what one does at once.
    """
    off = {canonical_of(one) for one in changes if isinstance(one, Retract)}
    if any(canonical_of(one) in off and not _leaves_off(one) for one in changes):
        raise FormRefused(
            "this takes a selector off and lists it or allows it again as well; take it off by "
            "itself, which one person does at once, and write the rest as another change"
        )


def _leaves_off(change: Change) -> bool:
    """Tell whether an operation has nobody who is off be listed by it or after it."""
    return isinstance(change, Retract) or (isinstance(change, Add) and change.role == VICTIM)


def require_possible(
    session: Session,
    seals: Seals,
    changes: Sequence[Change],
    *,
    before: int | None = None,
    is_new: bool = False,
) -> None:
    """Raise `FormRefused` for what the indexer would refuse as the list stands.

    What `is_new` is not there yet, to be refused or taken back.

    That is after all that is decided; where a turn is given, after what leaves `before` it. What
    was taken off is taken off again: the indexer changes nothing then, and whether an earlier one
    is in force says a column alone.
    """
    lifted = {canonical_of(one) for one in changes if isinstance(one, Lift)}
    retracted = retracted_of(session, seals, set(map(canonical_of, changes)), before=before)
    decided = ChangeSet.state.in_(DECIDED) & is_earlier(before)
    by_hand = taken_off_of(session, seals, map(canonical_of, changes), ending=decided)
    off, kept_off = set[Canonical](), set[Canonical]()
    for one in changes:
        selector = canonical_of(one)
        gone = selector in retracted
        is_listing = isinstance(one, Add) and one.role != VICTIM and selector not in lifted
        if is_listing and gone:
            off.add(selector)
        if is_listing and selector in by_hand:
            kept_off.add(selector)
        if isinstance(one, Lift) and selector in by_hand and not gone:
            raise FormRefused(_LIFTED_THERE, rows=[_named(session, seals, selector)])
        if isinstance(one, Lift) and not gone:
            raise FormRefused("this selector may be listed already; nothing is to be allowed again")
        if isinstance(one, Retract) and not has_list(session, before=before):
            raise FormRefused("there is no list yet, so nothing to take off")
    if off:
        _refuse_off(session, seals, off, is_alone=len(changes) == 1, is_new=is_new)
    if kept_off:
        _refuse_kept_off(session, seals, kept_off, is_alone=len(changes) == 1)


def _refuse_kept_off(
    session: Session, seals: Seals, selectors: Collection[Canonical], *, is_alone: bool
) -> Never:
    """Raise `FormRefused` of those that hands keep off, and name them, each with its page."""
    each = "it" if len(selectors) == 1 else "each"
    _refuse_all(
        session,
        seals,
        selectors,
        f"{_these(selectors, is_alone=is_alone)} taken off by hand at the indexer ({_LED_TO}); "
        f"take {each} off here, too, and have it allowed again first, which needs two people",
    )


def _refuse_off(
    session: Session,
    seals: Seals,
    selectors: Collection[Canonical],
    *,
    is_alone: bool,
    is_new: bool,
) -> Never:
    """Raise `FormRefused` of those that were taken off: the others of a change wait for none."""
    again = "have it allowed again first, which needs two people"
    them = "it" if len(selectors) == 1 else "them"
    without = f"have the rest written anew without {them}"
    if is_new:
        without = f"leave {them} out"
    rest = f"{without}; or, where one is to be listed all the same, {again}"
    these = _these(selectors, is_alone=is_alone)
    then = f"{these} taken off the list; {again if is_alone else rest}"
    _refuse_all(session, seals, selectors, then)


def _these(selectors: Collection[Canonical], *, is_alone: bool) -> str:
    many = len(selectors)
    of_more = f"{many} of these selectors {'was' if many == 1 else 'were'}"
    return "this selector was" if is_alone else of_more


def _refuse_all(
    session: Session, seals: Seals, selectors: Collection[Canonical], sentence: str
) -> Never:
    in_order = sorted(selectors, key=lambda one: (one.kind, one.text))
    named = [_named(session, seals, one) for one in in_order[:_MOST_NAMED]]
    raise FormRefused(sentence, rows=named, many=len(selectors))


def _named(session: Session, seals: Seals, selector: Canonical) -> RefusedRow:
    known = first_change(session, seals, selector)
    path = None if known is None else f"/selectors/{known.id}"
    return RefusedRow(f"{selector.kind.value} {selector.masked()}", path)

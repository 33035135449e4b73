"""What keeps off, as the indexer has told it: safety lists, and retractions made there by hand.

What these cover is not listed, whatever an entry says.

The indexer decides. What is known here is as old as the last up file, and is for those who would
sign what comes back.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NamedTuple
from uuid import uuid4

import msgspec
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from intelligence.curation.tables import (
    ChangeRow,
    ChangeSet,
    ChangeState,
    PassedOverRow,
    SafetyListsRow,
)
from intelligence.errors import Undecipherable
from intelligence.store.base import Number
from intelligence.store.sealing import Seals
from screening.exclusions.matcher import Exclusions
from screening.exclusions.rules import Rule, parse_row
from screening.spools.changes import Retract
from screening.spools.exclusions_told import ExclusionsTold, ToldRule, ToldTakenOff
from screening.spools.spelling import spell
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.selector import Canonical, SelectorKind

IS_APPLIED: Final = ChangeSet.state == ChangeState.APPLIED
LAST_DECIDED: Final = func.max(ChangeSet.decided_at, type_=Number)
"""When one of some was decided last (Unix seconds): 0, before all, by what is no time."""
_KIND: Final = "exclusions"
"""Of the up files that tell this."""
_FEW: Final = 1_000
"""Terms that a query looks for; where there are more it reads all retractions since the first."""


class _Kept(ExclusionsTold, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What was told last, and whom it may have left out: `earlier` stand as they were told then."""

    earlier: tuple[ToldTakenOff, ...] = ()


class Known:
    """Rules in force, less the selectors that none keeps off, and whom hands have taken off."""

    def __init__(self, told: _Kept) -> None:
        self._excluding = Exclusions(rule for rule in map(_parsed, told.rules) if rule is not None)
        self._excepted = {(one.kind, one.canonical) for one in told.overrides}
        self.taken_off: Mapping[Canonical, int] = {
            Canonical(SelectorKind(one.kind), one.canonical): int(one.at.timestamp())
            for one in (*told.earlier, *told.taken_off)
        }
        """Since when (Unix seconds) each of them is."""
        self.left_out = told.left_out
        """How many earlier ones the indexer did not name."""

    def find(self, selector: Canonical) -> Rule | None:
        """Return the rule that keeps a selector off, None where it may be listed."""
        return None if self._is_excepted(selector) else self._excluding.find(selector)

    def is_settled(self, selector: Canonical) -> bool:
        """Tell whether a new rule changes nothing of a selector: it is off, or no rule counts."""
        is_off = selector in self.taken_off or self._excluding.find(selector) is not None
        return is_off or self._is_excepted(selector)

    def _is_excepted(self, selector: Canonical) -> bool:
        return (selector.kind.value, selector.text) in self._excepted


class KeptOff(NamedTuple):
    """Whom hands keep off, and since when (Unix seconds); more of them were `left_out` untold.

    Where it `is_unread`, something was told that does not open: of whom, nobody here knows.
    """

    taken_off: Mapping[Canonical, int]
    left_out: int
    is_unread: bool


class OfHands(NamedTuple):
    """Whom hands have taken off since the telling before, and whom they take off no more.

    With each is the moment (Unix seconds) at which they did.
    """

    begun: Mapping[Canonical, int]
    ended: Mapping[Canonical, int]


def keep_told(session: Session, seals: Seals, told: ExclusionsTold) -> OfHands:
    """Keep what was told in the place of what was before; return what hands did in between.

    Where that of before does not open, all that is told counts as done since.
    """
    before = all_taken_off(session, seals)
    earlier = _left_out(told, taken_off_of(session, seals))
    kept = _Kept(**msgspec.structs.asdict(told), earlier=earlier)
    after = Known(kept).taken_off
    session.execute(delete(SafetyListsRow))
    row = SafetyListsRow(id=uuid4(), told_at=int(told.written_at.timestamp()))
    row.told = seals.seal(row, "told", spell(kept))
    session.add(row)
    begun = {one: at for one, at in after.items() if before.get(one) != at}
    return OfHands(begun, {one: at for one, at in before.items() if one not in after})


def _left_out(told: ExclusionsTold, off: Mapping[Canonical, int]) -> tuple[ToldTakenOff, ...]:
    """Return who was `off` before this telling, and may be among those that it leaves out.

    The latest are told. So whom hands took off after the first of these and who is missing is kept
    off by them no more; of who was taken off before nobody here knows.
    """
    if not told.left_out:
        return ()
    first = min(int(one.at.timestamp()) for one in told.taken_off)
    named = {(one.kind, one.canonical) for one in told.taken_off}
    return tuple(
        ToldTakenOff(one.kind.value, one.text, datetime.fromtimestamp(at, UTC))
        for one, at in off.items()
        if at <= first and (one.kind.value, one.text) not in named
    )


def kept_off(session: Session, seals: Seals) -> KeptOff:
    """Return whom hands keep off, of a telling that is read once."""
    row = _find_row(session)
    told = _opened(seals, row)
    if told is None:
        return KeptOff({}, 0, is_unread=row is not None)
    known = _known(told)
    return KeptOff(_off_still(session, seals, known.taken_off), known.left_out, is_unread=False)


def is_unread(session: Session, seals: Seals) -> bool:
    """Tell whether something was told that does not open: what keeps off nobody here knows."""
    row = _find_row(session)
    return row is not None and _opened(seals, row) is None


def is_outdated(session: Session) -> bool:
    """Tell whether a later telling was lost, or could not be read, and none has come since.

    By that, hands may keep off others by now than are known here.
    """
    return session.get(PassedOverRow, _KIND) is not None


def all_taken_off(session: Session, seals: Seals) -> Mapping[Canonical, int]:
    """Return whom the indexer has named as taken off by hand, and since when (Unix seconds).

    Whom they keep off by now `taken_off_of` says.
    """
    known = find_known(session, seals)
    return {} if known is None else known.taken_off


def find_taken_off_at(session: Session, seals: Seals, selector: Canonical) -> int | None:
    """Return since when (Unix seconds) hands keep a selector off, None where they do not."""
    return taken_off_of(session, seals, [selector]).get(selector)


def taken_off_of(
    session: Session,
    seals: Seals,
    selectors: Iterable[Canonical] | None = None,
    *,
    ending: ColumnElement[bool] = IS_APPLIED,
) -> Mapping[Canonical, int]:
    """Return those of selectors that hands keep off, all where none are given, and since when.

    Nor do they once it was taken off here since, by one of the change sets that are `ending`: with
    its entries gone it is off by that, and the next telling says so. One query asks for all.
    """
    told = all_taken_off(session, seals)
    named = told if selectors is None else {one: told[one] for one in selectors if one in told}
    return _off_still(session, seals, named, ending=ending)


def _off_still(
    session: Session,
    seals: Seals,
    named: Mapping[Canonical, int],
    *,
    ending: ColumnElement[bool] = IS_APPLIED,
) -> Mapping[Canonical, int]:
    """Return those of whom hands have taken off that they keep off, as `taken_off_of` says."""
    if not named:
        return {}
    by_term = {(one.kind.value, term): one for one in named for term in seals.terms(ChangeRow, one)}
    decided = (
        select(ChangeRow.kind, ChangeRow.canonical_term, LAST_DECIDED)
        .join(ChangeSet, ChangeSet.id == ChangeRow.change_set_id)
        .where(
            ChangeRow.operation == Retract.__name__,
            ChangeSet.decided_at >= min(named.values()),
            ending,
        )
        .group_by(ChangeRow.kind, ChangeRow.canonical_term)
    )
    if len(by_term) <= _FEW:
        decided = decided.where(ChangeRow.canonical_term.in_({term for _, term in by_term}))
    over = set[Canonical]()
    for kind, term, at in session.execute(decided):
        selector = by_term.get((kind, term))
        if selector is not None and at is not None and at >= named[selector]:
            over.add(selector)
    return {one: at for one, at in named.items() if one not in over}


def find_known(session: Session, seals: Seals) -> Known | None:
    """Return what keeps off, as told last; None before anything was, or where it does not open."""
    told = _find_bytes(session, seals)
    return None if told is None else _known(told)


def find_told(session: Session, seals: Seals) -> ExclusionsTold | None:
    """Return what was told last, None before anything was, or where it does not open."""
    told = _find_bytes(session, seals)
    return None if told is None else msgspec.json.decode(told, type=_Kept)


def find_rule(session: Session, seals: Seals, selector: Canonical) -> Rule | None:
    """Return the rule that keeps a selector off, as far as that is known here."""
    return find_rules(session, seals, [selector]).get(selector)


def find_listable(session: Session, seals: Seals, selectors: Iterable[Canonical]) -> set[Canonical]:
    """Return those that no rule keeps off: none where the rules that were told do not open."""
    known = find_known(session, seals)
    if known is None:
        return set() if is_unread(session, seals) else set(selectors)
    return {one for one in selectors if known.find(one) is None}


def find_rules(
    session: Session, seals: Seals, selectors: Iterable[Canonical]
) -> Mapping[Canonical, Rule]:
    """Return the rules that keep selectors off, as far as they are known here."""
    known = find_known(session, seals)
    if known is None:
        return {}
    found = ((one, known.find(one)) for one in selectors)
    return {one: rule for one, rule in found if rule is not None}


def find_settled(session: Session, seals: Seals, selectors: Iterable[Canonical]) -> set[Canonical]:
    """Return those of selectors that a new rule changes nothing of, as far as that is known."""
    known = find_known(session, seals)
    return set() if known is None else set(filter(known.is_settled, selectors))


def _find_bytes(session: Session, seals: Seals) -> bytes | None:
    return _opened(seals, _find_row(session))


def _find_row(session: Session) -> SafetyListsRow | None:
    return session.scalars(select(SafetyListsRow).limit(1)).one_or_none()


def _opened(seals: Seals, row: SafetyListsRow | None) -> bytes | None:
    try:
        return None if row is None else seals.open(row, "told") or None
    except Undecipherable:
        return None


@lru_cache(maxsize=1)
def _known(told: bytes) -> Known:
    """Return the matcher of what was told: made once for each telling, and not for each page."""
    return Known(msgspec.json.decode(told, type=_Kept))


def _parsed(told: ToldRule) -> Rule | None:
    """Return a rule, None of one that this version would spell otherwise, and cannot judge by."""
    row = (told.kind, told.match, told.value, told.category, told.note, told.source)
    try:
        return parse_row(row)
    except OperatorError:
        return None

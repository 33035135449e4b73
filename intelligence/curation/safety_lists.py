"""The safety lists as the indexer has told them: what is never listed, whatever an entry says.

The indexer decides. What is known here is as old as the last up file, and is for those who would
sign what comes back.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from uuid import uuid4

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from intelligence.curation.sealing import Seals
from intelligence.curation.tables import EntryRow, SafetyListsRow
from intelligence.errors import Undecipherable
from screening.exclusions.matcher import Exclusions
from screening.exclusions.rules import Rule, parse_row
from screening.spools.exclusions_told import ExclusionsTold, ToldRule
from screening.spools.spelling import spell
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.selector import Canonical, SelectorKind

MOST_COUNTED = 50_000
"""Entries that are opened to tell how many a new rule would keep off: about half a second."""


class Known:
    """Rules in force, less the selectors that none keeps off."""

    def __init__(self, told: ExclusionsTold) -> None:
        self._excluding = Exclusions(rule for rule in map(_parsed, told.rules) if rule is not None)
        self._excepted = {(one.kind, one.canonical) for one in told.overrides}

    def find(self, selector: Canonical) -> Rule | None:
        """Return the rule that keeps a selector off, None where it may be listed."""
        is_excepted = (selector.kind.value, selector.text) in self._excepted
        return None if is_excepted else self._excluding.find(selector)


def keep_told(session: Session, seals: Seals, told: ExclusionsTold) -> None:
    """Keep what was told in the place of what was before."""
    session.execute(delete(SafetyListsRow))
    row = SafetyListsRow(id=uuid4(), told_at=int(told.written_at.timestamp()))
    row.told = seals.seal(row, "told", spell(told))
    session.add(row)


def find_told(session: Session, seals: Seals) -> ExclusionsTold | None:
    """Return what was told last, None before anything was, or where it does not open."""
    told = _find_bytes(session, seals)
    return None if told is None else msgspec.json.decode(told, type=ExclusionsTold)


def find_rule(session: Session, seals: Seals, selector: Canonical) -> Rule | None:
    """Return the rule that keeps a selector off, as far as that is known here."""
    return find_rules(session, seals, [selector]).get(selector)


def find_rules(
    session: Session, seals: Seals, selectors: Iterable[Canonical]
) -> Mapping[Canonical, Rule]:
    """Return the rules that keep selectors off, as far as they are known here."""
    told = _find_bytes(session, seals)
    if told is None:
        return {}
    known = _known(told)
    found = ((one, known.find(one)) for one in selectors)
    return {one: rule for one, rule in found if rule is not None}


def count_kept_off(session: Session, seals: Seals, rule: Rule) -> tuple[int, bool]:
    """Return how many selectors with open entries a rule covers, and whether all were counted."""
    chosen = select(EntryRow).where(
        EntryRow.kind == rule.kind.value, EntryRow.ended_by.is_(None), EntryRow.role != "victim"
    )
    covering, found, looked_at = Exclusions([rule]), set(), 0
    for row in session.scalars(chosen.order_by(EntryRow.id).limit(MOST_COUNTED)):
        looked_at += 1
        selector = Canonical(SelectorKind(row.kind), seals.text(row, "canonical"))
        if covering.find(selector) is not None:
            found.add(selector)
    return len(found), looked_at < MOST_COUNTED


def _find_bytes(session: Session, seals: Seals) -> bytes | None:
    row = session.scalars(select(SafetyListsRow).limit(1)).one_or_none()
    try:
        return None if row is None else seals.open(row, "told")
    except Undecipherable:
        return None


@lru_cache(maxsize=1)
def _known(told: bytes) -> Known:
    """Return the matcher of what was told: made once for each telling, and not for each page."""
    return Known(msgspec.json.decode(told, type=ExclusionsTold))


def _parsed(told: ToldRule) -> Rule | None:
    """Return a rule, None of one that this version would spell otherwise, and cannot judge by."""
    row = (told.kind, told.match, told.value, told.category, told.note, told.source)
    try:
        return parse_row(row)
    except OperatorError:
        return None

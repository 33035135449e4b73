"""Two organisations at work on one selector: each is told that there is another, and no more."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final, TypeAlias

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from intelligence.curation.entries import Entries
from intelligence.disclosure.tables import DisclosureRow, MapRow
from intelligence.disclosure.withholding import to_disclose_of_each
from intelligence.staff.accounts import acting, plain
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.store.database import Database
from intelligence.store.sealing import Seals
from screening.vocabulary.selector import Canonical
from screening.vocabulary.unix_time import DAY_S

WORKS_ON_S: Final = 180 * DAY_S
"""For so long an organisation that was shown an entry counts as working on it."""
_MOST_CASES: Final = 100
_AT_A_TIME: Final = 100
"""Selectors that are asked for together: as many as there may be cases to tell."""


Key: TypeAlias = tuple[str, bytes]
"""Kind and term by which a selector is found in the map."""
_Case: TypeAlias = tuple[DisclosureRow, MapRow]
"""A disclosure of one's own, and of what it is."""


def keys_of(seals: Seals, selector: Canonical) -> list[Key]:
    """Return by what a selector is found: several while keys are being replaced."""
    return [(selector.kind.value, term) for term in seals.terms(MapRow, selector)]


def at_work(session: Session, keys: Iterable[Key], *, now: float) -> Mapping[Key, Set[str]]:
    """Return the organisations that were shown what is found by each of these, asked together."""
    shown = (
        select(MapRow.kind, MapRow.canonical_term, DisclosureRow.organisation)
        .join(DisclosureRow, DisclosureRow.map_id == MapRow.id)
        .where(
            MapRow.canonical_term.in_({term for _, term in keys}),
            DisclosureRow.at > int(now) - WORKS_ON_S,
        )
    )
    found = defaultdict[Key, set[str]](set)
    for kind, term, organisation in session.execute(shown.distinct()):
        if organisation is not None:
            found[kind, term].add(organisation)
    return found


def others_work_on(
    keys: Iterable[Key], working: Mapping[Key, Set[str]], *, organisation: str
) -> bool:
    """Tell whether another organisation than this one is at work on a selector of these keys."""
    own = plain(organisation)
    return any(plain(one) != own for key in keys for one in working.get(key, ()))


@dataclass(frozen=True, slots=True)
class SharedCase:
    """A disclosure of one's own; another organisation works on the same selector."""

    receipt: str
    case_number: str
    at: int


@dataclass(frozen=True, slots=True)
class Deconfliction:
    """Tells those who belong to an organisation; colleagues of the list's keeper are none."""

    database: Database
    seals: Seals
    clock: Callable[[], float]

    def shared_cases(self, who: SignedIn) -> Sequence[SharedCase]:
        """Return which of one's own last disclosures are shared, the newest first.

        None of what would not be disclosed any more.
        """
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            if not privileges.may(Verb.ADD, RecordType.DISCLOSURE):
                return []
            cases: list[SharedCase] = []
            keys = [(kind, term) for kind, term in session.execute(self._selectors(who))]
            for some in _parted(keys):
                found = self._shared(session, self._cases(session, who, some))
                for key in some:
                    if len(cases) < _MOST_CASES:
                        cases += self._told(found.get(key, ()))
                if len(cases) >= _MOST_CASES:
                    break
        return sorted(cases, key=lambda one: -one.at)[:_MOST_CASES]

    def _own(self, who: SignedIn) -> Select[DisclosureRow, MapRow]:
        """Return what chooses one's own disclosures that count, the newest first."""
        return (
            select(DisclosureRow, MapRow)
            .join(MapRow, MapRow.id == DisclosureRow.map_id)
            .where(
                DisclosureRow.account_id == who.account_id,
                DisclosureRow.organisation.is_not(None),
                DisclosureRow.at > int(self.clock()) - WORKS_ON_S,
            )
            .order_by(DisclosureRow.at.desc())
        )

    def _selectors(self, who: SignedIn) -> Select[str, bytes]:
        """Return what chooses the selectors of these that were disclosed to others, too.

        Each once, however often one looked at it: what is looked at often hides nothing else.
        """
        other, of_other = aliased(DisclosureRow), aliased(MapRow)
        by_other = exists().where(
            other.map_id == of_other.id,
            of_other.kind == MapRow.kind,
            of_other.canonical_term == MapRow.canonical_term,
            other.organisation != DisclosureRow.organisation,
            other.at > int(self.clock()) - WORKS_ON_S,
        )
        return (
            self._own(who)
            .where(by_other)
            .with_only_columns(MapRow.kind, MapRow.canonical_term)
            .group_by(MapRow.kind, MapRow.canonical_term)
            .order_by(None)
            .order_by(func.max(DisclosureRow.at).desc())
        )

    def _cases(
        self, session: Session, who: SignedIn, keys: Sequence[Key]
    ) -> Mapping[Key, Sequence[_Case]]:
        """Return the last of one's own disclosures of each of some selectors, the newest first."""
        place = func.row_number().over(
            partition_by=(MapRow.kind, MapRow.canonical_term), order_by=DisclosureRow.at.desc()
        )
        newest = (
            self._own(who)
            .where(MapRow.canonical_term.in_({term for _, term in keys}))
            .with_only_columns(DisclosureRow.id, place.label("place"), maintain_column_froms=True)
            .order_by(None)
            .subquery()
        )
        chosen = self._own(who).join(
            newest, (newest.c.id == DisclosureRow.id) & (newest.c.place <= _MOST_CASES)
        )
        found = defaultdict[Key, list[_Case]](list)
        for row, of in session.execute(chosen):
            # What was changed in the database may be a case of somebody else.
            if self.seals.holds(row):
                found[of.kind, of.canonical_term].append((row, of))
        return found

    def _shared(
        self, session: Session, cases: Mapping[Key, Sequence[_Case]]
    ) -> Mapping[Key, Sequence[_Case]]:
        """Return those of selectors on which another organisation works, and that are disclosed."""
        last = {key: those[0] for key, those in cases.items()}
        selectors = {key: self.seals.find_selector(of) for key, (_, of) in last.items()}
        known = {one for one in selectors.values() if one is not None}
        said = Entries(session, self.seals).said_of_each(known)
        disclosed = to_disclose_of_each(session, self.seals, said)
        found_by = {
            # What does not open is still found by what finds it.
            key: [key] if one is None else keys_of(self.seals, one)
            for key, one in selectors.items()
            if one is None or disclosed[one]
        }
        every = {key for keys in found_by.values() for key in keys}
        working = at_work(session, every, now=self.clock())
        return {
            key: cases[key]
            for key, keys in found_by.items()
            if others_work_on(keys, working, organisation=last[key][0].organisation or "")
        }

    def _told(self, cases: Iterable[_Case]) -> Iterable[SharedCase]:
        """Return what is told of cases of one selector, each once."""
        found: dict[tuple[str, str], SharedCase] = {}
        for row, _ in cases:
            case_number = self.seals.legible(row, "case_number")
            found.setdefault(
                (row.receipt, case_number), SharedCase(row.receipt, case_number, row.at)
            )
        return found.values()


def _parted(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    return (keys[start : start + _AT_A_TIME] for start in range(0, len(keys), _AT_A_TIME))

"""A list from before this console, as the indexer tells it: taken over as it is in force.

It becomes version 0, the one that the first file here is reckoned from. Nothing leaves for it: it
is in force already, and nobody has signed it here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from intelligence.curation.left_files import has_own_list
from intelligence.curation.tables import (
    ADOPTED,
    ChangeRow,
    ChangeSet,
    ChangeState,
    Concern,
    EntryRow,
    ExportRow,
    ExportState,
)
from intelligence.spool.withdrawal import withdraw
from intelligence.spool_keys import Peers
from intelligence.store.sealing import Seals
from screening.spools.changes import Add, Retract
from screening.spools.export import FIRST_PREVIOUS
from screening.spools.folder import SpoolFolder
from screening.spools.sealed_file import Place, open_file
from screening.spools.spelling import spell
from screening.spools.statements import PRODUCT_BYTES, StatementSet
from screening.spools.up_file import parse_up_content
from screening.spools.whole_list import ListedStatement, ListPart, TakenOff
from screening.vocabulary.errors import OperatorError, SpoolRefused
from screening.vocabulary.selector import Canonical, SelectorKind

_NOT_WHOLE: Final = (
    "no whole list was told; run indexer spool list on its host, and bring all its up files"
)


@dataclass(frozen=True, slots=True)
class Adopted:
    """How much was taken over."""

    statements: int
    taken_off: int


def find_parts(up: SpoolFolder, peers: Peers) -> Iterator[ListPart]:
    """Yield the parts of the list that was told last, one in memory at a time.

    Raises `OperatorError` where it is not whole.
    """
    found: list[int] = []
    parts = 0
    for sequence in up.sequences():
        part = _find_part(up, peers, sequence)
        if part is None:
            continue
        if part.part == 1:
            found, parts = [], part.parts
        if (part.part, part.parts) == (len(found) + 1, parts):
            found.append(sequence)
    if not found or len(found) != parts:
        raise OperatorError(_NOT_WHOLE)
    for sequence in found:
        part = _find_part(up, peers, sequence)
        if part is None:
            raise OperatorError(_NOT_WHOLE)
        yield part


def _find_part(up: SpoolFolder, peers: Peers, sequence: int) -> ListPart | None:
    document = up.find(sequence)
    if document is None:
        return None
    try:
        place = Place(peers.deployment, "up", sequence)
        told = parse_up_content(open_file(document, place, by=peers.indexer, to=peers.console))
    except SpoolRefused:
        return None
    return told if isinstance(told, ListPart) else None


@dataclass(frozen=True, slots=True)
class Adopting:
    """Takes a list over, in a transaction of the caller's; `author_id` answers for it here."""

    session: Session
    seals: Seals
    author_id: UUID
    now: int

    def take(self, parts: Iterator[ListPart]) -> Adopted:
        """Take over what the parts say, in the place of what was taken over before.

        Raises `OperatorError` where a file of this console is in force, or they say another list
        than they name.
        """
        self._clear()
        row = ExportRow(sequence=ADOPTED, sha256=FIRST_PREVIOUS, state=ExportState.APPLIED)
        row.written_at = row.told_at = self.now
        row.statements, row.product = 0, b""
        self.session.add(row)
        self.session.flush()
        known, taken_off, turn = StatementSet(), 0, self._first_turn()
        for place, part in enumerate(parts):
            change_set = self._change_set(turn - place)
            self._begin(change_set, part.statements)
            self._end(change_set, part.taken_off)
            known = known.changed(begun=[one.line() for one in part.statements])
            taken_off += len(part.taken_off)
            result = part.result
        if known.result() != result:
            raise OperatorError("these files say another list than they name; tell it anew")
        row = self.session.get_one(ExportRow, ADOPTED)
        row.statements, row.product = known.statements, known.product.to_bytes(PRODUCT_BYTES, "big")
        return Adopted(known.statements, taken_off)

    def _clear(self) -> None:
        if has_own_list(self.session):
            raise OperatorError(
                "files of this console are in force, and it goes on from its own list; where the "
                "indexer holds another, see drifted in the operations guide"
            )
        withdraw(self.session, self.seals, ADOPTED + 1)
        of_it = select(ChangeSet.id).where(ChangeSet.export_sequence == ADOPTED)
        self.session.execute(delete(EntryRow).where(EntryRow.begun_by == ADOPTED))
        self.session.execute(delete(ChangeRow).where(ChangeRow.change_set_id.in_(of_it)))
        self.session.execute(delete(ChangeSet).where(ChangeSet.export_sequence == ADOPTED))
        self.session.execute(delete(ExportRow).where(ExportRow.sequence == ADOPTED))

    def _first_turn(self) -> int:
        """Return a turn before all that were given."""
        first = self.session.scalar(select(func.min(ChangeSet.turn)))
        return 0 if first is None else min(0, first - 1)

    def _change_set(self, turn: int) -> ChangeSet:
        row = ChangeSet(
            id=uuid4(),
            concerns=Concern.LIST,
            state=ChangeState.APPLIED,
            author_id=self.author_id,
            created_at=self.now,
            decided_by=self.author_id,
            decided_at=self.now,
            turn=turn,
            export_sequence=ADOPTED,
        )
        self.session.add(row)
        self.session.flush()
        return row

    def _begin(self, change_set: ChangeSet, statements: Sequence[ListedStatement]) -> None:
        for one in statements:
            selector = Canonical(SelectorKind(one.kind), one.canonical)
            row = EntryRow(
                id=uuid4(),
                kind=one.kind,
                canonical_term=self.seals.term(EntryRow, selector),
                list=one.list,
                source=one.source,
                role=one.role,
                confidence=one.confidence,
                jurisdictions=" ".join(one.jurisdictions),
                first_seen=one.first_seen,
                last_seen=one.last_seen,
                review_by=one.review_by,
                expires_at=one.expires_at,
                change_set_id=change_set.id,
                begun_by=ADOPTED,
            )
            row.canonical = self.seals.seal(row, "canonical", one.canonical.encode())
            row.reason = self.seals.seal(row, "reason", one.reason.encode())
            self.seals.bind(row)
            self.session.add_all([row, self._operation(change_set, _addition(one))])
        self.session.flush()
        self.session.expunge_all()  # a million rows are not kept in memory

    def _end(self, change_set: ChangeSet, taken_off: Sequence[TakenOff]) -> None:
        for one in taken_off:
            reason = one.reason or "taken off before this console"
            change = Retract(one.kind, one.canonical, reason)
            self.session.add(self._operation(change_set, change))
        self.session.flush()
        self.session.expunge_all()

    def _operation(self, change_set: ChangeSet, change: Add | Retract) -> ChangeRow:
        selector = Canonical(SelectorKind(change.kind), change.canonical)
        row = ChangeRow(
            id=uuid4(),
            change_set_id=change_set.id,
            operation=type(change).__name__,
            kind=change.kind,
            canonical_term=self.seals.term(ChangeRow, selector),
        )
        row.canonical = self.seals.seal(row, "canonical", change.canonical.encode())
        row.said = self.seals.seal(row, "said", spell(change))
        return row


def _addition(one: ListedStatement) -> Add:
    """Return the operation that would say it: days in the place of moments, as forms have them."""
    last_seen = _moment(one.last_seen)
    return Add(
        kind=one.kind,
        canonical=one.canonical,
        list=one.list,
        source=one.source,
        role=one.role,
        reason=one.reason,
        confidence=one.confidence,
        jurisdictions=sorted(set(one.jurisdictions)),
        first_seen=min(_moment(one.first_seen), last_seen).date(),
        last_seen=last_seen.date(),
        review_by=None if one.review_by is None else _moment(one.review_by).date(),
        expires_at=None if one.expires_at is None else _moment(one.expires_at),
    )


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)

"""What comes up the spool beside acknowledgements: the map, and the records of matches.

A match becomes a sighting once a private half here opens it and the map tells of which selector it
is, whichever comes first. Of a selector that was taken off the list there are none.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import exists, insert, select
from sqlalchemy.orm import Session

from intelligence.curation.safety_lists import is_outdated
from intelligence.disclosure.feedback import keep_feedback
from intelligence.disclosure.forgetting import Forgetting, TakenOffBy, find_taken_off_by
from intelligence.disclosure.tables import OPENED, MapRow, MatchRow, MatchState, RecordRow
from intelligence.journal import CONSOLE, INDEXER, Journal
from intelligence.store.sealing import Seals
from screening.disclosure.boxes import SealedKey
from screening.disclosure.opening import Opener
from screening.ledger.accesses import Access
from screening.ledger.match_records import parse_match_record, parse_said_record
from screening.spools.index_map import MapEntry, MapPart
from screening.spools.match_records import MatchRecords
from screening.vocabulary.selector import Canonical, SelectorKind

_AT_A_TIME: Final = 500
_MOST_PASSED_BY: Final = 5_000
"""So many rows of the map, whose matches go on waiting, are passed by in one turn; a query takes no
list without end."""
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""So much a host's clock may be ahead of the indexer's."""

ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Takes up what was told, each file in the transaction in which it is noted as read."""

    seals: Seals
    opener: Opener
    journal: Journal

    def hear(self, session: Session, told: MapPart | MatchRecords) -> None:
        """Take up one file."""
        if isinstance(told, MatchRecords):
            self._hear_records(session, told)
        elif told.ended:
            self.journal.record(INDEXER, "token key ended", key_id=told.key_id)
        else:
            self._hear_map(session, told)

    def open_sealed(self, session: Session) -> None:
        """Open what nobody here could open before: another private half may have come."""
        opened = (
            select(MatchRow, RecordRow)
            .join(RecordRow, RecordRow.id == MatchRow.record_id)
            .where(MatchRow.state == MatchState.SEALED, RecordRow.sealed_to.in_(self.opener.ids))
        )
        while found := session.execute(opened.limit(_AT_A_TIME)).all():
            for match, record in found:
                self._open(match, record)
            session.flush()
            self._contest(session, {record.receipt for _, record in found})
        self._take_up(session)

    def forget(self, session: Session, sequence: int) -> None:
        """Delete the sightings of what a down file that is in force has taken off the list.

        And have nobody follow whom it protects.
        """
        self._forgetting.of_file(session, sequence)
        if is_outdated(session):  # hands alone kept off whom it has taken off, and that may be over
            self._take_up(session)

    def forget_by_hand(
        self, session: Session, begun: Mapping[Canonical, int], ended: Mapping[Canonical, int]
    ) -> None:
        """Delete the sightings of what hands have taken off; the time of each is in Unix seconds.

        Of whom they take off no more it is put on record. What waited to hear of it waits no more.
        """
        self._forgetting.of_hands(session, begun, ended)
        self._take_up(session, is_told=True)

    @property
    def _forgetting(self) -> Forgetting:
        return Forgetting(self.seals, self.journal)

    def _hear_map(self, session: Session, told: MapPart) -> None:
        new = 0
        for entries in _chunks(told.entries):
            by_digest = {bytes.fromhex(one.digest): one for one in entries}
            chosen = select(MapRow.digest).where(MapRow.digest.in_(list(by_digest)))
            for digest in session.scalars(chosen).all():
                del by_digest[digest]
            rows = [self._map_row(told.key_id, *one) for one in by_digest.items()]
            if rows:
                # Without the session's book-keeping: a large part takes two thirds of the time.
                session.execute(insert(MapRow), rows)
            new += len(rows)
        self.journal.record(INDEXER, "map told", key_id=told.key_id, entries=new)
        self._take_up(session)

    def _map_row(self, key_id: str, digest: bytes, entry: MapEntry) -> dict[str, object]:
        selector = Canonical(SelectorKind(entry.kind), entry.canonical)
        columns = {"id": uuid4(), "digest": digest, "key_id": key_id, "kind": entry.kind}
        row = MapRow(**columns)
        row.canonical = self.seals.seal(row, "canonical", selector.text.encode())
        self.seals.bind(row)
        return {
            **columns,
            "canonical": row.canonical,
            "canonical_term": self.seals.term(MapRow, selector),
            "bound": row.bound,
        }

    def _hear_records(self, session: Session, told: MatchRecords) -> None:
        new = said = unread = 0
        for payloads in _chunks(told.records):
            found = [parse_match_record(one) for one in payloads]
            accesses = {one.receipt: one for one in found if one is not None}
            # One of a time to come would be the latest for ever.
            said_by = told.written_at + _CLOCKS_DIFFER
            parsed = map(parse_said_record, payloads)
            given = [one for one in parsed if one is not None and one.at <= said_by]
            keep_feedback(session, given, told.log)
            said += len(given)
            unread += len(payloads) - len(accesses) - len(given)
            for receipt in accesses.keys() - self._told_before(session, accesses, told.log):
                self._add(session, accesses[receipt], told)
                new += 1
            session.flush()
        counts = {"records": new, "unread": unread, "feedback": said}
        self.journal.record(INDEXER, "matches told", log=told.log, **counts)
        self.open_sealed(session)

    def _told_before(self, session: Session, accesses: Mapping[str, Access], log: str) -> set[str]:
        """Return the receipts of which this log has told, or another one just the same.

        Of those of which another tells differently there will be two records, which is on record.
        """
        chosen = select(RecordRow).where(RecordRow.receipt.in_(list(accesses)))
        told: set[str] = set()
        others: dict[str, list[str]] = {}
        for row in session.scalars(chosen).all():
            if row.log == log or _is_same(session, row, accesses[row.receipt]):
                if not row.log:
                    self.seals.alter(row, log=log)
                told.add(row.receipt)
            else:
                others.setdefault(row.receipt, []).append(row.log)
        for receipt in others.keys() - told:
            logs = [*others[receipt], log]
            self.journal.record(INDEXER, "receipt told twice", receipt=receipt, logs=logs)
        return told

    def _contest(self, session: Session, receipts: Collection[str]) -> None:
        """Mark the records of a receipt that open, where it is more than one: one is not true.

        They stay so: which of them a retraction leaves is not for it to say.
        """
        opens = exists().where(MatchRow.record_id == RecordRow.id, MatchRow.state.in_(OPENED))
        opened: dict[str, list[RecordRow]] = {}
        chosen = select(RecordRow).where(RecordRow.receipt.in_(receipts), opens)
        for row in session.scalars(chosen).all():
            opened.setdefault(row.receipt, []).append(row)
        for rows in opened.values():
            for row in rows:
                if len(rows) > 1 and not row.is_contested:
                    self.seals.alter(row, is_contested=True)

    def _add(self, session: Session, access: Access, told: MatchRecords) -> None:
        if access.sealed is None:
            return
        record = RecordRow(
            id=uuid4(),
            receipt=access.receipt,
            log=told.log,
            is_contested=False,
            at=int(access.at.timestamp()),
            partner=access.partner,
            key_id=access.key_id,
            generation=access.generation,
            sealed_to=access.sealed.to,
            sealed_key=access.sealed.key,
            sealed_number=access.sealed.number,
            told_in=told.sequence,
        )
        self.seals.bind(record)
        session.add(record)
        session.flush()  # its matches refer to it
        for row, box in access.matches.items():
            match = MatchRow(
                id=uuid4(), record_id=record.id, row=int(row), box=box, state=MatchState.SEALED
            )
            self.seals.bind(match)
            session.add(match)

    def _open(self, match: MatchRow, record: RecordRow) -> None:
        key = SealedKey(record.sealed_to, record.sealed_key, record.sealed_number)
        spelled, states = (str(match.row), match.box), (record.key_id, record.generation)
        opened = self.opener.open_row(key, record.receipt, spelled, states)
        if opened is None:
            self.seals.alter(match, state=MatchState.DAMAGED)
            self.journal.record(
                INDEXER, "match not opened", receipt=f"{record.receipt}.{match.row}"
            )
        else:
            told = {"digest": opened.digest, "booking_region": opened.booking_region}
            self.seals.alter(match, state=MatchState.WAITING, **told)

    def _take_up(self, session: Session, *, is_told: bool = False) -> None:
        """Have matches that wait and are of a selector that is known be sightings.

        By a retraction that is in force, or made by hand, they are deleted: one that is only
        decided may be taken back, and what is deleted comes never again. So a match of whom hands
        keep off goes on waiting while a later telling of that is lost, for they may have lifted
        it, until it `is_told` anew. So does one of a selector that does not open, for nobody can
        tell whether it is retracted. Both are on record.
        """
        known = (
            select(MatchRow, MapRow)
            .join(MapRow, MapRow.digest == MatchRow.digest)
            .where(MatchRow.state == MatchState.WAITING)
        )
        gone = _Gone(session, self.seals, may_be_over=not is_told and is_outdated(session))
        unread, untold = set[UUID](), set[UUID]()
        while len(passed := unread | untold) <= _MOST_PASSED_BY:
            of_others = known.where(MapRow.id.not_in(passed)) if passed else known
            found = session.execute(of_others.limit(_AT_A_TIME)).all()
            if not found:
                break
            for match, row in found:
                selector = self.seals.find_selector(row)
                if selector is None:
                    unread.add(row.id)
                elif gone.is_untold(selector):
                    untold.add(row.id)
                else:
                    self.seals.alter(match, state=MatchState.SIGHTING, map_id=row.id)
            session.flush()
        if passed:
            facts = {"selectors": len(unread), "until_told": len(untold)}
            self.journal.record(CONSOLE, "matches not taken up", **facts)
        for selector, by in gone.known():
            self._forgetting.of_selector(session, selector, by)


class _Gone:
    """Which selectors are off and by what, each looked up once.

    By hands it `may_be_over` where a telling was lost: nobody here knows then.
    """

    def __init__(self, session: Session, seals: Seals, *, may_be_over: bool) -> None:
        self._session, self._seals, self._may_be_over = session, seals, may_be_over
        self._by: dict[Canonical, TakenOffBy | None] = {}

    def is_untold(self, selector: Canonical) -> bool:
        """Tell whether hands keep a selector off, or did, and nothing else does."""
        if selector not in self._by:
            self._by[selector] = find_taken_off_by(self._session, self._seals, selector)
        by = self._by[selector]
        return self._may_be_over and by is not None and by.by_hand_at is not None

    def known(self) -> Iterator[tuple[Canonical, TakenOffBy]]:
        """Yield those that were looked up and are off, as far as that is known."""
        for selector, by in self._by.items():
            if by is not None and not self.is_untold(selector):
                yield selector, by


def _is_same(session: Session, row: RecordRow, access: Access) -> bool:
    """Tell whether a record is one that is held, of whose matches some may be deleted."""
    key = SealedKey(row.sealed_to, row.sealed_key, row.sealed_number)
    held = (key, row.at, row.partner, row.key_id, row.generation)
    told = (access.sealed, int(access.at.timestamp()), access.partner)
    boxes = session.execute(select(MatchRow.row, MatchRow.box).where(MatchRow.record_id == row.id))
    return held == (*told, access.key_id, access.generation) and all(
        access.matches.get(str(one.row)) == one.box for one in boxes
    )


def _chunks(items: Sequence[ItemT]) -> Iterator[Sequence[ItemT]]:
    return (items[start : start + _AT_A_TIME] for start in range(0, len(items), _AT_A_TIME))

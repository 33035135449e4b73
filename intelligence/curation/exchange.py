"""What leaves for the indexer, and what it tells: one file at a time, each step in one transaction.

A file is kept with its number before it is written, and what was told is kept with what it changes:
killed anywhere, the same turn goes on, nothing is written twice and nothing is lost.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.curation.change_sets import signatures_of
from intelligence.curation.entries import Entries
from intelligence.curation.sealing import Seals
from intelligence.curation.spool_keys import Peers, SpoolKeys
from intelligence.curation.tables import (
    ChangeSet,
    ChangeState,
    ExportRow,
    ExportState,
    ToldRow,
)
from intelligence.journal import Journal
from intelligence.store.database import Database
from screening.spools.acknowledgement import (
    Acknowledgement,
    Applied,
    Refused,
    Skipped,
    parse_acknowledgement,
)
from screening.spools.batch import parse_batch, refuse_half_signed
from screening.spools.export import FIRST_PREVIOUS, Export, SignedBatch
from screening.spools.folder import SpoolFolder
from screening.spools.sealed_file import Place, open_file, seal_file
from screening.spools.spelling import spell
from screening.spools.statements import PRODUCT_BYTES, StatementSet
from screening.vocabulary.errors import OperatorError, SpoolRefused

EXPORT_LIFE: Final = timedelta(hours=24)
MOST_CHANGE_SETS: Final = 200
INDEXER: Final = "indexer"
CONSOLE: Final = "console"
"""What the journal calls those who do what nobody does."""
_UNDER_WAY: Final = (ExportState.WAITING, ExportState.REFUSED)


@dataclass(frozen=True, slots=True)
class Exchange:
    """Writes down files and reads up files; one thread at a time."""

    database: Database
    seals: Seals
    keys: SpoolKeys
    folders: Callable[[], tuple[SpoolFolder, SpoolFolder]]
    journal: Journal
    clock: Callable[[], float]

    def take_turn(self) -> None:
        """Read all that was told, then write what waits; raises `ScreeningError`.

        Nothing is done while no indexer is trusted.
        """
        peers = self.keys.find_peers()
        if peers is None:
            return
        down, up = self.folders()
        while self._read_next(peers, up):
            pass
        self._write_next(peers)
        self._lay(down)

    def _read_next(self, peers: Peers, up: SpoolFolder) -> bool:
        with self.database.reading() as session:
            last = session.scalars(
                select(ToldRow).order_by(ToldRow.sequence.desc()).limit(1)
            ).one_or_none()
        sequence, previous = (
            (1, FIRST_PREVIOUS) if last is None else (last.sequence + 1, last.sha256)
        )
        document = up.find(sequence)
        if document is None:
            return False
        place = Place(peers.deployment, "up", sequence)
        told = parse_acknowledgement(open_file(document, place, by=peers.indexer, to=peers.console))
        if (told.deployment, told.sequence) != (peers.deployment, sequence) or (
            told.previous != previous
        ):
            raise OperatorError(
                f"what the indexer tells in file {sequence} follows another than was read here; "
                "find out which of both was restored"
            )
        with self.database.writing() as session:
            session.add(ToldRow(sequence=sequence, sha256=hashlib.sha256(document).hexdigest()))
            self._hear(session, told)
        return True

    def _hear(self, session: Session, told: Acknowledgement) -> None:
        of = told.of
        row = session.get(ExportRow, of.sequence)
        if row is None or (of.sha256 is not None and of.sha256 != row.sha256):
            raise OperatorError(
                f"the indexer tells of a file {of.sequence} that was not written here; find out "
                "who has written it"
            )
        row.told_at = int(told.written_at.timestamp())
        facts: dict[str, object] = {"sequence": of.sequence}
        if isinstance(of, Applied):
            row.state, row.release, row.outcome, row.document = (
                ExportState.APPLIED,
                of.release,
                None,
                None,
            )
            self._move(session, row, ChangeState.APPLIED, None)
            facts |= {"outcome": "applied", "release": of.release}
        elif isinstance(of, Refused):
            if row.state == ExportState.WAITING:
                row.state = ExportState.REFUSED
            row.outcome = of.sentence
            facts |= {"outcome": "refused", "code": of.code}
        elif isinstance(of, Skipped):
            self._skip(session, row, of.reason)
            facts |= {"outcome": "skipped"}
        self.journal.record(INDEXER, "export acknowledged", **facts)

    def _skip(self, session: Session, row: ExportRow, reason: str) -> None:
        row.state, row.document = ExportState.SKIPPED, None
        sentence = row.outcome or reason
        row.outcome = reason
        Entries(session, self.seals).undo(row.sequence)
        self._move(session, row, ChangeState.REFUSED, sentence)

    def _move(self, session: Session, row: ExportRow, to: ChangeState, outcome: str | None) -> None:
        """Have the change sets of a file share what became of it."""
        chosen = select(ChangeSet).where(ChangeSet.export_sequence == row.sequence)
        for one in session.scalars(chosen):
            one.state = to
            if outcome is not None:
                one.outcome = self.seals.seal(one, "outcome", outcome.encode())

    def _write_next(self, peers: Peers) -> None:
        """Keep the next file with its number, where changes wait and no other file is under way."""
        with self.database.writing() as session:
            under_way = select(ExportRow.sequence).where(ExportRow.state.in_(_UNDER_WAY)).limit(1)
            if session.scalar(under_way) is not None:
                return
            waiting = self._waiting(session)
            if not waiting:
                return
            last = session.scalars(
                select(ExportRow).order_by(ExportRow.sequence.desc()).limit(1)
            ).one_or_none()
            row = ExportRow(
                sequence=1 if last is None else last.sequence + 1,
                sha256="",
                state=ExportState.WAITING,
                statements=0,
                product=b"",
                written_at=int(self.clock()),
            )
            session.add(row)
            session.flush()  # what it begins and ends refers to it
            known = self._take(session, row, waiting)
            previous = FIRST_PREVIOUS if last is None else last.sha256
            self._seal(session, row, known, (peers, previous, waiting))
            self.journal.record(
                CONSOLE,
                "exported",
                sequence=row.sequence,
                sha256=row.sha256,
                changes=[str(one.id) for one in waiting],
            )

    def _waiting(self, session: Session) -> list[ChangeSet]:
        """Return what may leave, in its turn; what the indexer would refuse is kept back."""
        chosen = (
            select(ChangeSet)
            .where(ChangeSet.state == ChangeState.APPROVED)
            .order_by(ChangeSet.turn)
            .limit(MOST_CHANGE_SETS)
        )
        found = []
        for one in session.scalars(chosen):
            trouble = self._trouble(session, one)
            if trouble is None:
                found.append(one)
                continue
            one.state = ChangeState.REFUSED
            one.outcome = self.seals.seal(one, "outcome", trouble.encode())
            self.journal.record(CONSOLE, "change kept back", change=str(one.id))
        return found

    def _trouble(self, session: Session, one: ChangeSet) -> str | None:
        """Return why the indexer would refuse all that leaves with a change set, if it would."""
        if one.expires_at is None or self.clock() >= one.expires_at:
            return "it waited too long to leave; write it anew"
        try:
            batch = parse_batch(self.seals.open(one, "content"))
            refuse_half_signed(batch, signatures_of(session, one))
        except SpoolRefused as error:
            return str(error)
        return None

    def _take(self, session: Session, row: ExportRow, waiting: list[ChangeSet]) -> StatementSet:
        known, entries = list_in_force(session), Entries(session, self.seals)
        for one in waiting:
            batch = parse_batch(self.seals.open(one, "content"))
            known = entries.take(batch.changes, known, of=one.id, sequence=row.sequence)
            one.state, one.export_sequence = ChangeState.EXPORTED, row.sequence
        row.statements = known.statements
        row.product = known.product.to_bytes(PRODUCT_BYTES, "big")
        return known

    def _seal(
        self,
        session: Session,
        row: ExportRow,
        known: StatementSet,
        of: tuple[Peers, str, list[ChangeSet]],
    ) -> None:
        peers, previous, waiting = of
        written_at = datetime.fromtimestamp(row.written_at, UTC)
        export = Export(
            format="screening-export/1",
            deployment=peers.deployment,
            sequence=row.sequence,
            previous=previous,
            written_at=written_at,
            expires_at=written_at + EXPORT_LIFE,
            batches=[
                SignedBatch(self.seals.open(one, "content"), signatures_of(session, one))
                for one in waiting
            ],
            result=known.result(),
        )
        place = Place(peers.deployment, "down", row.sequence)
        document = seal_file(spell(export), place, to=peers.indexer, by=peers.console)
        row.document, row.sha256 = document, hashlib.sha256(document).hexdigest()

    def _lay(self, down: SpoolFolder) -> None:
        """Write the file that is under way, unless it is there."""
        with self.database.reading() as session:
            row = session.scalars(
                select(ExportRow).where(ExportRow.state.in_(_UNDER_WAY))
            ).one_or_none()
        if row is None or row.document is None or down.find(row.sequence) == row.document:
            return
        try:
            down.lay(row.sequence, row.document)
        except FileExistsError:
            raise OperatorError(
                f"{down.path(row.sequence)} is not what was written here; find out who has put it "
                "there, and move it away"
            ) from None


def list_in_force(session: Session) -> StatementSet:
    """Return the set of what is open as of the last file that was applied."""
    last = session.scalars(
        select(ExportRow)
        .where(ExportRow.state == ExportState.APPLIED)
        .order_by(ExportRow.sequence.desc())
        .limit(1)
    ).one_or_none()
    if last is None:
        return StatementSet()
    return StatementSet(last.statements, int.from_bytes(last.product, "big"))

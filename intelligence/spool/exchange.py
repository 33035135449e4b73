"""What leaves for the indexer, and what it tells: one file at a time, each step in one transaction.

A file is kept with its number before it is written, and what was told is kept with what it changes:
killed anywhere, the same turn goes on, nothing is written twice and nothing is lost.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.curation.change_sets import ChangeSets
from intelligence.curation.entries import Entries
from intelligence.curation.left_files import last_written
from intelligence.curation.tables import UNDER_WAY, ChangeState, ExportRow, ExportState
from intelligence.curation.unanswered import find_unanswered, said_of_lost
from intelligence.errors import UpFileLost
from intelligence.journal import INDEXER, Journal
from intelligence.spool.leaving import EXPORT_LIFE, Leaving
from intelligence.spool.restored import require_resumed
from intelligence.spool.tables import ToldRow
from intelligence.spool.told_files import Evidence, TakingUp, find_next, last_told, told_in
from intelligence.spool.withdrawal import change_sets_of, find_change_set, withdraw
from intelligence.spool_keys import Peers, SpoolKeys
from intelligence.store.database import Database
from intelligence.store.sealing import Seals
from screening.spools.acknowledgement import Acknowledgement, Outcome, Refused, Skipped
from screening.spools.folder import SpoolFolder
from screening.vocabulary.errors import OperatorError

_CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""So much the indexer's clock may be ahead of this host's."""

_EXPIRED: Final = "expired"
"""As what the indexer refuses a file that has had its time."""
_NOT_YET_DUE: Final = "not_yet_due"
"""As what it refuses one of which something counts later: it is tried again."""
_GIVEN_UP: Final = (ExportState.WITHDRAWN, ExportState.SKIPPED, ExportState.UNHEARD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Writes down files and reads up files; one thread at a time."""

    database: Database
    seals: Seals
    keys: SpoolKeys
    folders: Callable[[], tuple[SpoolFolder, SpoolFolder]]
    evidence: Evidence
    journal: Journal
    clock: Callable[[], float]

    def take_turn(self) -> None:
        """Read all that was told, and write what waits behind each; raises `ScreeningError`.

        A suspension waits for no backlog, as where the map of a new token key was told. Nothing is
        done while no indexer is trusted, or since a restore.
        """
        peers = self.keys.find_peers()
        if peers is None:
            return
        with self.database.reading() as session:
            require_resumed(session)
        down, up = self.folders()
        is_told, lost = True, None
        while is_told:
            try:
                is_told = self._read_next(peers, up)
            except UpFileLost as error:  # what may leave, leaves and is in force, told or not
                is_told, lost = False, error
            self._take_back_expired()
            self._clear(down)
            self._write_next(peers)
            self._lay(down)
        if lost is not None:
            with self.database.reading() as session:
                raise OperatorError(said_of_lost(lost, find_unanswered(session)))

    def _read_next(self, peers: Peers, up: SpoolFolder) -> bool:
        with self.database.reading() as session:
            last = last_told(session)
        found = find_next(up, peers, last)
        if found is None:
            return False
        document, told = found
        heading = told.heading
        with self.database.writing() as session:
            sha256 = hashlib.sha256(document).hexdigest()
            session.add(ToldRow(sequence=heading.sequence, sha256=sha256))
            if isinstance(told.content, Acknowledgement):
                self._hear(session, told.content, sha256)
            else:
                self._taking_up.take_up(session, heading, told.content)
        return True

    def last_read(self, session: Session) -> int:
        """Return the number of the last up file that was read, 0 before the first."""
        last = last_told(session)
        return 0 if last is None else last.sequence

    def take_up_passed_over(self, peers: Peers, numbers: range) -> int:
        """Take up the evidence in these up files, none of what they acknowledge; each by itself.

        Returns how many of them are not there, or are no files of the indexer's; those are passed
        over in their turn. Killed anywhere, the same may be done again.
        """
        _, up = self.folders()
        missing, following = 0, numbers.start
        for told in told_in(up, peers, numbers):
            gone = range(following, told.heading.sequence)
            missing, following = missing + len(gone), told.heading.sequence + 1
            with self.database.writing() as session:
                self._taking_up.pass_over_gone(session, gone)
                if not isinstance(told.content, Acknowledgement):
                    self._taking_up.take_up(session, told.heading, told.content)
        gone = range(following, numbers.stop)
        with self.database.writing() as session:
            self._taking_up.pass_over_gone(session, gone)
        return missing + len(gone)

    def find_answers(self, peers: Peers, numbers: range) -> dict[int, Outcome]:
        """Return what these up files told last of down files, by the numbers of those.

        What one told counts where none behind it is missing: that may have told something else.
        """
        _, up = self.folders()
        found, expected = dict[int, Outcome](), numbers.start
        for told in told_in(up, peers, numbers):
            if told.heading.sequence != expected:
                found.clear()
            expected = told.heading.sequence + 1
            if isinstance(told.content, Acknowledgement):
                found[told.content.of.sequence] = told.content.of
        return found if expected == numbers.stop else {}

    @property
    def _taking_up(self) -> TakingUp:
        return TakingUp(self.evidence, self.journal, self.clock)

    def _hear(self, session: Session, told: Acknowledgement, document: str) -> None:
        """Do what is told, by an up file of that SHA-256.

        Another's file in a folder is a nuisance for whoever runs it, and stops nothing here.
        """
        of = told.of
        row = session.get(ExportRow, of.sequence)
        is_ours = row is not None and of.sha256 in (None, row.sha256)
        facts: dict[str, object] = {"sequence": of.sequence, "is_ours": is_ours}
        if row is not None and (is_ours or isinstance(of, Skipped)):
            row.told_at = int(told.written_at.timestamp())
        if isinstance(of, Skipped):
            self._skip(session, row or self._passed_over(session, told, document), of.reason)
            facts |= {"outcome": "skipped"}
        elif isinstance(of, Refused):
            if row is not None and is_ours and row.state != ExportState.WITHDRAWN:
                self._refuse(session, row, of)
            facts |= {"outcome": "refused", "code": of.code}
        elif row is None or not is_ours or row.state in _GIVEN_UP:
            raise _not_ours(of.sequence)
        else:
            self.note_applied(session, row, of.release)
            facts |= {"outcome": "applied", "release": of.release}
        self.journal.record(INDEXER, "export acknowledged", **facts)

    def note_applied(self, session: Session, row: ExportRow, release: int | None) -> None:
        """Note that a file is in force, as a release where that is known."""
        row.state, row.release = ExportState.APPLIED, release
        row.outcome = row.document = None
        self._move(session, row, ChangeState.APPLIED)
        self.evidence.forget(session, row.sequence)

    def _refuse(self, session: Session, row: ExportRow, of: Refused) -> None:
        """Have a file be tried again, or what is left of it be written anew.

        One that was in force is so no more, as after a restore of the indexer, and none after it.
        """
        left_out = None
        if of.batch is not None and of.code != _NOT_YET_DUE:
            left_out = find_change_set(session, self.seals, row.sequence, of.batch)
        if left_out is not None or (of.code == _EXPIRED and self._is_over(row)):
            withdraw(session, self.seals, row.sequence)
            if left_out is not None:
                sets = ChangeSets(self.seals, self.clock)
                sets.send_back(session, left_out, of.sentence)
            return
        later = select(ExportRow).where(ExportRow.sequence >= row.sequence)
        for one in session.scalars(later).all():
            if one.state in (ExportState.WAITING, ExportState.APPLIED):
                one.state = ExportState.REFUSED
                self._move(session, one, ChangeState.EXPORTED)
        row.outcome, row.refusal = of.sentence, of.code

    def _take_back_expired(self) -> None:
        """Have a file be written anew that stands refused as expired, once its time is over here.

        The indexer tells it once, and its clock may be ahead of this one by more than is allowed.
        """
        is_expired = (ExportRow.state == ExportState.REFUSED) & (ExportRow.refusal == _EXPIRED)
        with self.database.reading() as session:
            row = session.scalars(select(ExportRow).where(is_expired).limit(1)).one_or_none()
        if row is not None and self._is_over(row):
            with self.database.writing() as session:
                withdraw(session, self.seals, row.sequence)

    def _is_over(self, row: ExportRow) -> bool:
        """Tell whether a file has had its time here as well: it is not written anew for ever."""
        return self.clock() >= row.written_at + (EXPORT_LIFE - _CLOCKS_DIFFER).total_seconds()

    def _passed_over(self, session: Session, told: Acknowledgement, document: str) -> ExportRow:
        """Return the row of a file that was skipped and never written: its number is used up."""
        last = last_written(session)
        if told.of.sequence != (1 if last is None else last.sequence + 1):
            raise _not_ours(told.of.sequence)
        at = int(told.written_at.timestamp())
        row = ExportRow(sequence=told.of.sequence, sha256=document, written_at=at, told_at=at)
        row.state, row.statements, row.product = ExportState.SKIPPED, 0, b""
        session.add(row)
        return row

    def _skip(self, session: Session, row: ExportRow, reason: str) -> None:
        withdraw(session, self.seals, row.sequence + 1)  # they were reckoned from it
        Entries(session, self.seals).undo(row.sequence)
        sets = ChangeSets(self.seals, self.clock)
        for one in change_sets_of(session, row.sequence):
            sets.send_back(session, one, row.outcome or reason)
        row.state, row.document, row.outcome = ExportState.SKIPPED, None, reason

    def _move(self, session: Session, row: ExportRow, to: ChangeState) -> None:
        """Have the change sets of a file share what became of it."""
        for one in change_sets_of(session, row.sequence):
            one.state = to

    def _write_next(self, peers: Peers) -> None:
        """Keep the next file with its number, where changes wait and no other file is under way."""
        with self.database.writing() as session:
            self.database.take_turns(session)
            Leaving(self.seals, self.journal, self.clock).write_next(session, peers)

    def _clear(self, down: SpoolFolder) -> None:
        """Take files away whose numbers are to be written anew, the last first: no gap is seen."""
        with self.database.reading() as session:
            withdrawn = select(ExportRow).where(ExportRow.state == ExportState.WITHDRAWN)
            rows = session.scalars(withdrawn.order_by(ExportRow.sequence.desc())).all()
        for row in rows:
            document = down.find(row.sequence)
            if document is not None and hashlib.sha256(document).hexdigest() == row.sha256:
                down.remove(row.sequence)

    def _lay(self, down: SpoolFolder) -> None:
        """Write the file that is under way, unless it is there."""
        with self.database.reading() as session:
            laid = find_to_be_laid(session)
        if laid is None or down.find(laid.sequence) == laid.document:
            return
        try:
            down.lay(laid.sequence, laid.document)
        except FileExistsError:
            raise in_the_way(down, laid.sequence) from None


class ToBeLaid(NamedTuple):
    """The file that is under way, as it is to lie in the folder."""

    sequence: int
    document: bytes


def find_to_be_laid(session: Session) -> ToBeLaid | None:
    """Return the file that is under way, None of none."""
    under_way = ExportRow.state.in_(UNDER_WAY) & ExportRow.document.is_not(None)
    row = session.scalars(select(ExportRow).where(under_way)).one_or_none()
    return None if row is None or row.document is None else ToBeLaid(row.sequence, row.document)


def in_the_way(down: SpoolFolder, sequence: int) -> OperatorError:
    """Return what says that another file has the place of one."""
    return OperatorError(
        f"{down.path(sequence)} is not what was written here; find out who has put it there, and "
        "move it away"
    )


def _not_ours(sequence: int) -> OperatorError:
    return OperatorError(
        f"the indexer tells of a file {sequence} that was not written here; find out who has "
        "written it, and where this console was restored, see: intelligence spool resume"
    )

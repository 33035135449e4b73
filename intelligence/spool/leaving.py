"""What leaves for the indexer: the next file, of all that is decided and that it would take.

Where files were taken back (`withdrawal`), their numbers are written anew.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import and_, case, exists, false, select
from sqlalchemy.orm import Session, aliased

from intelligence.curation.ahead import Ahead
from intelligence.curation.as_approved import require_as_approved
from intelligence.curation.change_sets import ChangeSets, signatures_of
from intelligence.curation.entries import Entries
from intelligence.curation.left_files import last_written
from intelligence.curation.signers import require_signers
from intelligence.curation.standing import require_possible
from intelligence.curation.tables import (
    UNDER_WAY,
    ChangeRow,
    ChangeSet,
    ChangeState,
    Concern,
    ExportRow,
    ExportState,
)
from intelligence.curation.undone_since import not_ahead
from intelligence.days import is_past
from intelligence.errors import FormRefused, Undecipherable
from intelligence.journal import CONSOLE, Journal
from intelligence.partners.orders import CUT_OFF
from intelligence.partners.suspensions import CUTS_OFF, suspensions_of
from intelligence.spool_keys import Peers
from intelligence.store.base import is_id
from intelligence.store.sealing import Seals
from screening.spools.batch import Batch, refuse_half_signed
from screening.spools.changes import Change, Retract
from screening.spools.export import FIRST_PREVIOUS, Export, SignedBatch
from screening.spools.order import Admit, PartnerOrder, Resume, parse_signed
from screening.spools.sealed_file import Place, seal_file
from screening.spools.spelling import spell
from screening.spools.statements import PRODUCT_BYTES, StatementSet
from screening.vocabulary.errors import SpoolRefused

EXPORT_LIFE: Final = timedelta(hours=24)
MOST_CHANGE_SETS: Final = 200
_MOST_BYTES: Final = 2 << 20
"""Of what people have signed: some 6,000 additions, of which one transaction of about two seconds
keeps others from writing. What does not fit leaves in the next file; one change set always fits."""
_MOST_BYTES_BEHIND: Final = 64 << 10
"""Of what leaves in one file with retractions that have overtaken it: they wait for no more."""
_ANOTHER, _ITS, _THEIRS = aliased(ChangeSet), aliased(ChangeRow), aliased(ChangeRow)
_OVERTAKES: Final = and_(
    ChangeSet.concerns == Concern.LIST,
    exists().where(ExportRow.state == ExportState.APPLIED),
    ~exists().where(_ITS.change_set_id == ChangeSet.id, _ITS.operation != Retract.__name__),
    ~exists().where(
        _ITS.change_set_id == ChangeSet.id,
        _THEIRS.kind == _ITS.kind,
        _THEIRS.canonical_term == _ITS.canonical_term,
        _THEIRS.change_set_id == _ANOTHER.id,
        _ANOTHER.state == ChangeState.APPROVED,
        _ANOTHER.turn < ChangeSet.turn,
    ),
)
"""Of changes that only take off, where nothing that waits before them says anything of the same
selectors: in either order they come to the same. There has to be a list to take off from."""
_FIRST, _SECOND, _THIRD = range(3)


@dataclass(frozen=True, slots=True)
class Leaving:
    """Writes files as rows, each in a transaction of the caller's."""

    seals: Seals
    journal: Journal
    clock: Callable[[], float]

    def write_next(self, session: Session, peers: Peers) -> None:
        """Keep the next file with its number, where changes wait and no other file is under way."""
        under_way = select(ExportRow.sequence).where(ExportRow.state.in_(UNDER_WAY)).limit(1)
        if session.scalar(under_way) is not None:
            return
        waiting = self._waiting(session)
        if not waiting:
            return
        last = last_written(session)
        row = self._begun(session, 1 if last is None else last.sequence + 1)
        known = self._take(session, row, waiting)
        export = Export(
            format="screening-export/1",
            deployment=peers.deployment,
            sequence=row.sequence,
            previous=FIRST_PREVIOUS if last is None else last.sha256,
            written_at=datetime.fromtimestamp(row.written_at, UTC),
            expires_at=datetime.fromtimestamp(row.written_at, UTC) + EXPORT_LIFE,
            batches=[
                SignedBatch(self.seals.open(one, "content"), signatures_of(session, one))
                for one in waiting
            ],
            result=known.result(),
        )
        place = Place(peers.deployment, "down", row.sequence)
        row.document = seal_file(spell(export), place, to=peers.indexer, by=peers.console)
        row.sha256 = hashlib.sha256(row.document).hexdigest()
        changes = [str(one.id) for one in waiting]
        facts = {"sequence": row.sequence, "sha256": row.sha256, "changes": changes}
        self.journal.record(CONSOLE, "exported", **facts)

    def _begun(self, session: Session, sequence: int) -> ExportRow:
        """Return the row of a file that is not sealed yet, of one that was taken back its own."""
        row = session.get(ExportRow, sequence) or ExportRow(sequence=sequence)
        row.sha256, row.state, row.written_at = "", ExportState.WAITING, int(self.clock())
        row.statements, row.product = 0, b""
        row.told_at = row.release = row.outcome = row.refusal = None
        session.add(row)
        session.flush()  # what it begins and ends refers to it
        return row

    def _waiting(self, session: Session) -> list[ChangeSet]:
        """Return what may leave, in its turn; what the indexer would refuse comes back.

        An order leaves alone, and one that cuts a partner off before all that waits; then what
        takes off, unless keys are being replaced: what is said of its selector is not found by its
        term then.
        """
        overtakes = false() if self.seals.are_in_rotation else _OVERTAKES
        place = case((CUTS_OFF, _FIRST), (overtakes, _SECOND), else_=_THIRD).label("place")
        chosen = (
            select(ChangeSet, place)
            .where(ChangeSet.state == ChangeState.APPROVED)
            .order_by(place, ChangeSet.turn)
            .limit(MOST_CHANGE_SETS)
            .with_for_update(of=ChangeSet)  # one that is taken back at this moment does not leave
        )
        found, ahead, left, last = list[ChangeSet](), Ahead(), _MOST_BYTES, _THIRD
        for one, at in session.execute(chosen).all():
            if last == _SECOND != at:
                left = min(left, _MOST_BYTES_BEHIND)
            if not is_id(one.id):
                continue  # nothing can be noted of it
            last, size = at, len(one.content) if isinstance(one.content, bytes) else 0
            is_of_list = {one.concerns, *(before.concerns for before in found)} == {Concern.LIST}
            if found and (size > left or not is_of_list):
                break
            try:
                ahead.take(self._checked(session, one, ahead))
            except (SpoolRefused, FormRefused, Undecipherable) as error:
                ChangeSets(self.seals, self.clock).send_back(session, one, str(error))
                event = f"{Concern(one.concerns).noun} kept back"
                self.journal.record(CONSOLE, event, change=str(one.id))
                continue
            found.append(one)
            left -= size
        return found

    def _checked(self, session: Session, one: ChangeSet, ahead: Ahead) -> Sequence[Change]:
        """Return the operations of a change set, of an order none.

        Raises `FormRefused`, `SpoolRefused` or `Undecipherable` where it does not leave: the
        indexer would refuse all that leaves with it, or it takes off whom nobody was shown. What
        waits before it is done by then, or `ahead` of it in the file, and what follows is not.
        """
        if is_past(one.expires_at, self.clock()):
            raise FormRefused("it waited too long to leave; write it anew")
        batch = parse_signed(self.seals.open(one, "content"))
        refuse_half_signed(batch, signatures_of(session, one))
        require_signers(session, one, batch, self.clock())
        if isinstance(batch, Batch):
            require_possible(session, self.seals, batch.changes, before=one.turn)
            sets = ChangeSets(self.seals, self.clock)
            require_as_approved(session, sets, one, batch.changes, ahead=ahead)
            return batch.changes
        if isinstance(batch, PartnerOrder) and self._is_cut_off(session, one, batch):
            raise FormRefused(CUT_OFF)
        return ()

    def _is_cut_off(self, session: Session, one: ChangeSet, let_in: PartnerOrder) -> bool:
        """Tell whether a partner was suspended after it was let in by what is to leave (again).

        After it by what was signed, or by its turn: that alone somebody may have moved.
        """
        if not isinstance(let_in.order, Resume | Admit):
            return False
        turn, written_at = one.turn or 0, int(let_in.written_at.timestamp())
        found = list(suspensions_of(session, self.seals, let_in.order.partner))
        moments = not_ahead((cut.written_at for cut in found), self.clock())
        return any(cut.turn > turn for cut in found) or max(moments, default=0) > written_at

    def _take(self, session: Session, row: ExportRow, waiting: Sequence[ChangeSet]) -> StatementSet:
        known, entries = list_in_force(session), Entries(session, self.seals)
        for one in waiting:
            batch = parse_signed(self.seals.open(one, "content"))
            if isinstance(batch, Batch):
                known = entries.take(batch.changes, known, of=one.id, sequence=row.sequence)
            one.state, one.export_sequence = ChangeState.EXPORTED, row.sequence
        row.statements = known.statements
        row.product = known.product.to_bytes(PRODUCT_BYTES, "big")
        return known


def list_in_force(session: Session) -> StatementSet:
    """Return the set of what is open as of the last file that was applied."""
    last = session.scalars(
        select(ExportRow)
        .where(ExportRow.state == ExportState.APPLIED)
        .order_by(ExportRow.sequence.desc())
        .limit(1)
    ).one_or_none()
    return list_of(last)


def list_of(row: ExportRow | None) -> StatementSet:
    """Return the set of what is open once a file is in force, of none before the first."""
    if row is None:
        return StatementSet()
    return StatementSet(row.statements, int.from_bytes(row.product, "big"))

"""Taking the spools up again where one side does not know what the other has done.

So it is after a restore, and where an up file is lost.

Whoever runs both brings what the indexer says of itself. Of what the console holds nothing is given
up: what the indexer has not done leaves again, as far as its signatures hold.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from intelligence.curation.change_sets import ChangeSets
from intelligence.curation.exchange import Exchange
from intelligence.curation.leaving import list_of
from intelligence.curation.spool_keys import Peers
from intelligence.curation.tables import (
    UNDER_WAY,
    Concern,
    ExportRow,
    ExportState,
    RestoredRow,
    ToldRow,
)
from intelligence.curation.withdrawal import change_sets_of, withdraw
from screening.spools.spelling import Count, Deployment, Sha256
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.unreadable import UNREADABLE

_FIRST: Final = 1
_NOT_HEARD: Final = (
    "whether this was done was not heard, and cannot be told from the list; look at what is so "
    "now, and order it anew where it is not"
)


class IndexerStatus(msgspec.Struct, frozen=True):
    """What `indexer spool status --json` says, as far as it matters here.

    `previous` is what the next down file has to name, None where anything will do.
    """

    deployment: Deployment
    next_sequence: Count
    previous: Sha256 | None
    statements: Count
    digest: Sha256
    up_sequence: Count
    up_sha256: Sha256


def parse_status(content: bytes) -> IndexerStatus:
    """Return what an indexer says of itself; raises `OperatorError`."""
    try:
        status = msgspec.json.decode(content, type=IndexerStatus)
    except UNREADABLE:
        status = None
    if status is None or status.next_sequence < _FIRST:
        raise OperatorError(
            "this file is not what `indexer spool status --json` prints; bring that"
        )
    return status


def resume(exchange: Exchange, peers: Peers, status: IndexerStatus, by: str) -> int:
    """Go on from where the indexer is; return how many up files are gone that were not read here.

    Of those that are there the evidence is taken up, one after the other: the indexer tells of
    nothing twice. Nothing leaves until all of it is done, and killed anywhere, the same may be done
    again. Raises `OperatorError` where its list is not the one that is held here as of then. `by`
    is who does it, on record.
    """
    with exchange.database.writing() as session:
        unheard = _take_unheard(session, exchange, status)
        _go_back(session, exchange, status)
        not_read = range(exchange.last_read(session) + 1, status.up_sequence + 1)
    missing = exchange.take_up_passed_over(peers, not_read)
    with exchange.database.writing() as session:
        session.execute(delete(RestoredRow))
        session.execute(delete(ToldRow).where(ToldRow.sequence >= status.up_sequence))
        if status.up_sequence:
            session.add(ToldRow(sequence=status.up_sequence, sha256=status.up_sha256))
        facts = {"next": status.next_sequence, "told": status.up_sequence, "missing": missing}
        exchange.journal.record(by, "spools resumed", **facts, in_force_by_status=unheard)
    return missing


def _take_unheard(session: Session, exchange: Exchange, status: IndexerStatus) -> list[int]:
    """Have what the indexer has done be in force here, where that was not heard; return its files.

    So it is where an up file that tells it is lost. The indexer names the very bytes of its last
    file that were written here, by their hash, and the list that they result in. There are several
    where the indexer was restored, and has done once more what it had lost: that list has what all
    of them say.
    """
    done = status.next_sequence - 1
    under_way = select(ExportRow).where(ExportRow.state.in_(UNDER_WAY), ExportRow.sequence <= done)
    rows = session.scalars(under_way.order_by(ExportRow.sequence)).all()
    if not rows or (rows[-1].sequence, rows[-1].sha256) != (done, status.previous):
        return []
    result = list_of(rows[-1]).result()
    if (result.statements, result.digest) != (status.statements, status.digest):
        return []
    for row in rows:
        row.told_at = int(exchange.clock())
        if row is rows[-1] or _is_of_list(session, row):
            exchange.note_applied(session, row, None)
        else:
            _leave_open(session, exchange, row)
    session.flush()
    return [one.sequence for one in rows]


def _is_of_list(session: Session, row: ExportRow) -> bool:
    """Tell whether a file changes the list, and is no order, of which a list tells nothing."""
    return all(one.concerns == Concern.LIST for one in change_sets_of(session, row.sequence))


def _leave_open(session: Session, exchange: Exchange, row: ExportRow) -> None:
    """Have an order come back to its people: the indexer has done it, or passed it over."""
    row.state, row.document, row.outcome = ExportState.SKIPPED, None, _NOT_HEARD
    sets = ChangeSets(exchange.seals, exchange.clock)
    for one in change_sets_of(session, row.sequence):
        sets.send_back(session, one, _NOT_HEARD)


def _go_back(session: Session, exchange: Exchange, status: IndexerStatus) -> None:
    """Take back what the indexer has not done; nothing leaves until all else is done as well."""
    done = status.next_sequence - 1
    base = _last_applied(session, done)
    known = list_of(base).result()
    if (known.statements, known.digest) != (status.statements, status.digest):
        raise OperatorError(
            f"the indexer's list after file {done} has {status.statements} statements, and the "
            f"one that is held here for then {known.statements}, or others; restore the side that "
            "has more from a backup that is as old as the other's, and see the operations guide"
        )
    withdraw(session, exchange.seals, 1 if base is None else base.sequence + 1)
    now = int(exchange.clock())
    _pass_over(session, status, done, now)
    if session.scalar(select(RestoredRow.at)) is None:
        session.add(RestoredRow(at=now))


def _last_applied(session: Session, through: int) -> ExportRow | None:
    is_there = (ExportRow.state == ExportState.APPLIED) & (ExportRow.sequence <= through)
    chosen = select(ExportRow).where(is_there).order_by(ExportRow.sequence.desc())
    return session.scalars(chosen.limit(1)).one_or_none()


def _pass_over(session: Session, status: IndexerStatus, done: int, at: int) -> None:
    """Have the next file be the one that the indexer waits for."""
    between: Sequence[ExportRow] = session.scalars(
        select(ExportRow).where(
            ExportRow.state == ExportState.WITHDRAWN, ExportRow.sequence <= done
        )
    ).all()
    for row in between:
        row.state = ExportState.SKIPPED
    last = session.get(ExportRow, done) if done else None
    if done and last is None:
        last = ExportRow(sequence=done, written_at=at, statements=0, product=b"")
        last.state = ExportState.SKIPPED
        last.sha256 = hashlib.sha256(msgspec.json.encode(status)).hexdigest()
        session.add(last)
    if last is not None and status.previous is not None:
        last.sha256 = status.previous
    session.flush()

"""Taking the spools up again where one side does not know what the other has done.

So it is after a restore, and where an up file is lost.

Whoever runs both brings what the indexer says of itself. Of what the console holds nothing is given
up: what the indexer has not done leaves again, as far as its signatures hold.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from intelligence.curation.change_sets import ChangeSets
from intelligence.curation.passed_over import passed_over
from intelligence.curation.tables import UNDER_WAY, ExportRow, ExportState, PassedOverRow
from intelligence.spool.exchange import Exchange
from intelligence.spool.leaving import list_of
from intelligence.spool.restored import is_restored
from intelligence.spool.tables import RestoredRow, ToldRow
from intelligence.spool.unheard import Unheard
from intelligence.spool.withdrawal import change_sets_of, withdraw
from intelligence.spool_keys import Peers
from screening.spools.acknowledgement import Applied, Outcome, Skipped
from screening.spools.spelling import Count, Deployment, Sha256
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.unreadable import UNREADABLE

_FIRST: Final = 1
_NOT_HEARD: Final = (
    "whether this was done was not heard, and cannot be told from the list; look at what is so "
    "now, and have it done anew where it is not"
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


class Resumed(NamedTuple):
    """How many up files are gone that were not read here, and what is older here therefore.

    `older` has kinds for `told_anew`: what may have been told since, and was not read.
    """

    missing: int
    older: Sequence[str]


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


def resume(exchange: Exchange, peers: Peers, status: IndexerStatus, by: str) -> Resumed:
    """Go on from where the indexer is; return what is not known here since.

    Of the files that are there the evidence is taken up, one after the other: the indexer tells of
    nothing twice by itself. Nothing leaves until all of it is done, and killed anywhere, the same
    may be done again. Raises `OperatorError` where its list is not the one that is held here as of
    then. `by` is who does it, on record.
    """
    with exchange.database.writing() as session:
        not_read = range(exchange.last_read(session) + 1, status.up_sequence + 1)
        rows = _find_unheard(session, status)
        answers = exchange.find_answers(peers, not_read) if rows else {}
        in_force, left_open = _take_unheard(session, exchange, rows, answers)
        _go_back(session, exchange, status)
    missing = exchange.take_up_passed_over(peers, not_read)
    with exchange.database.writing() as session:
        session.execute(delete(RestoredRow))
        _go_on_behind(session, status)
        older = [row.kind for row in passed_over(session)]
        facts = {"next": status.next_sequence, "told": status.up_sequence, "missing": missing}
        unheard = {"in_force_by_status": in_force, "left_open": left_open, "older": older}
        exchange.journal.record(by, "spools resumed", **facts, **unheard)
    return Resumed(missing, older)


def _go_on_behind(session: Session, status: IndexerStatus) -> None:
    """Have the next up file be the one behind the indexer's last.

    A restored indexer gives numbers anew: all that it tells from here on is later than what was
    passed over.
    """
    last = status.up_sequence
    session.execute(delete(ToldRow).where(ToldRow.sequence >= last))
    if last:
        session.add(ToldRow(sequence=last, sha256=status.up_sha256))
    is_behind = PassedOverRow.sequence > last
    session.execute(update(PassedOverRow).where(is_behind).values(sequence=last))


def _find_unheard(session: Session, status: IndexerStatus) -> Sequence[ExportRow]:
    """Return the files that the indexer is done with, and of which that was not heard, in order.

    So it is where an up file that tells it is lost. The indexer names the very bytes of its last
    file that were written here, by their hash, and the list that they result in. There are several
    where the indexer was restored, and has done once more what it had lost.
    """
    done = status.next_sequence - 1
    under_way = select(ExportRow).where(ExportRow.state.in_(UNDER_WAY), ExportRow.sequence <= done)
    rows = session.scalars(under_way.order_by(ExportRow.sequence)).all()
    if not rows or (rows[-1].sequence, rows[-1].sha256) != (done, status.previous):
        return ()
    result = list_of(rows[-1]).result()
    is_held = (result.statements, result.digest) == (status.statements, status.digest)
    return rows if is_held else ()


def _take_unheard(
    session: Session,
    exchange: Exchange,
    rows: Sequence[ExportRow],
    answers: Mapping[int, Outcome],
) -> tuple[list[int], list[int]]:
    """Have of these files be in force here what the indexer has done; the last of them is.

    Return the numbers of those in force, and of those that are not, or of which nobody knows.
    """
    sets = ChangeSets(exchange.seals, exchange.clock)
    unheard = Unheard(session, exchange.seals, sets, rows, answers)
    not_known, in_force = unheard.not_known(), list[int]()
    for row in rows:
        row.told_at = int(exchange.clock())
        answer = unheard.answer_to(row)
        if isinstance(answer, Skipped) and row is not rows[-1]:
            _leave_open(session, sets, row, (ExportState.SKIPPED, answer.reason))
        elif row.sequence in not_known:
            _leave_open(session, sets, row, (ExportState.UNHEARD, _NOT_HEARD))
        else:
            release = answer.release if isinstance(answer, Applied) else None
            exchange.note_applied(session, row, release)
            in_force.append(row.sequence)
    session.flush()
    return in_force, [one.sequence for one in rows if one.sequence not in in_force]


def _leave_open(
    session: Session, sets: ChangeSets, row: ExportRow, what: tuple[ExportState, str]
) -> None:
    """Have what a file says come back to its people, with what is known of it."""
    row.state, row.outcome = what
    row.document = row.release = None
    for one in change_sets_of(session, row.sequence):
        sets.send_back(session, one, row.outcome)


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
    if not is_restored(session):
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

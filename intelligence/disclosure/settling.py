"""A receipt that two logs tell of differently: whoever has found out which is right says so.

Nobody can in the console, for it shows neither. Root on the host has asked the company, or has
found the host that somebody else writes on.
"""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.disclosure.tables import MatchRow, MatchState, RecordRow
from intelligence.journal import Journal
from intelligence.store.sealing import Seals
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.proof import spelled_receipt

_NOT_CONTESTED: Final = (
    "no two logs tell differently of this receipt here; look for `receipt told twice` on record"
)


def settle(
    session: Session, parts: tuple[Seals, Journal], *, by: str, receipt: str, log: str
) -> list[str]:
    """Do so in a transaction of the caller's, on record as done by `by`.

    What the others tell is kept as what cannot be opened: told again, it contests nothing.
    """
    (seals, journal), receipt = parts, spelled_receipt(receipt)
    rows = session.scalars(select(RecordRow).where(RecordRow.receipt == receipt)).all()
    if not any(row.is_contested for row in rows):
        raise OperatorError(_NOT_CONTESTED)
    others = sorted(row.log for row in rows if row.log != log)
    if len(others) == len(rows):
        raise OperatorError(f"of this receipt these logs tell: {', '.join(others)}; name one")
    journal.record(by, "receipt settled", receipt=receipt, log=log, not_believed=others)
    for row in rows:
        seals.alter(row, is_contested=False)
    not_true = select(RecordRow.id).where(RecordRow.receipt == receipt, RecordRow.log != log)
    for match in session.scalars(select(MatchRow).where(MatchRow.record_id.in_(not_true))).all():
        seals.alter(match, state=MatchState.DAMAGED, digest=None, map_id=None)
    session.flush()
    return others

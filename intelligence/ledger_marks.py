"""How far the ledger went, kept in the database: a ledger that was cut or put back is found.

Whoever writes in the ledger's folder can lay an older copy there, or take it away, and what is left
follows from itself all the same. The mark names the last record, by the chain over all before it,
and is sealed: whoever writes in the database can take it away, and make none.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from intelligence.errors import Undecipherable
from intelligence.journal import CONSOLE, Journal
from intelligence.store.base import Base, Place, sealed_column
from intelligence.store.database import Database
from intelligence.store.vault import Vault
from screening.ledger.lines import Position
from screening.ledger.verify import holds
from screening.vocabulary.errors import LedgerDamaged, OperatorError
from screening.vocabulary.unreadable import UNREADABLE

_KEEP_EVERY_S: Final = 10.0
"""So much of the record a kill may leave without a mark; each mark is a write of the database."""


class LedgerMark(Base):
    """How far the ledger went; `lost_at` where it was found not to go so far any more."""

    __tablename__ = "ledger_mark"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    made_at: Mapped[int]
    lost_at: Mapped[int | None]
    position: Mapped[bytes | None] = sealed_column()


class LedgerMarks:
    """Keeps the mark of one ledger, and looks for what was marked; `clock` gives Unix seconds."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        folder: Path,
        journal: Journal,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._vault = vault
        self._folder = folder
        self._journal = journal
        self._clock = clock
        self._kept: Position | None = None
        self._kept_at = float("-inf")

    def check(self) -> list[str]:
        """Look for what was marked, and say what is missing, on record where that is news.

        What was missing and is there again is forgotten.
        """
        with self._database.reading() as session:
            rows = session.scalars(select(LedgerMark).order_by(LedgerMark.made_at)).all()
        changed = [row for row in rows if self._is_held(row) == (row.lost_at is not None)]
        if changed:
            with self._database.writing() as session:
                for row in changed:
                    self._turn(session, row)
        return self.missing()

    def missing(self) -> list[str]:
        """Return a sentence for each mark that was found lost."""
        with self._database.reading() as session:
            lost = select(LedgerMark).where(LedgerMark.lost_at.is_not(None))
            rows = session.scalars(lost.order_by(LedgerMark.made_at)).all()
        return [self._sentence(row) for row in rows]

    def unheld(self) -> list[str]:
        """Return a sentence for each mark, lost or not, that the ledger does not reach now."""
        with self._database.reading() as session:
            rows = session.scalars(select(LedgerMark).order_by(LedgerMark.made_at)).all()
        return [self._sentence(row) for row in rows if not self._is_held(row)]

    def keep_due(self) -> None:
        """Mark how far the ledger goes, ten seconds after the last time or later."""
        if self._clock() >= self._kept_at + _KEEP_EVERY_S:
            self.keep()

    def keep(self) -> None:
        """Mark how far the ledger goes now; what was marked before is looked for once a segment."""
        position = self._journal.position()
        if position is None or position == self._kept:
            return
        if self._kept is None or self._kept.segment != position.segment:
            self.check()
        with self._database.writing() as session:
            row = session.scalars(select(LedgerMark).where(LedgerMark.lost_at.is_(None))).first()
            if row is None:
                row = LedgerMark(id=uuid4())
                session.add(row)
            row.made_at = int(self._clock())
            row.position = self._vault.seal(msgspec.json.encode(position), _place(row))
        self._kept, self._kept_at = position, self._clock()

    def _turn(self, session: Session, row: LedgerMark) -> None:
        """Note that what was marked is lost, or is there again."""
        if row.lost_at is not None:
            session.delete(session.merge(row))
            return
        session.merge(row).lost_at = int(self._clock())
        position = self._find_position(row)
        facts = {} if position is None else {"file": position.segment, "records": position.records}
        self._journal.record(CONSOLE, "records missing", marked_at=row.made_at, **facts)

    def _is_held(self, row: LedgerMark) -> bool:
        """Tell whether the ledger reaches a mark; not where what lies before it cannot be read."""
        position = self._find_position(row)
        try:
            return position is not None and holds(self._folder, position)
        except (LedgerDamaged, OperatorError):
            return False

    def _find_position(self, row: LedgerMark) -> Position | None:
        """Return what a mark says, None of one that does not open."""
        try:
            return msgspec.json.decode(
                self._vault.open(row.position or b"", _place(row)), type=Position
            )
        except (Undecipherable, *UNREADABLE):
            return None

    def _sentence(self, row: LedgerMark) -> str:
        at = datetime.fromtimestamp(row.made_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
        position = self._find_position(row)
        if position is None:
            return (
                f"how far the record went at {at} was changed in the database; find out who has, "
                "and compare the ledger with its copies"
            )
        return (
            f"the record had {position.records} records in its file {position.segment} at {at}, "
            "and has not now: it was cut, changed, taken away, or put back to an older copy; find "
            "out who has, and bring the ledger's folder back from a copy"
        )


def _place(row: LedgerMark) -> Place:
    return Place(LedgerMark.__tablename__, "position", str(row.id))

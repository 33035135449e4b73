"""A home out of a backup and its keys: verified first, and whole or not there."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from intelligence.backup.description import (
    LEDGER,
    POSTGRESQL_DUMP,
    SQLITE_FILE,
    Description,
    read_description,
    take_out,
)
from intelligence.backup.dumping import (
    load_postgresql,
    require_empty,
    require_readable,
    require_sound,
)
from intelligence.backup.keys import lay_keys
from intelligence.curation.change_sets import ChangeSets
from intelligence.curation.tables import (
    NOT_LEFT,
    ChangeSet,
    Concern,
    ExportRow,
    ExportState,
)
from intelligence.deployment import METADATA
from intelligence.disclosure.tables import BulkRow
from intelligence.opening import open_database, open_journal
from intelligence.settings import IntelligenceSettings
from intelligence.spool.tables import RestoredRow
from intelligence.staff.tables import Invitation, Request, SignIn
from intelligence.store.data_keys import open_vault
from intelligence.store.database import Database
from intelligence.store.key_file import KeyFile
from intelligence.store.schema import require_known_schema, upgrade_schema
from intelligence.store.sealing import Seals
from screening.account import actor
from screening.ledger.verify import Report, verify_ledger
from screening.staging import put_in_place, refuse_taken_home, staging_folder, staging_of
from screening.vocabulary.errors import LedgerDamaged, OperatorError

_GOOD_ONCE = (SignIn, Invitation, Request, BulkRow)
"""What may have been used, or turned down, since the backup: it opens nothing again."""
_RESTORED: Final = "the console was restored meanwhile; write it anew where it still holds"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: `exports` files have left by then; the spools stand still since.

    `is_opened` tells whether the database was opened with the keys: a check opens no dump. What had
    not left and came back is `kept_back`, of which concern and by its id.
    """

    description: Description
    records: int
    ledger_damage: str | None
    exports: int
    is_opened: bool = True
    kept_back: Sequence[tuple[Concern, UUID]] = ()


@dataclass(frozen=True, slots=True)
class Restoring:
    """Restores one backup; `keys` are files by their names, `clock` is in Unix seconds."""

    settings: IntelligenceSettings
    keys: Mapping[str, bytes] = field(repr=False)
    clock: Callable[[], float] = time.time

    def check(self, folder: Path) -> Restored:
        """Verify a backup as `restore` does, and keep nothing.

        Of a dump of PostgreSQL only that it is as it was written, and can be read to its end.
        """
        home = self.settings.home
        with staging_folder(staging_of(home)):
            description, report, damage = self._laid_down(folder)
            if description.database != "sqlite":
                require_readable(self._staged.home / POSTGRESQL_DUMP)
                records = report.records if report else 0
                return Restored(description, records, damage, 0, is_opened=False)
            with open_database(self._staged) as database:
                return self._taken_up(database, description, report, damage)

    def restore(self, folder: Path) -> Restored:
        """Put a backup in the place of the home, and of a PostgreSQL database, which are empty.

        Raises `OperatorError` where anything is not as it was backed up, or a key does not open it;
        then, and wherever this dies, there is no home.
        """
        home = staging_of(self.settings.home).parent / self.settings.home.resolve().name
        refuse_taken_home(home, "INTELLIGENCE_HOME")
        staging = staging_of(home)
        with staging_folder(staging) as staying:
            description, report, damage = self._laid_down(folder)
            with open_database(self._staged) as database:
                if not database.is_sqlite:
                    require_empty(database)
                    load_postgresql(database, staging / POSTGRESQL_DUMP)
                    (staging / POSTGRESQL_DUMP).unlink()
                restored = self._taken_up(database, description, report, damage)
            with open_journal(self._staged) as journal:
                facts = {"made_at": description.made_at, "exports": restored.exports}
                journal.record(actor(), "restored", **facts)
                for concern, change_id in restored.kept_back:  # the record may say that it leaves
                    journal.record(actor(), f"{concern.noun} kept back", change=str(change_id))
            put_in_place(staging, home, "INTELLIGENCE_HOME")
            staying.pop_all()
        return restored

    @property
    def _staged(self) -> IntelligenceSettings:
        return self.settings.model_copy(update={"home": staging_of(self.settings.home)})

    def _laid_down(self, folder: Path) -> tuple[Description, Report | None, str | None]:
        """Copy all into the staging folder, and verify what needs no database."""
        description = read_description(folder)
        if self.clock() < description.made_at:
            raise OperatorError(
                "by the clock of this host the backup was made in the future; set it right first"
            )
        is_file = self.settings.database_url is None
        if is_file != (description.database == "sqlite"):
            raise OperatorError(
                f"this backup is of {description.database}; "
                + ("set" if is_file else "unset")
                + " INTELLIGENCE_DATABASE_URL to restore it"
            )
        staging = self._staged.home
        take_out(folder, description, lambda name: staging / name)
        lay_keys(staging, self.keys)
        if is_file:
            require_sound(
                staging / SQLITE_FILE, "the database in the backup is damaged; take an older one"
            )
        try:
            return description, verify_ledger(staging / LEDGER), None
        except LedgerDamaged as damage:
            return description, None, str(damage)

    def _taken_up(
        self,
        database: Database,
        description: Description,
        report: Report | None,
        damage: str | None,
    ) -> Restored:
        """Bring a restored database to this version, and have nothing open twice."""
        require_known_schema(database)
        keys = KeyFile(self._staged.home).read()
        upgrade_schema(database, METADATA, lambda: open_vault(database, keys))
        vault = open_vault(database, keys)
        written = select(func.max(ExportRow.sequence)).where(
            ExportRow.state != ExportState.WITHDRAWN
        )
        with database.writing() as session:
            for table in _GOOD_ONCE:
                session.execute(delete(table))
            kept_back = self._send_back(session, Seals(vault))
            session.execute(delete(RestoredRow))
            session.add(RestoredRow(at=int(self.clock())))
            exports = session.scalar(written) or 0
        records = report.records if report else 0
        return Restored(description, records, damage, exports, kept_back=kept_back)

    def _send_back(self, session: Session, seals: Seals) -> list[tuple[Concern, UUID]]:
        """Have nothing leave that somebody may have taken back since the backup.

        What one person did alone leaves all the same: it takes off, or shuts out.
        """
        waits = ChangeSet.state.in_(NOT_LEFT) & ChangeSet.review_due_at.is_(None)
        found = [
            (Concern(row.concerns), row) for row in session.scalars(select(ChangeSet).where(waits))
        ]
        for concern, row in found:
            ChangeSets(seals, self.clock, concern).send_back(session, row, _RESTORED)
        return [(concern, row.id) for concern, row in found]

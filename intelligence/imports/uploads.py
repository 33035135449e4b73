"""Files that curators upload: kept sealed until they are drafted or dropped, a day at the most.

What stands in them is in no log. On record are counts, blind ids of their selectors, and each look:
whoever looks a file through is told of every row what the list says of it.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, Protocol
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from intelligence.curation.changes import Changes
from intelligence.curation.rollback import MOST_UNDONE
from intelligence.curation.showing import Showing
from intelligence.errors import FormRefused, NotThere
from intelligence.imports.imported_rows import ImportedRow, imported_rows
from intelligence.imports.read_upload import ReadUpload, Told, Upload
from intelligence.imports.row_budget import RowBudget
from intelligence.imports.tables import UPLOADS_KEPT_S, UploadRow
from intelligence.imports.telling import require_read_so
from intelligence.imports.upload_records import UploadRecords
from intelligence.imports.waiting_uploads import ListedUpload, listed_uploads, shown_name
from intelligence.journal import CONSOLE, Journal
from intelligence.paging import paging
from intelligence.staff.accounts import acting
from intelligence.staff.privileges import Shown
from intelligence.staff.roles import FIELDS, RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.store.database import Database
from intelligence.store.sealing import Seals
from screening.spools.changes import Add

MAX_UPLOAD_BYTES: Final = 4 << 20
MOST_WAITING: Final = 5
"""Of one person."""
MOST_OF_A_DRAFT: Final = MOST_UNDONE
"""What is undone in one step is drafted in one; a batch of the spools would take more."""
ROWS_OF_A_PAGE: Final = 100
ALL: Final = "all"
TAKEN: Final = "taken"
NOT_TAKEN: Final = "not_taken"
_ADDING: Final = (Verb.ADD, RecordType.UPLOAD, FIELDS[RecordType.UPLOAD])


@dataclass(frozen=True, slots=True)
class WaitingUpload:
    """An upload held against the list: `rows` is what would become of each of its rows."""

    id: UUID
    name: str
    created_at: int
    told: Told
    read: ReadUpload
    rows: Sequence[ImportedRow]

    @property
    def additions(self) -> list[Add]:
        """What would be drafted."""
        return [row.add for row in self.rows if row.add is not None]

    def without(self, drafted: Sequence[Add]) -> ReadUpload:
        """Return what is left once these are drafted."""
        gone = set(map(id, drafted))
        both = zip(self.read.rows, self.rows, strict=True)
        left = [said for said, row in both if id(row.add) not in gone]
        return msgspec.structs.replace(self.read, rows=left)

    @property
    def unprotected(self) -> int:
        """How many rows of victims are not taken, and so protect nobody."""
        return sum(row.protects for row in self.rows if row.code != "said")

    @property
    def refused(self) -> list[tuple[str, int]]:
        """Why rows are not taken, and how many for each reason, the most first."""
        return Counter(row.code for row in self.rows if row.code).most_common()


@dataclass(frozen=True, slots=True)
class ShownUpload:
    """An upload as its curator may see it, and some of its rows, with what each would say."""

    waiting: WaitingUpload
    record: Shown
    rows: Sequence[tuple[ImportedRow, Shown | None]]
    page: int
    pages: int


class ReadsUploads(Protocol):
    """Reads files; `confined_reading.Reader` is one."""

    def read(self, upload: Upload) -> ReadUpload:
        """Return what a file says; raises `FormRefused`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploads:
    """Takes files, reads them as they are told, and makes drafts of them."""

    database: Database
    seals: Seals
    changes: Changes
    reader: ReadsUploads
    budget: RowBudget
    journal: Journal
    clock: Callable[[], float]
    most_of_a_draft: int = MOST_OF_A_DRAFT

    @property
    def _records(self) -> UploadRecords:
        return UploadRecords(self.seals, self.journal)

    def take(self, who: SignedIn, name: str, content: bytes, told: Told) -> UUID:
        """Keep a file and read it; return its id. Raises `FormRefused` where it cannot be read."""
        if not content.strip():
            raise FormRefused("there is nothing in it; choose a file, or paste a text", "file")
        if len(content) > MAX_UPLOAD_BYTES:
            most = f"{MAX_UPLOAD_BYTES >> 20} MiB"
            raise FormRefused(f"the file has more than {most}; upload it in several files", "file")
        with self.database.reading() as session:
            self._permit(session, who)
            self._require_few(session, who)
        shown = shown_name(name)
        read = self.reader.read(Upload(shown, content, told, self._today()))
        with self.budget.taking(who, read.readable), self.database.writing() as session:
            self._permit(session, who)
            self._require_few(session, who)
            row = UploadRow(id=uuid4(), account_id=who.account_id, created_at=int(self.clock()))
            row.name = self.seals.seal(row, "name", shown.encode())
            row.content = self.seals.seal(row, "content", content)
            self._keep(row, told, read)
            session.add(row)
            self._records.read(who, "file uploaded", row.id, read, bytes=len(content))
        return row.id

    def tell(self, who: SignedIn, upload_id: UUID, told: Told) -> None:
        """Read a file anew, as it is told now; raises `FormRefused`, and then all stays as it is.

        What is told of the sheet and of columns belongs together: of another sheet, nothing is.
        """
        with self.database.reading() as session:
            row = self._required(session, who, upload_id, lock=False)
            name, content = self.seals.text(row, "name"), self.seals.open(row, "content")
            before = self._told(row)
        if told.sheet != before.sheet:
            told = msgspec.structs.replace(told, columns={})
        read = self.reader.read(Upload(name, content, told, self._today()))
        with self.budget.taking(who, read.readable), self.database.writing() as session:
            row = self._required(session, who, upload_id)
            self._keep(row, told, read)
            self._records.read(who, "upload read anew", row.id, read)

    def all(self, who: SignedIn) -> list[ListedUpload]:
        """Return the files of one's own that wait, the oldest first."""
        with self.database.reading() as session:
            self._permit(session, who)
            return listed_uploads(session, self.seals, who.account_id)

    def count_waiting(self, who: SignedIn) -> int:
        """Return how many there are, 0 for whoever may have no files here."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            if not privileges.may(Verb.READ, RecordType.UPLOAD, "file"):
                return 0
            return self._many(session, who)

    def one(
        self, who: SignedIn, upload_id: UUID, *, page: int = 1, which: str = ALL
    ) -> ShownUpload:
        """Return a file of one's own with one page of its rows, masked; raises `NotThere`.

        What its counts say comes of all rows: so all are held against the list by any look.
        """
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            row = self._required(session, who, upload_id, lock=False)
            waiting = self._waiting(session, row)
            rows = [
                one for one in waiting.rows if which == ALL or (which == TAKEN) == (not one.code)
            ]
            at = paging(page, len(rows), ROWS_OF_A_PAGE)
            chosen = rows[at.first :][:ROWS_OF_A_PAGE]
            showing = Showing(session, self.seals, privileges, self.journal.on_record)
            record = {
                "file": waiting.name,
                "format": waiting.read.format,
                "columns": waiting.read.columns,
                "rows": len(waiting.rows),
            }
            shown = ShownUpload(
                waiting,
                privileges.shown(RecordType.UPLOAD, record),
                [(one, showing.operation(one.add) if one.add else None) for one in chosen],
                at.page,
                at.pages,
            )
        self._records.looked_at(who, upload_id)
        return shown

    def draft(
        self, who: SignedIn, upload_id: UUID, *, unprotected: bool, told: Told | None = None
    ) -> list[UUID]:
        """Make drafts of what can be taken, and forget the file; return the drafts.

        `unprotected` permits that rows of victims are not taken; `told` is what was typed when the
        draft was asked for. Raises `FormRefused`, where the file was read as told otherwise, too.
        """
        made = []
        while True:
            # Each draft is a transaction of its own, with what it leaves of the file.
            with self.database.writing() as session:
                row = self._required(session, who, upload_id)
                waiting = self._waiting(session, row)
                require_read_so(waiting.told, told or waiting.told)
                _require_draftable(waiting, unprotected=unprotected)
                chosen = waiting.additions[: self.most_of_a_draft]
                made.append(self.changes.draft_within(session, who, chosen))
                facts = {"change": str(made[-1]), "operations": len(chosen)}
                self._records.counts(who, "upload drafted", row.id, waiting.read, **facts)
                if len(chosen) == len(waiting.additions):
                    session.delete(row)
                    return made
                self._keep(row, waiting.told, waiting.without(chosen))

    def drop(self, who: SignedIn, upload_id: UUID) -> None:
        """Forget a file of one's own; raises `NotThere`."""
        with self.database.writing() as session:
            row = self._required(session, who, upload_id)
            session.delete(row)
            self.journal.record(who.actor, "upload dropped", upload=str(row.id))

    def drop_abandoned(self) -> None:
        """Forget what nobody has drafted or dropped within a day."""
        is_old = UploadRow.created_at <= self.clock() - UPLOADS_KEPT_S
        with self.database.reading() as session:
            if session.scalar(select(func.count()).where(is_old)) == 0:
                return
        with self.database.writing() as session:
            for upload_id in session.scalars(select(UploadRow.id).where(is_old)).all():
                session.execute(delete(UploadRow).where(UploadRow.id == upload_id))
                self.journal.record(CONSOLE, "upload abandoned", upload=str(upload_id))

    def _waiting(self, session: Session, row: UploadRow) -> WaitingUpload:
        read = msgspec.json.decode(self.seals.open(row, "read"), type=ReadUpload)
        rows = imported_rows(session, self.seals, read.rows, self.clock())
        name = self.seals.text(row, "name")
        return WaitingUpload(row.id, name, row.created_at, self._told(row), read, rows)

    def _told(self, row: UploadRow) -> Told:
        return msgspec.json.decode(self.seals.open(row, "told"), type=Told)

    def _keep(self, row: UploadRow, told: Told, read: ReadUpload) -> None:
        row.told = self.seals.seal(row, "told", msgspec.json.encode(told))
        row.read = self.seals.seal(row, "read", msgspec.json.encode(read))

    def _permit(self, session: Session, who: SignedIn) -> None:
        acting(session, who, self.clock, lock=False).require(*_ADDING)

    def _required(
        self, session: Session, who: SignedIn, upload_id: UUID, *, lock: bool = True
    ) -> UploadRow:
        """Return a file of one's own, whoever else may add some; raises `NotThere`."""
        self._permit(session, who)
        row = session.get(UploadRow, upload_id, with_for_update=lock or None)
        if row is None or row.account_id != who.account_id:
            raise NotThere
        return row

    def _require_few(self, session: Session, who: SignedIn) -> None:
        if self._many(session, who) >= MOST_WAITING:
            raise FormRefused("too many of your files wait; draft or drop one of them first")

    def _many(self, session: Session, who: SignedIn) -> int:
        is_own = UploadRow.account_id == who.account_id
        return session.scalar(select(func.count()).where(is_own)) or 0

    def _today(self) -> date:
        return datetime.fromtimestamp(self.clock(), UTC).date()


def _require_draftable(waiting: WaitingUpload, *, unprotected: bool) -> None:
    if not waiting.additions:
        raise FormRefused(
            "nothing in this file can be drafted as it stands; see why above its columns, say what "
            "is lacking, and press Read it so"
        )
    if waiting.unprotected and not unprotected:
        raise FormRefused(
            f"rows of victims are not taken, and protect nobody: {waiting.unprotected}; correct "
            "them in the file, or tick that they are left out",
            "unprotected",
        )

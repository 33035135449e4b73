"""The files that a list is read from: their rows, hashes, and the report of what is not taken."""

import hashlib
import io
import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import msgspec

from indexer.list.draft_rows import DraftRow, Taking, draft_rows, take
from indexer.list.drafts import Draft, Lifetimes, stage
from indexer.list.file import ListFile
from indexer.outputs import refuse_overwriting
from indexer.progress import Progress
from indexer.report import Report, refuse_all_but_reports
from indexer.workers import Workers, batches
from screening.importers.csv_rows import CuratedFile, ListRow, entry_of
from screening.importers.detect import Format, open_import
from screening.importers.entry import Entry, ImportCode, Rejection, reported_kind
from screening.importers.file_names import reported_name
from screening.importers.foreign_rows import Defaults, Notice
from screening.importers.holdings import Holdings
from screening.importers.layout import DetectedColumn
from screening.importers.suspicion import Suspicions
from screening.vocabulary.errors import OperatorError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PLACES_NAMED: Final = 5
_ROWS_TOGETHER: Final = 2_000
_WORTH_SHARING_BYTES: Final = 1 << 20
"""Some 30,000 rows: of fewer, one process has made entries before others would have started."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that the list was read from, as the ledger names it."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row begins, and the name of the column that tells why it is named, where one does."""

    file: str
    line: int
    column: str = ""

    def __str__(self) -> str:
        where = f"{self.file} line {self.line}"
        return f"{where} (column {self.column!r})" if self.column else where


def named_places(rows: Sequence[Place]) -> str:
    """Name the first few of these rows, each once, and how many more there are."""
    places = list(dict.fromkeys(rows))  # one with two selectors is named by both
    named = ", ".join(map(str, places[:_PLACES_NAMED]))
    more = len(places) - _PLACES_NAMED
    return named if more <= 0 else f"{named} and {more} more"


@dataclass(frozen=True, slots=True)
class Importing:
    """How files that are no curated lists are taken in, where they leave something open.

    An entry that names no `source` has the given one, or its file's name.
    """

    defaults: Defaults
    source: str = ""
    list: str = ""
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """What a file was found to be, for a preview."""

    name: str
    format: Format
    columns: tuple[DetectedColumn, ...]
    warnings: tuple[Notice, ...]


class ListSources:
    """Several list files, read one after the other: together they are the list."""

    def __init__(
        self,
        files: Sequence[Path],
        *,
        region: str | None,
        report: Path | None,
        importing: Importing | None = None,
    ) -> None:
        """Name the files; `OperatorError` where the report would replace anything but a report.

        They are curated lists, unless it is told how to take in others.
        """
        if report is not None:
            refuse_overwriting(inputs=files, outputs=[report])
            refuse_all_but_reports(report)
        self._files = files
        self._region = region
        self._report = report
        self._importing = importing
        self.opened: list[Opened] = []
        self.suspicions = Suspicions()
        self.holdings = Holdings()
        self.sources: list[Source] = []
        self.rejected: Counter[ImportCode] = Counter()
        self.telling_columns: Counter[str] = Counter()
        """The columns that speak against rows which are not taken, by their names as shown."""
        self.unprotected: list[Place] = []
        self.exposed: list[Place] = []
        """Rows that list who is protected as a victim's, by an entry that these files have not."""

    @property
    def are_foreign(self) -> bool:
        """Whether they are taken in as an import: what they leave open is told for all."""
        return self._importing is not None

    def described(self) -> dict[str, object]:
        """Return what the ledger keeps of them, and of what was told of all that they hold."""
        role = self._importing.defaults.role if self._importing is not None else None
        return {
            "region": self._region,
            "role": role,
            "sources": [asdict(source) for source in self.sources],
            "rejected": {str(code): number for code, number in self.rejected.items()},
            "unprotected": len(self.unprotected),
            "exposed": len(self.exposed),
        }

    def stage_into(
        self,
        list_file: ListFile,
        taking: Taking,
        lifetimes: Lifetimes,
        progress: Progress,
        *,
        adding: bool = False,
    ) -> Draft:
        """Stage every row that can be taken; the others are counted, and reported when it is done.

        Raises `OperatorError` where a file cannot be read, or its header is not that of a list.
        """
        with self._opened_report() as report:
            left_open: set[bytes] = set()
            rows = self._draft(taking, report, progress, left_open)
            draft = stage(list_file, rows, lifetimes, adding=adding, left_open=left_open)
            for row in draft.left_open:
                self._reject(
                    Rejection(row.file, row.line, reported_kind(row.kind), "left_open"), report
                )
            if not adding:  # beside what is there, it protects as before
                self._note_exposed(draft, report)
            return draft

    def _opened_report(self) -> AbstractContextManager[Report | None]:
        if self._report is None:
            return nullcontext()
        return Report(self._report, overwrite=True, headings=self._importing is not None)

    def _note_exposed(self, draft: Draft, report: Report | None) -> None:
        for row in draft.exposed():
            self.exposed.append(Place(row.file, row.line))
            if report:
                report.rejected(Rejection(row.file, row.line, reported_kind(row.kind), "protected"))

    def _draft(
        self, taking: Taking, report: Report | None, progress: Progress, left_open: set[bytes]
    ) -> Iterator[DraftRow]:
        for path in self._files:
            name = reported_name(path)
            with _opened(path) as file:
                for row in self._rows(name, file, taking, progress):
                    if isinstance(row, Rejection):
                        left_open.update(map(taking.tags.of, row.selectors))
                        self._reject(row, report)
                    else:
                        yield row
                self.sources.append(Source(name, file.sha256.hexdigest()))

    def _reject(self, row: Rejection, report: Report | None) -> None:
        self.rejected[row.code] += 1
        if row.column:
            self.telling_columns[row.column] += 1
        if row.protects:
            self.unprotected.append(Place(row.file, row.line, row.column))
        if report:
            report.rejected(row)

    def _rows(
        self, name: str, file: "_HashedFile", taking: Taking, progress: Progress
    ) -> Iterator[DraftRow | Rejection]:
        with (
            io.BufferedReader(file) as stream,
            progress.stage(f"reading {name}", file.size) as advance,
            Workers(worth_it=(file.size or 0) >= _WORTH_SHARING_BYTES) as workers,
        ):
            before = 0
            for drafted in self._drafted(name, stream, taking, workers):
                yield from drafted
                advance(file.bytes_read - before)
                before = file.bytes_read

    def _drafted(
        self, name: str, stream: BinaryIO, taking: Taking, workers: Workers
    ) -> Iterator[list[DraftRow | Rejection]]:
        if self._importing is None:
            curated = CuratedFile(stream, file=name, region=self._region)
            calls = ((rows, taking) for rows in batches(curated, _ROWS_TOGETHER))
            yield from workers.starmap(draft_rows, calls)
            return
        told = self._importing
        imported = open_import(
            stream,
            file=name,
            today=datetime.fromtimestamp(taking.now, UTC).date(),
            region=self._region,
            defaults=told.defaults,
            sheet=told.sheet,
        )
        self.opened.append(Opened(name, imported.format, imported.columns, imported.warnings))
        for rows in batches(imported, _ROWS_TOGETHER):
            yield [self._take(row, told, name, taking) for row in rows]

    def _take(
        self, row: ListRow | Rejection, told: Importing, file: str, taking: Taking
    ) -> DraftRow | Rejection:
        if not isinstance(row, Rejection):
            source, list_ = row.source or told.source or file, row.list or told.list
            row = msgspec.structs.replace(row, source=source, list=list_)
        entry = entry_of(row)
        if isinstance(entry, Entry):
            self.suspicions.look_at(entry)
            self.holdings.count(entry)
        return take(entry, taking)


class _HashedFile(io.FileIO):
    """A file whose hash is that of the very bytes that were read, whatever becomes of its name."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.sha256 = hashlib.sha256()
        self.bytes_read = 0  # a pipe, such as decryption writes into, has no position

    @property
    def size(self) -> int | None:
        """Its length in bytes, None where it has none."""
        status = os.fstat(self.fileno())
        return status.st_size if stat.S_ISREG(status.st_mode) else None

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        count = super().readinto(buffer)
        self.sha256.update(memoryview(buffer)[:count])
        self.bytes_read += count
        return count


def _opened(path: Path) -> _HashedFile:
    try:
        # A device, such as /dev/zero, might have no end.
        if path.exists() and not (path.is_file() or path.is_fifo()):
            raise OperatorError(f"{path} is no file; name a list in CSV")
        return _HashedFile(path)
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}") from None

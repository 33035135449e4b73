"""The files that a list is read from: their rows, hashes, and the report of what is not taken."""

import hashlib
import io
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.importers.csv_rows import CuratedFile
from indexer.importers.entry import Entry, ImportCode, Rejection
from indexer.importers.report import Report, refuse_all_but_reports, refuse_overwriting
from indexer.list_file import DraftCounts, ListFile
from indexer.progress import Progress
from screening.vocabulary.errors import OperatorError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


@dataclass(frozen=True, slots=True)
class Source:
    """A file that the list was read from, as the ledger names it."""

    name: str
    sha256: str


class ListSources:
    """Several list files, read one after the other: together they are the list."""

    def __init__(self, files: Sequence[Path], *, region: str | None, report: Path | None) -> None:
        """Name the files; `OperatorError` where the report would replace anything but a report."""
        if report is not None:
            refuse_overwriting(inputs=files, outputs=[report])
            refuse_all_but_reports(report)
        self._files = files
        self._region = region
        self._report = report
        self.sources: list[Source] = []
        self.rejected: Counter[ImportCode] = Counter()
        self.unprotected = 0

    def stage_into(self, list_file: ListFile, progress: Progress) -> DraftCounts:
        """Stage every row that can be taken; the others are counted, and reported when it is done.

        Raises `OperatorError` where a file cannot be read, or its header is not that of a list.
        """
        with Report(self._report, overwrite=True) if self._report else nullcontext() as report:
            return list_file.stage(self._entries(report, progress))

    def _entries(self, report: Report | None, progress: Progress) -> Iterator[Entry]:
        for path in self._files:
            with _opened(path) as file, io.BufferedReader(file) as stream:
                yield from self._rows(path.name, stream, report, progress)
                self.sources.append(Source(path.name, file.sha256.hexdigest()))

    def _rows(
        self,
        name: str,
        stream: "io.BufferedReader[_HashedFile]",
        report: Report | None,
        progress: Progress,
    ) -> Iterator[Entry]:
        before = 0
        size = os.fstat(stream.fileno()).st_size
        with progress.stage(f"reading {name}", size) as advance:
            for row in CuratedFile(stream, file=name, region=self._region):
                if isinstance(row, Rejection):
                    self.rejected[row.code] += 1
                    self.unprotected += row.protects
                    if report:
                        report.rejected(row)
                else:
                    yield row
                if (position := stream.tell()) > before:
                    advance(position - before)
                    before = position


class _HashedFile(io.FileIO):
    """A file whose hash is that of the very bytes that were read, whatever becomes of its name."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.sha256 = hashlib.sha256()

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        count = super().readinto(buffer)
        self.sha256.update(memoryview(buffer)[:count])
        return count


def _opened(path: Path) -> _HashedFile:
    try:
        return _HashedFile(path)
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}") from None

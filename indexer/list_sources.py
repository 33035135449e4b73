"""The files that a list is read from: their rows, hashes, and the report of what is not taken."""

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from indexer.deployment import file_sha256
from indexer.importers.csv_rows import CuratedFile
from indexer.importers.entry import Entry, ImportCode, Rejection
from indexer.importers.report import Report
from indexer.list_file import DraftCounts, ListFile
from indexer.progress import Progress
from screening.vocabulary.errors import OperatorError


@dataclass(frozen=True, slots=True)
class Source:
    """A file that the list was read from, as the ledger names it."""

    name: str
    sha256: str


class ListSources:
    """Several list files, read one after the other: together they are the list."""

    def __init__(self, files: Sequence[Path], *, region: str | None, report: Path | None) -> None:
        self._files = files
        self._region = region
        self._report = report
        self.sources: list[Source] = []
        self.rejected: Counter[ImportCode] = Counter()

    def stage_into(self, list_file: ListFile, progress: Progress) -> DraftCounts:
        """Stage every row that can be taken; the others are counted, and reported when it is done.

        Raises `OperatorError` where a file cannot be read, or its header is not that of a list.
        """
        self.sources = [Source(path.name, file_sha256(path)) for path in self._files]
        with ExitStack() as stack:
            report = stack.enter_context(Report(self._report)) if self._report else None
            return list_file.stage(self._entries(report, progress))

    def _entries(self, report: Report | None, progress: Progress) -> Iterator[Entry]:
        for path in self._files:
            with (
                _opened(path) as stream,
                progress.stage(f"reading {path.name}", path.stat().st_size) as advance,
            ):
                before = 0
                for row in CuratedFile(stream, file=path.name, region=self._region):
                    if isinstance(row, Rejection):
                        self.rejected[row.code] += 1
                        if report:
                            report.rejected(row)
                    else:
                        yield row
                    if (position := stream.tell()) > before:
                        advance(position - before)
                        before = position


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb", buffering=io.DEFAULT_BUFFER_SIZE)
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}") from None

"""What importing writes: the row-level report, and the list that was extracted from a text.

Both are CSV in UTF-8, written row by row, and appear under their names whole or not at all, mode
0600. Nothing is overwritten without the caller's consent. Cells that a spreadsheet would run as a
formula get an apostrophe in front.
"""

import contextlib
import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from indexer.outputs import refuse_all_but
from screening.importers.entry import Rejection, Role, Span
from screening.importers.free_text import Taken
from screening.importers.whom import Whom
from screening.private_files import private_file
from screening.vocabulary.formula import guarded
from screening.vocabulary.printable import printable

REPORT_COLUMNS: Final = ("file", "line", "kind", "code")
FIND_COLUMNS: Final = ("column", "first", "last", "speaks_of")
HEADING_COLUMN: Final = "because_of_column"
EXTRACTED_COLUMNS: Final = ("kind", "value", "role", "region", "source", "reason")
TAKEN: Final = "taken"
_SOURCE_CHARACTERS: Final = 500
_TOLD: Final[Mapping[Whom, str]] = {
    Whom.VICTIM: "its text speaks of a victim",
    Whom.PERHAPS_VICTIM: "its text may speak of a victim",
    Whom.WITNESS: "its text speaks of a witness or another bystander",
    Whom.CLEARED: "its text speaks of somebody who was cleared",
    Whom.ANOTHER: "its row names another role",
}
"""What the reason of a row without a role says: whoever publishes it must hear of a victim."""


class PrivateCsv:
    """A CSV file that becomes visible when its `with` block ends well, and otherwise leaves none.

    With `overwrite` an older file of that name is replaced at that moment, and stays where the
    block fails; without it, `FileExistsError` is raised where there is one by then.
    """

    def __init__(self, path: Path, columns: Iterable[str], *, overwrite: bool) -> None:
        self._path = path
        self._overwrite = overwrite
        self._columns = tuple(columns)
        self._ending = contextlib.ExitStack()

    def __enter__(self) -> Self:
        file = self._ending.enter_context(private_file(self._path, overwrite=self._overwrite))
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        self._ending.callback(text.detach)  # which writes what it still holds
        self._writer = csv.writer(text, lineterminator="\n")
        self._writer.writerow(self._columns)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ending.__exit__(kind, error, traceback)

    def _write(self, cells: Iterable[str | int]) -> None:
        self._writer.writerow(cells)


class Report(PrivateCsv):
    """One line for each row: `file,line,kind,code`; of `finds` also where, and of whom it speaks.

    With `headings` it says too by its name which column of a table speaks against a row. It names
    places and codes and repeats nothing that stands there: a curator looks it up in the file
    itself. `column`, `first` and `last` count from 1, and are empty where a whole row is meant;
    `speaks_of` says of what was taken whom its text tells of, but of offenders.
    """

    def __init__(
        self, path: Path, *, overwrite: bool, finds: bool = False, headings: bool = False
    ) -> None:
        more = (*(FIND_COLUMNS if finds else ()), *((HEADING_COLUMN,) if headings else ()))
        super().__init__(path, (*REPORT_COLUMNS, *more), overwrite=overwrite)
        self._finds = finds
        self._headings = headings

    def rejected(self, rejection: Rejection) -> None:
        """Report something that was not taken."""
        place = (rejection.file, rejection.line, rejection.kind)
        self._row(place, rejection.code, rejection.span, column=rejection.column)

    def taken(self, found: Taken) -> None:
        """Report something that was taken."""
        place = (found.file, found.line, found.canonical.kind.value)
        self._row(place, TAKEN, found.span, told=found.told)

    def _row(
        self,
        place: tuple[str, int, str],
        code: str,
        span: Span | None,
        *,
        column: str = "",
        told: Whom | None = None,
    ) -> None:
        file, line, kind = place
        found: tuple[str | int, ...] = ()
        if self._finds:
            where = ("", "", "") if span is None else (span.column, span.first, span.last)
            found = (*where, "" if told is None else told.name.lower())
        headings = (guarded(column),) if self._headings else ()
        self._write((guarded(file), line, kind, code, *found, *headings))


class ExtractedList(PrivateCsv):
    """The selectors found in a text, ready for `publish`, all under the one `role` given.

    Without a role its cell is empty, and `publish` takes no row until a curator has filled it in;
    it is empty too where the text speaks of a victim or a witness, unless the role is `victim`, and
    the reason says so then: such a row, left as it is, has `publish` refuse the list.

    The value is the canonical form, so that it means the same under every default region; `region`
    is filled where the reading rests on that hint. Values are not guarded, or they could not be
    read back: a phone is `+` and digits, and no e-mail address taken from a text starts a formula.
    """

    def __init__(self, path: Path, *, role: Role | None, overwrite: bool) -> None:
        super().__init__(path, EXTRACTED_COLUMNS, overwrite=overwrite)
        self._role = "" if role is None else role.value
        self._open_role = self._role if role is Role.VICTIM else ""

    def add(self, taken: Taken) -> None:
        """Write one selector; the reason names the place in the text that it was taken from."""
        canonical = taken.canonical
        reason = f"extracted from {taken.file} line {taken.line}"
        if taken.told is not None:
            reason = f"{_TOLD[taken.told]}; {reason}"
        self._write(
            (
                canonical.kind.value,
                canonical.text,
                self._role if taken.told is None else self._open_role,
                taken.region,
                guarded(_one_line(taken.source)),
                guarded(_one_line(reason)),
            )
        )


def refuse_all_but_reports(output: Path) -> None:
    """Raise `OperatorError` where `output` is there and is no report, such as a list or a kit."""
    refuse_all_but(output, REPORT_COLUMNS, "report")


def refuse_all_but_extracted_lists(output: Path) -> None:
    """Raise `OperatorError` where `output` is there and is no list as `ExtractedList` writes it."""
    refuse_all_but(output, EXTRACTED_COLUMNS, "list of indexer extract")


def _one_line(text: str) -> str:
    # What a list file takes in a cell is less than what may stand in a text's.
    return " ".join(printable(text).split())[:_SOURCE_CHARACTERS]

"""Writes the screened file: the original columns, then `result`, `reason`, `receipt`.

Written beside its place and moved there when it is whole, mode 0600: it says who is on the list.
"""

import codecs
import filecmp
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TextIO

from screening.client.bulk.columns import Column
from screening.client.bulk.outcomes import (
    Cause,
    RowOutcome,
    RowVerdict,
    asked_cells,
    row_outcome,
)
from screening.client.bulk.resume import ResumeFile
from screening.client.bulk.table import Table, refuse_changed, table_rows
from screening.client.unwritten import unwritten
from screening.private_files import sync_directory
from screening.vocabulary.delimiters import MARKS
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.formula import guarded

_ROWS_BETWEEN_NEWS: Final = 1_000
_ADDED: Final = ("result", "reason", "receipt")
# Quoted whichever delimiter it is: a spreadsheet of another country splits at another one, and
# what follows could then begin a cell of its own, and be a formula.
_TO_QUOTE: Final = re.compile(f'["\r\n{MARKS}]|^$|^ | $')


@dataclass(slots=True)
class Summary:
    """How many rows ended how, and in how many each cause is a reason not to have screened them.

    `added` are the names of the added columns.
    """

    added: Sequence[str]
    results: Counter[RowVerdict] = field(default_factory=Counter)
    causes: Counter[Cause] = field(default_factory=Counter)

    def count(self, outcome: RowOutcome) -> None:
        """Count one row."""
        self.results[outcome.result] += 1
        self.causes.update(outcome.causes)

    @property
    def is_numbered(self) -> bool:
        """Tell whether the added columns have a number, because the file has such columns."""
        return tuple(self.added) != _ADDED

    @property
    def in_vain(self) -> bool:
        """Tell whether there are rows, and none of them was screened."""
        return set(self.results) == {"not_screened"}


def write_screened(
    table: Table,
    columns: Sequence[Column],
    resume: ResumeFile,
    out: Path,
    *,
    overwrite: bool,
    written: Callable[[int], None],
) -> Summary:
    """Write `out` from the input and the answers; raises `OperatorError`, and `out` is as before.

    An existing `out` is replaced only with `overwrite`, and left where it is this very file: the
    run that wrote it was ended in the next moment. `written` hears of every thousand rows.
    """
    temporary = partial_path(out)
    summary = Summary(added_names(table.header))
    try:
        with _open_private(temporary) as file:
            for rows in _write_rows(file, table, _outcomes(columns, resume), summary):
                if rows % _ROWS_BETWEEN_NEWS == 0:
                    written(_ROWS_BETWEEN_NEWS)
            file.flush()
            os.fsync(file.fileno())
        refuse_changed(table)
        _publish(temporary, out, overwrite=overwrite)
    except OSError as error:
        raise unwritten(out, error) from None
    finally:
        with suppress(OSError):  # Nothing may hide the sentence above; the next run removes it too.
            temporary.unlink()
    return summary


def partial_path(out: Path) -> Path:
    """Return where `out` stands until it is whole; what stands there is removed."""
    return out.with_name(f".{out.name}.partial")


def added_names(header: Sequence[str]) -> list[str]:
    """Return the names of the added columns: with one number for all three if any is taken."""
    taken = {name.strip().casefold() for name in header}
    suffix, number = "", 1
    while any(f"{name}{suffix}" in taken for name in _ADDED):
        number += 1
        suffix = f"_{number}"
    return [f"{name}{suffix}" for name in _ADDED]


def _write_rows(
    file: TextIO, table: Table, outcomes: Iterator[RowOutcome], summary: Summary
) -> Iterator[int]:
    """Write row after row, and yield how many there are."""
    width = len(table.header)

    def write(cells: list[str]) -> None:
        line = table.delimiter.join(_spelled(guarded(cell), len(cells)) for cell in cells)
        file.write(line + table.line_end)

    if table.has_bom:
        file.write(codecs.BOM_UTF8.decode())
    file.writelines(table.above)
    write([*table.header, *summary.added])
    # A table that is longer or shorter by now has changed, and the file is refused in the end.
    for number, (row, outcome) in enumerate(zip(table_rows(table), outcomes, strict=False), 1):
        summary.count(outcome)
        padded = row + [""] * (width - len(row))
        # Cells beyond the header stay, behind the added columns, which thus keep their place.
        write([*padded[:width], outcome.result, outcome.reason, outcome.receipt, *padded[width:]])
        yield number


def _outcomes(columns: Sequence[Column], resume: ResumeFile) -> Iterator[RowOutcome]:
    width = len(columns)
    for batch in resume.in_order():
        asked = 0
        for start in range(0, len(batch.cells), width):
            cells = batch.cells[start : start + width]
            yield row_outcome(columns, cells, receipt=batch.receipt, first_asked=asked)
            asked += asked_cells(cells)


def _spelled(cell: str, cells: int) -> str:
    if not _TO_QUOTE.search(cell) or (not cell and cells > 1):
        return cell
    return '"' + cell.replace('"', '""') + '"'


def _open_private(path: Path) -> TextIO:
    # A run that was killed may have left its own; the lock on OUT.resume says nobody writes it now.
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8", newline="")


def _publish(temporary: Path, out: Path, *, overwrite: bool) -> None:
    if overwrite:
        temporary.replace(out)
    else:
        with suppress(FileExistsError):
            os.link(temporary, out)  # fails where the name is taken: nothing is overwritten
            sync_directory(out.parent)
            return
        if out.is_symlink() or not filecmp.cmp(temporary, out, shallow=False):
            raise OperatorError(f"{out} exists by now; move it away, or give --overwrite")
    sync_directory(out.parent)

"""What stands between the cells of a CSV file: told by a first line `sep=;`, or found."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from screening.vocabulary.column_names import kinds_named
from screening.vocabulary.delimiters import DELIMITERS, find_told_delimiter, tells_delimiter
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.recognition import find_kind

_FIRST_RECORDS: Final = 20
_OTHER_DELIMITERS: Final = "^~:"


def find_separator_line(path: Path, text: str) -> tuple[str, str] | None:
    """Return the first line that tells a delimiter, and this; None where none tells one.

    Raises `OperatorError` where it is one that is not read.
    """
    line, end, _ = text.partition("\n")
    if not end or not tells_delimiter(line):
        return None
    delimiter = find_told_delimiter(line)
    if delimiter is None:
        raise OperatorError(
            f"the first line of {path} tells of a separator that is not read; "
            "export it again with comma, semicolon, tab or |"
        )
    return line + end, delimiter


def find_delimiter(text: str) -> str:
    """Return the delimiter that splits the first records most evenly, and most.

    Where none splits the first, or one splits it alone, it may be a title: what splits those below
    it, then.
    """
    records = {delimiter: _first_records(text, delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: _evenness(records[delimiter]))
    first, *rows = records[best] or [[]]
    if len(first) > 1 and (not rows or any(len(row) > 1 for row in rows)):
        return best
    below = {delimiter: _names_below(found) for delimiter, found in records.items()}
    likely = max(DELIMITERS, key=lambda delimiter: below[delimiter])
    return likely if below[likely] > (0, 0) else best  # the first of equals


def refuse_one_column(path: Path, header: Sequence[str], text: str) -> None:
    """Refuse a file of one column where the same mark stands in all first lines, equally often.

    It separates columns: read as one, their values could pass for one strange e-mail address.
    """
    lines = [line for line in text.splitlines()[:_FIRST_RECORDS] if line.strip()]
    if len(header) != 1 or len(lines) < 2:
        return
    for mark in _OTHER_DELIMITERS:
        counts = {line.count(mark) for line in lines}
        if len(counts) == 1 and 0 not in counts:
            raise OperatorError(
                f"{path} seems to separate its columns by {mark}; export it again with comma, "
                "semicolon, tab or |"
            )


def _first_records(text: str, delimiter: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [one for one, _ in zip(reader, range(_FIRST_RECORDS), strict=False) if one]
    except csv.Error:
        return []


def _evenness(records: list[list[str]]) -> tuple[bool, int, int, int]:
    widths = [len(record) for record in records]
    width = widths[0] if widths else 0
    selectors = sum(find_kind(cell) is not None for record in records for cell in record)
    return (width > 1, widths.count(width), selectors, width)


def _names_below(records: list[list[str]]) -> tuple[int, int]:
    """Return how many cells of a line below the first name a kind, and into how many it is split.

    (0, 0) where none names more than the first, unless all lines are split into as many cells: a
    column of phones may have two in every cell.
    """
    if not records:
        return (0, 0)
    first, *rows = records
    wide = [row for row in rows if len(row) > 1]
    named = _named(first)
    names = [(_named(row), len(row)) for row in wide if _named(row) > named and not _has_value(row)]
    if not names and not named and len(wide) == len(rows) > 1 and len(set(map(len, wide))) == 1:
        return (0, len(wide[0]))
    return max(names, default=(0, 0))


def _named(cells: Sequence[str]) -> int:
    return sum(bool(kinds_named(cell)) for cell in cells)


def _has_value(cells: Sequence[str]) -> bool:
    return any(find_kind(cell) is not None for cell in cells)

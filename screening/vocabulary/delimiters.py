"""What stands between the cells of a CSV file: told by a first line `sep=;`, or found.

So that `gen-screen bulk`, `indexer import` and `indexer extract` part the same file in the same
way. They read the records themselves: a damaged line costs a stream itself, and bulk the file.
"""

import csv
import re
from collections.abc import Callable, Sequence
from itertools import islice, takewhile
from typing import Final

from screening.vocabulary.column_names import kinds_named
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.recognition import find_kind

DELIMITERS: Final = (",", ";", "\t", "|")
MARKS: Final = re.escape("".join(DELIMITERS))
"""For a set of characters in a regular expression."""
ANY_DELIMITER: Final = re.compile(f"[{MARKS}]")
FIRST_BYTES: Final = 64 * 1024
"""So much of a file, from its beginning, tells the delimiter."""
_FIRST_RECORDS: Final = 20
_OTHER_DELIMITERS: Final = "^~:"
_SEPARATOR_LINE: Final = re.compile(r'sep=(.)|"sep=(.)"', re.IGNORECASE)
_BLANK_LINE: Final = re.compile(rf'(?:[ \r\n{MARKS}]|"[ \t]*+")*+')
_QUOTED: Final = re.compile(r'"[^"]*"')
_EXPORT_AGAIN: Final = "export it again with comma, semicolon, tab or |"

Fits = Callable[[Sequence[str]], bool]
"""Tells whether cells are those of the header that is looked for."""


def is_blank_line(line: str) -> bool:
    """Tell whether a line says nothing, whatever parts it: white space, or cells without any."""
    return _BLANK_LINE.fullmatch(line) is not None


def is_separator_line(line: str) -> bool:
    """Tell whether a line tells what parts the cells below it, as Excel reads `sep=;`."""
    return _SEPARATOR_LINE.fullmatch(line.strip("\r\n ")) is not None


def find_told_delimiter(line: str, file: str) -> str | None:
    """Return the delimiter that a line like `sep=;` tells; None where it is no such line.

    Raises `OperatorError` where it tells one that is not read.
    """
    told = _SEPARATOR_LINE.fullmatch(line.strip("\r\n "))
    if told is None:
        return None
    delimiter: str = told[1] or told[2]
    if delimiter not in DELIMITERS:
        raise OperatorError(
            f"the first line of {file} tells of a separator that is not read; {_EXPORT_AGAIN}"
        )
    return delimiter


def part_head(lines: Sequence[str], file: str) -> tuple[list[str], list[str], str | None]:
    """Part the first lines into those above the header and the others; tell what they tell.

    Above the header stand blank lines, and one like `sep=;`: the delimiter that this tells is the
    third, None where there is none. Raises `OperatorError` where it tells one that is not read.
    """
    count, told = _count_blank(lines), None
    if count < len(lines) and (told := find_told_delimiter(lines[count], file)) is not None:
        count += 1
        count += _count_blank(lines[count:])
    return list(lines[:count]), list(lines[count:]), told


def _count_blank(lines: Sequence[str]) -> int:
    return len(list(takewhile(is_blank_line, lines)))


def find_delimiter(lines: Sequence[str], *, fits: Fits = lambda _header: False) -> str:
    """Return what parts the first lines of a file most evenly, and the first of them most.

    What parts it with a space behind has to do so twice as evenly as another. A header that the
    caller finds to be what it `fits` decides. Where nothing parts the first line, or parts it
    alone, it may be a title: what parts those below it, then.
    """
    records = {delimiter: first_records(lines, delimiter) for delimiter in DELIMITERS}
    # Between words of a name, as in "Phone, mobile", a space stands behind the mark.
    bare = _QUOTED.sub("", "".join(lines[:1]))
    best = max(
        DELIMITERS,
        key=lambda mark: _evenness(records[mark], fits, is_loose=f"{mark} " in bare),
    )
    first, *rows = records[best] or [[]]
    if fits(first) or (len(first) > 1 and (not rows or any(len(row) > 1 for row in rows))):
        return best
    below = {delimiter: _names_below(found) for delimiter, found in records.items()}
    likely = max(DELIMITERS, key=lambda delimiter: below[delimiter])
    return likely if below[likely] > (0, 0) else best  # the first of equals


def refuse_one_column(file: str, header: Sequence[str], lines: Sequence[str]) -> None:
    """Refuse a file of one column where the same mark stands in all first lines, equally often.

    It separates columns: read as one, their values could pass for one strange e-mail address.
    """
    filled = [line for line in lines[:_FIRST_RECORDS] if line.strip()]
    if len(header) != 1 or len(filled) < 2:
        return
    for mark in _OTHER_DELIMITERS:
        counts = {line.count(mark) for line in filled}
        if len(counts) == 1 and 0 not in counts:
            raise OperatorError(f"{file} seems to separate its columns by {mark}; {_EXPORT_AGAIN}")


def first_records(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """Part the first lines; one whose quotation marks do not pair is parted by itself."""
    records: list[list[str]] = []
    place = 0
    while place < len(lines) and len(records) < _FIRST_RECORDS:
        rest = islice(lines, place, None)
        reader = csv.reader(rest, strict=True, skipinitialspace=True, delimiter=delimiter)
        try:
            record = next(reader)
        except csv.Error:
            record = lines[place].rstrip("\r\n").split(delimiter)
            place += 1
        else:
            place += reader.line_num
        if record:
            records.append(record)
    return records


def _evenness(
    records: Sequence[Sequence[str]], fits: Fits, *, is_loose: bool
) -> tuple[bool, bool, float, int, int]:
    header, *rows = records or [[]]
    width = len(header)
    # A share: where a cell has lines, another mark makes many records of one.
    even = sum(len(row) == width for row in rows) / len(rows) if rows else 1.0
    selectors = sum(find_kind(cell) is not None for record in records for cell in record)
    return (fits(header), width > 1, even / 2 if is_loose else even, selectors, width)


def _names_below(records: Sequence[Sequence[str]]) -> tuple[int, int]:
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

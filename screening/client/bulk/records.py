"""CSV files -> records, read strictly: what cannot be read is refused, with its line.

A stray quotation mark can swallow rows, and a row that was never seen must not look like one
without a match.
"""

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

from screening.vocabulary.errors import OperatorError

_LINE_END: Final = re.compile(r"\r\n?|\n")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what a disk or a share says into one sentence: it can fail at any byte."""
    try:
        yield
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}") from None


def records(path: Path, delimiter: str) -> Iterator[list[str]]:
    """Yield the records of a file; raises `OperatorError` where it is no CSV in UTF-8."""
    with reading(path), path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        whole = 0  # lines of records that were read
        try:
            for record in reader:
                whole = reader.line_num
                yield record
        except UnicodeDecodeError:
            decoded = False
        except csv.Error:
            line = _faulty_line(path, delimiter, range(whole, reader.line_num))
            raise OperatorError(
                f"{path} is not CSV at line {line}: a quotation mark is not closed or not doubled, "
                "or a cell is huge; correct it and start again"
            ) from None
        else:
            decoded = True
    if not decoded:
        line = _undecodable_line(path)
        raise OperatorError(f"{path} is not UTF-8 at line {line}; save it as CSV UTF-8")


def line_of(path: Path, delimiter: str, place: int) -> int:
    """Return the line, from 1, where the record with the index `place` begins."""
    with reading(path), path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        for _ in islice(reader, place):
            pass
        return reader.line_num + 1


def _faulty_line(path: Path, delimiter: str, lines: range) -> int:
    """Return the line, from 1, where the cell begins that spoils the record of some `lines`.

    A quotation mark that is not closed swallows what is below it, to the end of the file perhaps.
    """
    with reading(path), path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        record = "".join(islice(file, lines.start, lines.stop))
    whole = _whole_cells(delimiter).match(record)
    return lines.start + 1 + len(_LINE_END.findall(record, 0, whole.end() if whole else 0))


def _whole_cells(delimiter: str) -> re.Pattern[str]:
    """Return what matches the cells that begin a record, and are whole, with what ends each."""
    end = re.escape(delimiter)
    return re.compile(rf'(?:(?:"(?:[^"]|"")*+"|[^"{end}\r\n][^{end}\r\n]*+|){end})*+')


def _undecodable_line(path: Path) -> int:
    with reading(path), path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return 1

"""The first line of a curated list: the columns that it names, or one sentence on what is wrong.

What stands there instead is never repeated: a file without a header starts with a selector.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from screening.importers.csv_records import Unreadable, find_cells, is_blank, read_line
from screening.importers.entry import IMPORT_SENTENCES
from screening.importers.physical_lines import BOM
from screening.vocabulary.delimiters import is_separator_line
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.file_starts import WORKBOOK_STARTS

REQUIRED_COLUMNS: Final = ("kind", "value", "role")
OPTIONAL_COLUMNS: Final = (
    "region",
    "source",
    "reason",
    "confidence",
    "first_seen",
    "last_seen",
    "review_by",
    "expires_at",
    "jurisdictions",
    "list",
)
PASSED_OVER_COLUMNS: Final = ("due_on", "due_for")
"""In which `indexer due` says when and why a row is due: they say nothing of its entry."""
_COLUMNS: Final = (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS, *PASSED_OVER_COLUMNS)
_EXPECTED: Final = (
    f"its first line must name the columns {','.join(REQUIRED_COLUMNS)} and, where they are used, "
    f"{','.join(OPTIONAL_COLUMNS)}, separated by commas, each once, and no others; "
    "other files are taken in with: indexer import"
)
_OTHER_FILES: Final = (
    (WORKBOOK_STARTS, "a workbook"),
    ((b"{", b"["), "JSON"),
)
"""How files begin that are no CSV (ZIP, [MS-CFB], RFC 8259), and what they are called."""
_OTHER_SEPARATORS: Final = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def read_header(lines: Iterator[tuple[int, bytes]], file: str, *, max_bytes: int) -> list[str]:
    """Return the names of the columns, in lower case.

    Raises `OperatorError` where the first line that says something is no header of a list.
    """
    for number, line in lines:
        content = line.removeprefix(BOM) if number == 1 else line
        if not is_blank(content):
            return _read_names(content, file, max_bytes)
    raise OperatorError(f"{file} is empty; {_EXPECTED}")


def _read_names(line: bytes, file: str, max_bytes: int) -> list[str]:
    for starts, what in _OTHER_FILES:
        if line.lstrip().startswith(starts):
            raise OperatorError(f"{file} is {what} and no list; take it in with: indexer import")
    text = read_line(line, max_bytes=max_bytes)
    if isinstance(text, str) and "\0" in text:  # UTF-16 without its mark
        text = Unreadable("bad_utf8")
    if isinstance(text, Unreadable):
        raise OperatorError(f"the first line of {file}: {IMPORT_SENTENCES[text.code]}")
    names = _names(find_cells(text) or ())
    problem = _find_other_separator(text) or _find_problem(names)
    if problem is not None:
        raise OperatorError(f"{file} {problem}; {_EXPECTED}")
    return names


def _names(cells: Sequence[str]) -> list[str]:
    return [cell.strip().lower() for cell in cells]


def _find_other_separator(text: str) -> str | None:
    if is_separator_line(text):
        return "tells its separator in a line above its columns: remove that line"
    for separator, word in _OTHER_SEPARATORS.items():
        names = _names([cell.strip().strip('"') for cell in text.split(separator)])
        if len(set(names) & set(_COLUMNS)) > 1:
            return f"separates its columns by {word}, not commas"
    return None


def _find_problem(names: Sequence[str]) -> str | None:
    """Return what is wrong with a header, in our own names and in places, counted from 1."""
    if not set(names) & set(REQUIRED_COLUMNS):
        return "has no header of a list, or one with a quotation mark that is not closed"
    twice = [name for name in _COLUMNS if names.count(name) > 1]
    missing = [name for name in REQUIRED_COLUMNS if name not in names]
    unknown = [str(place) for place, name in enumerate(names, 1) if name not in _COLUMNS]
    problems = [
        f"{problem} {', '.join(what)}"
        for problem, what in (
            ("names more than once:", twice),
            ("lacks the column", missing),
            ("has another name in column", unknown),
        )
        if what
    ]
    return " and ".join(problems) or None

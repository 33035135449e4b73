"""Curated list files: CSV rows -> entries, none of them lost silently.

    bytes -> physical lines -> records -> `ListRow` -> `Entry` or `Rejection`

All but the last step is cheap. `entry_of` normalises: it is pure and takes values that pickle, so a
caller with several cores may map it over a `CuratedFile` in other processes, in chunks, in order.
"""

import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

import msgspec

from screening.importers.csv_header import OPTIONAL_COLUMNS, REQUIRED_COLUMNS, read_header
from screening.importers.csv_records import LIMITS, CsvRecords, Fault, Record
from screening.importers.entry import ROLES, Entry, ImportCode, Rejection, Role, reported_kind
from screening.importers.life import read_life
from screening.importers.listed_cells import read_listed
from screening.importers.physical_lines import physical_lines
from screening.importers.victim_words import (
    is_victim,
    means_victim,
    names_victim,
    role_text,
)
from screening.vocabulary.delimiters import ANY_DELIMITER
from screening.vocabulary.formula import unguarded
from screening.vocabulary.recognition import is_one
from screening.vocabulary.selector import Canonical, SelectorKind

# Only here does a line break belong into a cell. Anywhere else it is a sign of an unclosed quote.
_MULTI_LINE: Final = ("source", "reason")
# C0 controls other than tab and line ends, and DEL: no spreadsheet writes them into a CSV, and the
# NULs of a damaged file are among them.
CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_KINDS: Final = frozenset(kind.value for kind in SelectorKind)
_ROLE_CHARACTERS: Final = 32


class ListRow(msgspec.Struct, frozen=True):
    """The cells of one row as they were written; shows nothing but where it stands.

    Made and pickled in a third of the time that a dataclass takes (measured).
    """

    file: str
    line: int
    kind: str
    value: str
    role: str
    region: str | None
    source: str
    reason: str
    confidence: str
    first_seen: str
    last_seen: str
    review_by: str
    expires_at: str
    jurisdictions: str
    list: str

    def __repr__(self) -> str:
        return f"ListRow(line {self.line})"


class CuratedFile:
    """One list file, read lazily and once: a `ListRow` or a `Rejection` for every row, in order.

    `stream` is open for reading bytes and stays the caller's; `file` is what entries and reports
    call it; `region` is for phones without country code, where a row names none. The header is read
    at once: `OperatorError` where it is not that of a list.
    """

    def __init__(self, stream: BinaryIO, *, file: str, region: str | None = None) -> None:
        self._file = file
        self._region = region
        lines = physical_lines(stream, max_bytes=LIMITS.bytes)
        self._columns = _Columns(read_header(lines, file, max_bytes=LIMITS.bytes))
        self._records = CsvRecords(lines, self._columns, LIMITS)

    def __iter__(self) -> Iterator[ListRow | Rejection]:
        """Yield the rows before normalisation; map `entry_of` over them."""
        columns = self._columns
        for record in self._records:
            if isinstance(record, Fault):
                yield self._unread(record, "", record.code)
            elif len(record.cells) != columns.count:
                yield self._unread(record, columns.kind(record.cells), "wrong_column_count")
            elif CONTROL.search("".join(record.cells)):
                yield self._unread(record, columns.kind(record.cells), "control_character")
            else:
                yield self._row(record.line, record.cells)

    def _unread(self, record: Record | Fault, kind: str, code: ImportCode) -> Rejection:
        # Which of the cells is the role is not certain here: any that speaks of a victim counts.
        protects = any(names_victim(cell) for cell in record.cells)
        return Rejection(self._file, record.line, reported_kind(kind), code, protects=protects)

    def _row(self, line: int, cells: Sequence[str]) -> ListRow:
        # A name that the header lacks has the index -1: the empty cell that is appended here.
        kind, value, role, region, *rest = self._columns.ordered([*cells, ""])
        return ListRow(
            self._file,
            line,
            kind.lower(),
            value,
            role_text(role),
            region or self._region,
            *rest,
        )


def entry_of(row: ListRow | Rejection) -> Entry | Rejection:
    """Return the entry that a row makes, or why it makes none; the first reason found.

    Texts lose what `due` and `extract` put before them for spreadsheets: it is no part of what
    tells one source from another.
    """
    if isinstance(row, Rejection):
        return row
    role = _find_role(row)
    if role is None:
        return _rejection(row, "unknown_role")
    life = read_life(row)
    # The entry of a victim keeps its selector out of every index, expired or not. A mistyped
    # confidence or date must not undo that.
    if role is not Role.VICTIM and life.trouble is not None:
        return _rejection(row, life.trouble)
    canonical = _read_value(row)
    if not isinstance(canonical, Canonical):
        return _rejection(row, canonical)
    return Entry(
        canonical=canonical,
        role=role,
        source=unguarded(row.source.strip()),
        reason=unguarded(row.reason.strip()),
        confidence=life.confidence,
        first_seen=life.first_seen,
        last_seen=life.last_seen,
        review_by=life.review_by,
        expires_at=life.expires_at,
        jurisdictions=life.jurisdictions,
        list=life.list,
        file=row.file,
        line=row.line,
    )


def _find_role(row: ListRow) -> Role | None:
    # With "victim" in another cell than the role's, the cells are shifted.
    if row.role != Role.VICTIM and (is_victim(row.region or "") or is_victim(row.list)):
        return None
    return Role(row.role) if row.role in ROLES else None


def _read_value(row: ListRow) -> Canonical | ImportCode:
    if row.kind not in _KINDS:
        return "unknown_kind"
    return read_listed(SelectorKind(row.kind), row.value, row.region)


class _Columns:
    """Where each known column stands in a file; the `Shape` of its rows."""

    def __init__(self, header: Sequence[str]) -> None:
        places = {name: index for index, name in enumerate(header)}
        self.count = len(header)
        self._kind = places["kind"]
        self._order = tuple(places.get(n, -1) for n in (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS))
        self._one_line = tuple(i for n, i in places.items() if n not in _MULTI_LINE)

    def ordered(self, cells: Sequence[str]) -> list[str]:
        return [cells[index].strip() for index in self._order]

    def kind(self, cells: Sequence[str]) -> str:
        return cells[self._kind].strip().lower() if self._kind < len(cells) else ""

    def is_whole(self, cells: Sequence[str], joined: Sequence[str]) -> bool:
        return (
            len(cells) == self.count
            and not any("\n" in cells[i] or "\r" in cells[i] for i in self._one_line)
            and not any(self._is_row(line) for line in joined)
        )

    def _is_row(self, line: str) -> bool:
        # A joined line that could be a row of its own was not meant to be part of a remark; nor one
        # with a role and a selector for cells, whatever stands between its cells.
        cells = line.split(",")
        if len(cells) >= self.count and reported_kind(self.kind(cells).strip('"')):
            return True
        pieces = [piece.strip().strip('"') for piece in ANY_DELIMITER.split(line)]
        return any(map(_is_role, pieces)) and any(map(is_one, pieces))


def _rejection(row: ListRow, code: ImportCode) -> Rejection:
    # Perhaps its cells are shifted: the role may stand in another one.
    shifted = (row.kind, row.source, row.reason, row.confidence, row.jurisdictions)
    dates = (row.first_seen, row.last_seen, row.review_by, row.expires_at)
    # An address may have any name: what is a selector is no role, and no remark.
    value = "" if is_one(row.value, row.region) else row.value
    protects = means_victim(row.role, (value, *shifted, *dates, row.region or "", row.list))
    return Rejection(row.file, row.line, reported_kind(row.kind), code, protects=protects)


def _is_role(cell: str) -> bool:
    return len(cell) <= _ROLE_CHARACTERS and (cell.lower() in ROLES or names_victim(cell))

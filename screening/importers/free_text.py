"""Free text -> selectors: what of a curator's notes can be listed, and what must be looked at.

Phones (`phone_finder.py`) and e-mail addresses (`email_finder.py`) are taken where it is certain
what they are; whatever else looks like one is reported with its place, so that a person decides. A
wrong extraction puts an innocent traveller on the list. Cards are never taken from text: digits
that look like one are reported.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain, repeat, tee
from typing import BinaryIO, Final

from screening.importers.cells_beside import FullNames, reader_of
from screening.importers.csv_records import (
    CsvRecords,
    Fault,
    Limits,
    Record,
    fault,
    read_line,
)
from screening.importers.delimited import NAMES_OF_TABLES, Heading, read_heading
from screening.importers.entry import Rejection, Role, RowCode, Span
from screening.importers.finding import Finding, without_findings
from screening.importers.guest_counts import GuestCounts
from screening.importers.physical_lines import physical_lines, without_bom
from screening.importers.role_words import is_certain_role
from screening.importers.row_groups import RowGroups
from screening.importers.selector_finder import find_selectors
from screening.importers.spoken import Line, Spoken, gravest, whom_headed, whom_told_in
from screening.importers.title_rows import refuse_titled
from screening.importers.told_below import told_below
from screening.importers.victim_words import means_no, role_text
from screening.importers.whom import Whom
from screening.vocabulary.column_names import plain_name
from screening.vocabulary.delimiters import first_records, refuse_one_column
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.selector import Canonical

# csv's own limit on a cell is 131,072 characters; an advertisement has far below 1,000 lines.
_LIMITS: Final = Limits(bytes=131_072, lines=1_000)
_TEXT_COLUMN: Final = "text"
_SOURCE_COLUMNS: Final = ("source_reference", "source")
_REGION_COLUMN: Final = "region"
_Found = Sequence[tuple[int, Finding]]
"""What is found in a row, each with its column."""
_Searched = tuple[Record | Fault, _Found]


@dataclass(frozen=True, slots=True)
class Taken:
    """A selector found in a text; its `repr` shows where, not what.

    `region` is the hint that the reading rests on, empty where the number was written with `+`;
    `source` is what the row's source column says. `told` is of whom the text around it speaks, but
    of offenders: a role that holds of all must not be laid upon a victim or a witness.
    """

    canonical: Canonical
    region: str
    source: str
    file: str
    line: int
    span: Span
    told: Whom | None = None

    def __repr__(self) -> str:
        return f"Taken({self.canonical.kind.value}, line {self.line})"


class TextFile:
    """One file of free text, read lazily and once: what was taken and what was not, in order.

    A `file` named `*.csv`, `*.tsv` or `*.tab` with a column `text` is searched in that column
    (`source_reference` or `source` names the source, `region` the row's region); another of these
    in all its cells; any other file line by line. Every row that says something gives one result at
    least, but for the first of a table that is searched in all cells: it may be its header.
    `region` is for phones written without `+`: it must hold for all of them, so none where rows
    differ. By a birth date somebody has to be of age `today`. `role` is what all of a file are said
    to be. `OperatorError` where a title stands above the columns of a table, or what parts them is
    not read: then their headings, which tell of victims, would not be heard.
    """

    def __init__(
        self,
        stream: BinaryIO,
        *,
        file: str,
        region: str | None = None,
        today: date | None = None,
        role: Role | None = None,
    ) -> None:
        self._file = file
        self._region = region
        lines = without_bom(physical_lines(stream, max_bytes=_LIMITS.bytes))
        is_table = file.lower().endswith(NAMES_OF_TABLES)
        heading = _read_heading(lines, file, role) if is_table else None
        self._header_line = heading.line if heading is not None else 0
        self._today = today = today or datetime.now(UTC).date()
        self._layout = _Layout(heading.cells if heading is not None else (), today, role)
        self._is_table = is_table
        self._spoken = Spoken(today)
        self._records = (
            _plain_records(lines) if heading is None else self._csv_records(heading, lines)
        )

    def __iter__(self) -> Iterator[Taken | Rejection]:
        groups = self._layout.groups()
        for (record, found), said_below in self._with_told_below():
            said = groups.said_of(self._layout.full_names(record.cells))
            # A line that cannot be read says all the same what can be read of it.
            told = self._whom_told(record, found, said, said_below)
            code = self._fault(record)
            if code is not None:
                yield Rejection(self._file, record.line, "", code)
            else:
                yield from self._of_record(record, found, told)

    def _with_told_below(self) -> Iterator[tuple[_Searched, Whom | None]]:
        searched = map(self._search, self._records)
        if self._is_table:
            return zip(searched, repeat(None), strict=False)
        lines, ahead = tee(searched)
        return zip(lines, told_below(map(_line_of, ahead), self._today), strict=True)

    def _search(self, record: Record | Fault) -> _Searched:
        if self._fault(record) is not None:
            return record, ()
        region = self._layout.region(record.cells) or self._region
        return record, [
            (column, finding)
            for column, text in self._layout.texts(record.cells)
            for finding in find_selectors(text, region)
        ]

    def _fault(self, record: Record | Fault) -> RowCode | None:
        if isinstance(record, Fault):
            return record.code
        if not self._layout.fits(record.cells):
            return "wrong_column_count"
        # UTF-16: every word would look odd.
        return "control_character" if any("\0" in cell for cell in record.cells) else None

    def _csv_records(
        self, heading: Heading, lines: Iterator[tuple[int, bytes]]
    ) -> Iterator[Record | Fault]:
        # Without a text column the first line may be data: it is searched like the others.
        own = () if self._layout.has_text_column else heading.own
        lines = chain(own, heading.ahead, lines)
        return iter(CsvRecords(lines, self._layout, _LIMITS, delimiter=heading.delimiter))

    def _of_record(
        self, record: Record | Fault, found: _Found, told: Whom | None
    ) -> Iterator[Taken | Rejection]:
        region = self._layout.region(record.cells) or self._region
        for column, finding in found:
            span = Span(column + 1, finding.start + 1, finding.end)
            if isinstance(finding.outcome, Canonical):
                yield Taken(
                    canonical=finding.outcome,
                    region=(region or "").upper() if finding.by_region else "",
                    source=self._layout.source(record.cells),
                    file=self._file,
                    line=record.line,
                    span=span,
                    told=gravest((told, self._layout.whom_headed(column))),
                )
            else:
                yield Rejection(self._file, record.line, finding.kind, finding.outcome, span)
        if not found and record.line != self._header_line:
            yield Rejection(self._file, record.line, "", "nothing_found")

    def _whom_told(
        self, record: Record | Fault, found: _Found, said: Sequence[str], below: Whom | None
    ) -> Whom | None:
        if not self._is_table:
            return self._spoken.whom_told(_line_of((record, found)), below)
        if self._fault(record) is not None:
            return None
        headed = self._spoken.whom_heading(
            record.cells, may_hold_selector=lambda _cell: bool(found)
        )
        but = {column for column, _ in found}
        return gravest((headed, self._layout.whom_told(said, but=but)))


def _line_of(searched: _Searched) -> Line:
    record, found = searched
    kinds = frozenset(str(finding.kind) for _, finding in found if finding.canonical)
    text = " ".join(record.cells)
    beside = without_findings(text, (finding for _, finding in found))
    return Line(record.line, text, kinds, is_empty=not found, beside=beside)


def _read_heading(
    lines: Iterator[tuple[int, bytes]], file: str, role: Role | None
) -> Heading | None:
    try:
        heading = read_heading(lines, _LIMITS, file=file, fits=_has_text_column)
        if heading is not None and not _has_text_column(heading.cells):
            refuse_one_column(file, heading.cells, heading.texts)
            header, *rows = first_records(heading.texts, heading.delimiter)
            refuse_titled(header, rows, file, role)
    except OperatorError as refused:
        raise OperatorError(f"{refused}; if it is no table, name it .txt") from None
    return heading


def _has_text_column(header: Sequence[str]) -> bool:
    return _TEXT_COLUMN in (name.strip().lower() for name in header)


class _Layout:
    """Which cells of a row are text: those of the header's `text` column, or all."""

    def __init__(self, header: Sequence[str], today: date, role: Role | None) -> None:
        self._role = role
        self._today = today
        names = {name.strip().lower(): index for index, name in enumerate(header)}
        self._text = names.get(_TEXT_COLUMN)
        self._count = len(header) if self.has_text_column else None
        self._source = next((names[n] for n in _SOURCE_COLUMNS if n in names), None)
        self._region = names.get(_REGION_COLUMN)
        self._names = FullNames(header)
        self._guests = GuestCounts(header)
        self._headed = tuple(map(whom_headed, header, ("", *header)))
        self._readers = tuple(
            reader_of(plain_name(name), has_roles=False, today=today) for name in header
        )

    @property
    def has_text_column(self) -> bool:
        return self._text is not None

    def fits(self, cells: Sequence[str]) -> bool:
        return self._count is None or len(cells) == self._count

    def is_whole(self, cells: Sequence[str], joined: Sequence[str]) -> bool:
        # A row that was joined by mistake loses nothing here: its text is searched all the same.
        return self.fits(cells)

    def texts(self, cells: Sequence[str]) -> list[tuple[int, str]]:
        return list(enumerate(cells)) if self._text is None else [(self._text, cells[self._text])]

    def whom_headed(self, column: int) -> Whom | None:
        """Return whom a column's heading names, a victim or a bystander."""
        return self._headed[column] if column < len(self._headed) else None

    def whom_told(self, cells: Sequence[str], *, but: Collection[int]) -> Whom | None:
        """Return of whom a row speaks, each cell read under its heading, but of offenders.

        A heading above a cell that does not say no speaks too; `but` those of selectors, which
        speak of these alone.
        """
        told: list[Whom | None] = []
        passed = {*but, *self._guests.counted_in(cells)}
        for column, cell in enumerate(cells):
            read = self._readers[column](cell) if column < len(self._readers) else cell
            told.append(whom_told_in(read, today=self._today))
            is_headed = column not in passed and self.whom_headed(column) is Whom.VICTIM
            if is_headed and not means_no(cell):
                told.append(Whom.VICTIM)
            if self._role and is_certain_role(cell) and role_text(cell.strip()) != self._role:
                told.append(Whom.ANOTHER)
        return gravest(told)

    def full_names(self, cells: Sequence[str]) -> Sequence[str]:
        """Return the cells of a row, in which a surname stands with the given name beside it."""
        return self._names.told_in(cells)

    def groups(self) -> RowGroups:
        """Return what hears the first column for rows in which it is empty."""
        return RowGroups((0, read) for read in self._readers[:1] if self._text != 0)

    def source(self, cells: Sequence[str]) -> str:
        return self._named(self._source, cells)

    def region(self, cells: Sequence[str]) -> str:
        return self._named(self._region, cells)

    def _named(self, index: int | None, cells: Sequence[str]) -> str:
        return "" if index is None or not self.has_text_column else cells[index].strip()


def _plain_records(lines: Iterator[tuple[int, bytes]]) -> Iterator[Record | Fault]:
    for number, line in lines:
        text = read_line(line, max_bytes=_LIMITS.bytes)
        if not isinstance(text, str):
            yield fault(number, line, text.code)
        elif text.strip():
            yield Record(number, [text])

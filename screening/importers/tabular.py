"""Foreign tables, whatever their columns are called: rows of cells -> `ListRow` or `Rejection`.

Two shapes are read: that of a curated list (`kind`, `value` and what is said), with other columns
beside it; and a wide one, with several columns of selectors, each of which gives a row of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from itertools import chain, islice
from typing import Final

import msgspec

from screening.importers.cells_beside import FullNames, read_in_place
from screening.importers.column_cells import is_day
from screening.importers.csv_rows import CONTROL, ListRow
from screening.importers.entry import IMPORT_SENTENCES, ImportCode, Rejection, RowCode
from screening.importers.foreign_rows import Defaults, Notice, Place, Said, listed_row, refused
from screening.importers.layout import DetectedColumn, Layout
from screening.importers.listed_cells import read_listed
from screening.importers.row_groups import RowGroups
from screening.importers.selector_columns import SelectorColumn
from screening.importers.spoken import Spoken
from screening.importers.table_columns import find_layout
from screening.importers.table_names import masked_name
from screening.importers.table_rows import ErrorCell, TableRow, damage
from screening.importers.telling_column import find_telling_column, find_unheard_role
from screening.importers.title_rows import told_by_title
from screening.importers.victim_words import means_no, names_victim
from screening.vocabulary.cells import read_cell
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.measures import is_measure
from screening.vocabulary.plain_text import plain
from screening.vocabulary.recognition import may_hold_selector
from screening.vocabulary.selector import Canonical, SelectorKind

_SAMPLE_ROWS: Final = 100


class ForeignTable:
    """A table, read lazily and once: at least one `ListRow` or `Rejection` for each of its rows.

    None, where it `has_selectors` in no column, and who told of it `chooses`.

    The first of `rows` is the header. It and the first hundred below it are read at once:
    `OperatorError` where they are not those of a table with selectors.
    """

    def __init__(
        self,
        rows: Iterator[TableRow],
        *,
        file: str,
        region: str | None,
        defaults: Defaults,
        today: date,
    ) -> None:
        filled = (row for row in rows if row.fault or any(cell.strip() for cell in row.cells))
        header = _header(next(filled, None), file)
        sample = list(islice(filled, _SAMPLE_ROWS))
        values = [row.cells for row in sample if not row.fault]
        names = _names(header.cells, values)
        self._layout = find_layout(
            names, values, file=file, region=region, told=defaults, today=today
        )
        self._remarks = (*header.remarks, *told_by_title(names))  # they are of all below them
        self._rows = chain(sample, filled)
        self._file = file
        self._region = region
        self._defaults = defaults

    @property
    def has_selectors(self) -> bool:
        """Tell whether one of its columns holds selectors."""
        return self._layout.has_selectors

    @property
    def columns(self) -> tuple[DetectedColumn, ...]:
        """What each column is taken as, for a preview."""
        return self._layout.described()

    @property
    def warnings(self) -> tuple[Notice, ...]:
        """What columns are not read though there are long numbers in them."""
        return self._layout.left_out()

    def __iter__(self) -> Iterator[ListRow | Rejection]:
        if not self.has_selectors:
            return
        names, groups, spoken = (
            FullNames(self._layout.header),
            RowGroups(self._layout.left_of_selectors),
            Spoken(self._layout.today),
        )
        for row in self._rows:
            place = Place(self._file, row.line)
            cells = groups.said_of(names.told_in(row.cells), row.merged)
            headed = spoken.whom_heading(_told_once(row), may_hold_selector=self._may_hold_selector)
            code = row.fault or self._fault(row.cells)
            if code is not None:
                # Which of the cells is the role is not certain here: any that speaks of a victim.
                protects = any(map(names_victim, (*row.cells, *row.remarks)))
                yield Rejection(place.file, place.line, "", code, protects=protects)
            else:
                remarks = (*row.remarks, *self._remarks, *([headed] if headed else ()))
                said = _Reading(
                    self._layout, cells, self._defaults, region=self._region, remarks=remarks
                )
                yield from said.at(place)

    def _may_hold_selector(self, cell: str) -> bool:
        return isinstance(cell, ErrorCell) or may_hold_selector(cell, self._region, bare=True)

    def _fault(self, cells: Sequence[str]) -> RowCode | None:
        width = len(self._layout.header)
        if len(cells) < width or any(cell.strip() for cell in cells[width:]):
            return "wrong_column_count"
        if CONTROL.search("".join(cells)):
            return "control_character"
        failed = {i for i, cell in enumerate(cells[:width]) if isinstance(cell, ErrorCell)}
        return None if failed.isdisjoint(self._telling) else "error_cell"

    @cached_property
    def _telling(self) -> frozenset[int]:
        """The columns of which nobody knows what a failed formula would have told.

        One that names a victim tells that of a row whatever stands there; and where a role stands
        in a row, what is not kept tells nothing.
        """
        attributes = self._layout.attributes
        beside = () if "role" in attributes else self._layout.ignored
        return frozenset((*attributes.values(), *beside)) - self._layout.victims.keys()


def _header(row: TableRow | None, file: str) -> TableRow:
    if row is None:
        raise OperatorError(f"{file} has no header; its first row must name the columns")
    # UTF-16 without its mark has NULs between its letters.
    fault = row.fault or ("bad_utf8" if CONTROL.search("".join(row.cells)) else None)
    if fault is not None:
        raise OperatorError(f"the first row of {file}: {IMPORT_SENTENCES[fault]}")
    if any(isinstance(cell, ErrorCell) for cell in row.cells):
        raise OperatorError(
            f"a formula in the first row of {file} gave an error or was never calculated; it must "
            "name a column: correct it there and save it again"
        )
    return row


def _names(header: Sequence[str], sample: Sequence[Sequence[str]]) -> list[str]:
    """Return the names of the columns; the last ones may have none, if there is something below."""
    names = [cell.strip() for cell in header]
    while names and not names[-1]:
        last = len(names) - 1
        if any(row[last].strip() for row in sample if last < len(row)):
            break
        names.pop()
    return names


def _told_once(row: TableRow) -> list[str]:
    """Return the cells of a row, without those that repeat what a merged one beside them says."""
    return [
        cell
        for index, cell in enumerate(row.cells)
        if not ({index - 1, index} <= row.merged and cell == row.cells[index - 1])
    ]


class _Reading:
    """One row of a table, as its layout reads it."""

    def __init__(
        self,
        layout: Layout,
        cells: Sequence[str],
        defaults: Defaults,
        *,
        region: str | None,
        remarks: Sequence[str],
    ) -> None:
        self._layout = layout
        self._cells = cells
        texts = {name: cells[index].strip() for name, index in layout.attributes.items()}
        self._region = layout.region_of(cells, region)
        texts["region"] = self._region or ""
        told = None if "role" in layout.attributes else defaults.role
        beside = (
            "" if isinstance(cells[index], ErrorCell) else read(cells[index])
            for index, read in layout.readers
        )
        self._said = Said(
            **texts,
            told_role=told,
            today=layout.today,
            beside=(
                *beside,
                *(_read_in_place(cells[one.index]) for one in layout.selectors),
                *remarks,
            ),
            roles_beside=tuple(cell for _, cell in layout.roles_beside(cells)),
            headings=self._headings(),
        )

    def at(self, place: Place) -> Iterator[ListRow | Rejection]:
        """Yield what the row lists, and what of it cannot be."""
        found = list(self._listed(place))
        found += [
            refused(place, "", "column_not_read", self._said)
            for column in self._layout.unread
            if column.hides(self._cells[column.index], self._region)
        ]
        for row in found or [refused(place, "", "nothing_listed", self._said)]:
            yield self._with_column(row) if isinstance(row, Rejection) else row

    def _with_column(self, rejection: Rejection) -> Rejection:
        """Return a rejection with the name of the column that it is owed to, where one is."""
        if rejection.column or not (rejection.protects or rejection.code == "unknown_role"):
            return rejection
        of = self._layout, self._cells, self._said
        unheard = find_unheard_role(*of) if rejection.code == "unknown_role" else ""
        column = unheard or find_telling_column(*of)
        # A role that is told of all is not laid upon an empty cell of a column of roles.
        lacks_role = bool(unheard) or (rejection.lacks_role and not column)
        return replace(rejection, column=column, lacks_role=lacks_role)

    def _listed(self, place: Place) -> Iterator[ListRow | Rejection]:
        if self._layout.kind_and_value is not None:
            kind, value = (self._cells[index] for index in self._layout.kind_and_value)
            yield self._one(place, kind.strip().lower(), value, self._said)
        for column in self._layout.selectors:
            if self._holds(column):
                row = self._of_column(place, column)
                is_own = column.index in (*self._layout.victims, *self._layout.bystanders)
                if isinstance(row, Rejection) and is_own:
                    name = self._layout.header[column.index]
                    row = replace(row, column=masked_name(name, column.index))
                yield row

    def _headings(self) -> tuple[str, ...]:
        """Return the headings that name a victim, of columns in which the row does not say no."""
        passed = {one.index for one in self._layout.selectors if self._holds(one)}
        passed |= self._layout.guests.counted_in(self._cells)
        return tuple(
            heading
            for index, heading in self._layout.victims.items()
            if index not in passed and not means_no(self._cells[index])
        )

    def _holds(self, column: SelectorColumn) -> bool:
        cell = self._cells[column.index]
        return isinstance(cell, ErrorCell) or column.holds(cell, self._region)

    def _of_column(self, place: Place, column: SelectorColumn) -> ListRow | Rejection:
        cell = self._cells[column.index]
        kind = column.kind_of(cell, self._region)
        said = self._said
        if column.index in self._layout.victims:
            heading = self._layout.victims[column.index]
            said = msgspec.structs.replace(said, own_heading=heading)
        if column.index in self._layout.bystanders:
            said = msgspec.structs.replace(said, bystander=self._layout.header[column.index])
        if column.rounded and read_cell(kind, cell, None, rounded=True) == "changed_number":
            return refused(place, kind.value, "changed_number", said)
        if damage(kind, cell) is None:
            belied = self._why_not(column, kind, cell)
            if belied is not None:
                return refused(place, kind.value, belied, said)
        return self._one(place, kind.value, cell, said)

    def _why_not(self, column: SelectorColumn, kind: SelectorKind, cell: str) -> ImportCode | None:
        """Tell why a cell is not taken that the normaliser would take, perhaps."""
        if kind is SelectorKind.PHONE and is_day(cell):
            return "not_a_phone"
        if column.fits(cell, self._region) or (column.certain and not is_measure(plain(cell))):
            return None
        read = read_listed(kind, cell, self._region)
        return "invalid_number" if isinstance(read, Canonical) else read

    def _one(self, place: Place, kind: str, value: str, said: Said) -> ListRow | Rejection:
        code = damage(kind, value)
        if code is not None:
            return refused(place, kind, code, said)
        return listed_row(place, kind, value, said, region=self._region)


def _read_in_place(cell: str) -> str:
    """Return what is said in a column of selectors; of a formula that failed nobody knows it."""
    return "" if isinstance(cell, ErrorCell) else read_in_place(cell)

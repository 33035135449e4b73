"""Cuts a table into batches, and turns each into what is asked: codes for cells, and tokens."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from screening.client.bulk.columns import Column, Trust, may_be
from screening.client.bulk.outcomes import RAGGED, RESULT_CODES, TROUBLE_CODES, Trouble
from screening.client.bulk.regions import Regions
from screening.client.derivation import SelectorToken, TokenSource
from screening.vocabulary.cells import CellTrouble, is_changed_long, read_cell, says_nothing
from screening.vocabulary.measures import is_bare_date, is_measure, undated
from screening.vocabulary.obscured import (
    is_hidden,
    is_obscured,
    is_withheld,
    may_be_contact,
)
from screening.vocabulary.other_kinds import read_as_other
from screening.vocabulary.plain_text import has_words, plain
from screening.vocabulary.recognition import (
    find_kind,
    has_digits_of_phone,
    has_selector_sign,
    holds_phone,
    holds_unmistakable,
    is_canonical,
    may_be_phone,
    may_be_selector,
    may_hold_selector,
)
from screening.vocabulary.selector import Canonical, SelectorKind
from screening.vocabulary.unread_addresses import is_unread_address
from screening.vocabulary.wire import RowResult

_CHUNK_CELLS: Final = 32
"""A thread's share: 15 ms (light) to 0.6 s (strong), so that an interrupt need not wait long."""
_TO_ASK: Final = "?"


@dataclass(frozen=True, slots=True)
class Row:
    """The cells to screen, and the region of the phones among them."""

    cells: list[str] = field(repr=False)
    region: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Successive rows; None for a ragged one."""

    first_row: int
    rows: list[Row | None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch as it is asked: one code for each cell, and a token wherever that is `?`."""

    first_row: int
    rows: int
    cells: str
    tokens: list[SelectorToken]

    def answered(self, results: Sequence[RowResult]) -> str:
        """Return the codes with the results, which are in the order asked, in their places."""
        codes = iter([RESULT_CODES[result] for result in results])
        return "".join(next(codes) if code == _TO_ASK else code for code in self.cells)

    def row_of(self, token: int, columns: int) -> int:
        """Return which row of the table the token of that index belongs to."""
        places = [place for place, code in enumerate(self.cells) if code == _TO_ASK]
        return self.first_row + places[token] // columns


def batches(
    rows: Iterable[list[str]],
    *,
    columns: Sequence[Column],
    regions: Regions,
    width: int,
    done: Sequence[tuple[int, int]],
    max_selectors: int,
) -> Iterator[Batch]:
    """Yield the rows that are not `done` (ranges of row numbers, in order, end excluded)."""
    max_rows = max(1, max_selectors // len(columns))
    ranges = iter(done)
    skip_from, skip_to = next(ranges, (-1, -1))
    pending: list[Row | None] = []
    first_row = 0
    for number, row in enumerate(rows):
        if number == skip_to:
            skip_from, skip_to = next(ranges, (-1, -1))
        skipped = skip_from <= number < skip_to
        if pending and (skipped or len(pending) == max_rows):
            yield Batch(first_row, pending)
            pending = []
        if skipped:
            continue
        if not pending:
            first_row = number
        ragged = any(cell.strip() for cell in row[width:])
        pending.append(None if ragged else Row(_cells(row, columns), regions.of(row)))
    if pending:
        yield Batch(first_row, pending)


def _cells(row: list[str], columns: Sequence[Column]) -> list[str]:
    return [row[one.index] if one.index < len(row) else "" for one in columns]


class Preparation:
    """Derives the tokens of batches on all cores, in threads of its own."""

    def __init__(
        self,
        source: TokenSource,
        columns: Sequence[Column],
        pool: ThreadPoolExecutor,
    ) -> None:
        self._source = source
        self._columns = columns
        self._pool = pool

    async def prepare(self, batch: Batch) -> Prepared:
        """Return what to ask for a batch; the order of its cells is kept."""
        size = max(1, _CHUNK_CELLS // len(self._columns))
        loop = asyncio.get_running_loop()
        chunks = await asyncio.gather(
            *(
                loop.run_in_executor(self._pool, self._prepare_rows, batch.rows[i : i + size])
                for i in range(0, len(batch.rows), size)
            )
        )
        cells = "".join(codes for codes, _ in chunks)
        tokens = [token for _, derived in chunks for token in derived]
        return Prepared(batch.first_row, len(batch.rows), cells, tokens)

    def _prepare_rows(self, rows: list[Row | None]) -> tuple[str, list[SelectorToken]]:
        codes, tokens = [], []
        for row in rows:
            if row is None:
                codes.append(RAGGED * len(self._columns))
                continue
            for column, raw in zip(self._columns, row.cells, strict=True):
                read = read_cell_of(column, raw, row.region)
                if isinstance(read, Canonical):
                    codes.append(_TO_ASK)
                    tokens.append(self._source.token(read))
                else:
                    codes.append(TROUBLE_CODES[read])
        return "".join(codes), tokens


_AROUND_KEPT: Final = " .-*#?\u2013\u2022"
"""Signs for digits that are left out."""


def read_cell_of(column: Column, raw: str, region: str | None) -> Canonical | Trouble:
    """Return the selector in a cell, or why none is asked about; `empty` where none is missed."""
    if says_nothing(raw) or not _may_count(column, raw):
        return "empty"
    if column.trust is Trust.DOUBTED and find_kind(raw, region) is None:
        return _doubted(column, raw, region)
    read = read_cell(column.kind, raw, region, rounded=column.rounded)
    if isinstance(read, Canonical):
        return read
    other = _read_as_other(column, raw, region)
    if other is not None:
        return other
    if column.trust is not Trust.CERTAIN and not _counts(column, raw, region, read):
        return _doubted(column, raw, region) if column.doubtful else "empty"
    return _of_region(_told_as_meant(column, raw, region, read), region)


def _told_as_meant(column: Column, raw: str, region: str | None, read: CellTrouble) -> CellTrouble:
    """Return what is wrong with a cell as with what the name of its column promises.

    Where this promises nothing, and others in it are addresses, without an `@` it is a phone.
    """
    if column.trust is Trust.NAMED and column.kind not in column.named:
        meant = column.named[0]
    elif read == "not_an_email" and not column.named and _may_be_unread_phone(column, raw):
        meant = SelectorKind.PHONE
    else:
        return read
    as_meant = read_cell(meant, raw, region)
    return read if isinstance(as_meant, Canonical) else as_meant


def _may_be_unread_phone(column: Column, raw: str) -> bool:
    return column.of_contacts and "@" not in raw and may_be_contact(raw)


def _read_as_other(column: Column, raw: str, region: str | None) -> Canonical | Trouble | None:
    """Return what a cell is that is none of its column's kind, None where it is of no other."""
    # A contact may be a phone in one row and an address in the next.
    is_bare = column.kind is not SelectorKind.CARD
    of_other = read_as_other(column.kind, raw, region, bare=is_bare)
    if of_other is not None:
        return of_other
    is_doubted = column.trust is Trust.NAMED and SelectorKind.EMAIL in column.named
    return "not_an_email" if is_doubted and is_unread_address(raw) else None


def _may_count(column: Column, raw: str) -> bool:
    """Tell, at once, whether there can be anything in a cell that its row is not screened for."""
    if column.trust not in (Trust.FOUND, Trust.DOUBTED) or may_be_selector(raw):
        return True
    return is_withheld(raw) or (column.of_contacts and may_be_contact(raw))


def _of_region(read: CellTrouble, region: str | None) -> Trouble:
    # A region that is there is never asked for once more.
    return "unknown_region" if read == "region_required" and region else read


def _doubted(column: Column, raw: str, region: str | None) -> Trouble:
    """Return why what may be a phone is not asked about, where nothing says that it is one."""
    read = read_cell(SelectorKind.PHONE, raw, region)
    may_be_one = may_be_phone(raw, region) or (column.of_contacts and may_be_contact(raw))
    is_told = may_be_one or _is_told(column, raw, region)
    if isinstance(read, Canonical):
        return "unnamed_number" if is_told else "empty"
    if is_told or _is_cut_off(raw, region) or _are_several(column, raw, region):
        return _of_region(read, region)
    return "empty"


def _is_cut_off(raw: str, region: str | None) -> bool:
    """Tell whether a cell would be a phone to ask about but for the signs that it is cut off."""
    alone = undated(plain(raw))
    if has_words(alone) or not has_digits_of_phone(alone):
        return False
    kept = alone.strip(_AROUND_KEPT)
    if (is_bare_date(kept) or is_measure(kept)) and not may_be_phone(kept, region):
        return False
    is_phone = is_canonical(SelectorKind.PHONE, alone, region)
    return is_phone and read_cell(SelectorKind.PHONE, alone, region) == "hidden_value"


def _counts(column: Column, raw: str, region: str | None, read: CellTrouble) -> bool:
    """Tell whether a cell of an uncertain column keeps its row from being a "no match"."""
    if column.trust is Trust.NAMED:
        is_address = column.kind is SelectorKind.EMAIL
        by_digits = {column.kind, *column.named} != {SelectorKind.EMAIL}
        told = may_be(raw, read) or is_obscured(raw, by_digits=by_digits)
        return told or (is_address and may_be_phone(raw, region)) or _is_told(column, raw, region)
    if is_hidden(raw) or _is_told(column, raw, region) or _is_cut_off(raw, region):
        return True
    # Under a name of ids `XX-1234567` is one.
    return not column.of_others and (is_withheld(raw) or _are_several(column, raw, region))


def _are_several(column: Column, raw: str, region: str | None) -> bool:
    """Tell whether there are several values in a cell, none of which is a date or an account."""
    read = read_cell(column.kind, raw, region)
    alone = undated(plain(raw))
    return read == read_cell(column.kind, alone, region) == "several_values"


def _is_told(column: Column, raw: str, region: str | None) -> bool:
    """Tell whether a cell is, or holds, what only selectors are."""
    if is_changed_long(raw):
        return True
    if column.of_others:
        return holds_unmistakable(raw, region)
    return (
        has_selector_sign(raw)
        or holds_phone(raw, region)
        or may_hold_selector(raw, region, bare=True)
    )

"""What became of each cell, in one character, and what a row of such cells amounts to.

A row is `no_match` only when every filled cell was asked and none matched: error is never "no".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from screening.client.bulk.columns import Column
from screening.vocabulary.cells import CellTrouble
from screening.vocabulary.errors import REJECTION_SENTENCES
from screening.vocabulary.wire import RowResult

RESULT_CODES: Final[dict[RowResult, str]] = {"match": "m", "no_match": "n", "invalid": "i"}
Trouble = CellTrouble | Literal["unknown_region", "unnamed_number"]
"""Why a cell is not asked about, in a word that stays."""
TROUBLE_CODES: Final[dict[Trouble, str]] = {
    "empty": "e",
    "too_long": "t",
    "region_required": "r",
    "not_a_phone": "p",
    "impossible_length": "l",
    "not_an_email": "a",
    "not_a_card": "c",
    "bad_checksum": "s",
    "unknown_kind": "u",
    "several_values": "v",
    "changed_number": "d",
    "remark_in_cell": "b",
    "unclear_country": "o",
    "hidden_value": "h",
    "unknown_region": "g",
    "unnamed_number": "k",
}
RAGGED: Final = "x"
"""Every cell of a row with more cells than the header: nobody knows which column they belong to."""

ASKED: Final = frozenset(RESULT_CODES.values())
ALL_CODES: Final = ASKED | frozenset(TROUBLE_CODES.values()) | {RAGGED}

RowVerdict = Literal["match", "no_match", "not_screened"]
Cause = Trouble | Literal["invalid", "ragged_row"]
"""Why a row was not screened, in a word that stays."""

_CAUSES: Final[dict[str, Cause]] = {
    **{code: name for name, code in TROUBLE_CODES.items()},
    RESULT_CODES["invalid"]: "invalid",
}


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What is written beside one row.

    `reason` names the columns that matched, or why the row was not screened; `causes` are the codes
    in it. `receipt` is of the first cell that matched, else of the first that was asked; empty
    where none was.
    """

    result: RowVerdict
    reason: str
    receipt: str
    causes: frozenset[Cause] = frozenset()


_CAUSE_SENTENCES: Final[Mapping[str, str]] = {
    **{str(code): sentence for code, sentence in REJECTION_SENTENCES.items()},
    "ragged_row": "more cells than the header; put quotation marks around a cell with delimiters",
    "invalid": "the API could not read what was asked; upgrade gen-screen",
    "empty": "nothing to screen there; the row has no value in the columns screened",
    "several_values": "more than one value in a cell; give each a column or a row of its own",
    "remark_in_cell": "something else stands beside the number or address; leave it alone in its "
    "cell",
    "changed_number": "a spreadsheet has changed this number; format the column as text and export "
    "again",
    "unclear_country": "a + is missing, or one too many, or a 0 stands behind the country's code; "
    "write + and the code before the number, or as it is dialled within its country",
    "hidden_value": "part of it is masked, cut off, or spelled in words; take it whole from where "
    "it comes, or leave its column out by naming those to screen with --column",
    "region_required": "no country code; write it with +, or tell the country with --region, or "
    "with --region-column where each row has its own, or by both where some rows have none; if the "
    "column is not called phone or the like, name it with --column, too",
    "unknown_region": "what stands in the region column is no code of a country; write GB or GBR "
    "for Britain, or +44, and no name",
    "unnamed_number": "a number that may be a phone, in a column that nothing names; name all "
    "columns to screen with --column, and this one if it is of phones",
}


def cause_sentence(cause: Cause) -> str:
    """Return what was wrong with rows of that cause, and what to do about it."""
    return _CAUSE_SENTENCES[cause]


def row_outcome(
    columns: Sequence[Column], cells: str, *, receipt: str | None, first_asked: int
) -> RowOutcome:
    """Judge one row; `first_asked` is the index of its first asked cell within `receipt`."""
    asked = [place for place, code in enumerate(cells) if code in ASKED]
    matched = [place for place in asked if cells[place] == RESULT_CODES["match"]]
    deciding = matched[0] if matched else asked[0] if asked else None
    handle = "" if deciding is None else f"{receipt}.{first_asked + asked.index(deciding)}"
    if matched:
        return RowOutcome("match", ", ".join(columns[place].name for place in matched), handle)
    if RAGGED in cells:
        return _not_screened("ragged_row", handle, {"ragged_row"})
    troubles = [
        (columns[place].name, _CAUSES[code])
        for place, code in enumerate(cells)
        if code in _CAUSES and code != TROUBLE_CODES["empty"]
    ]
    if troubles:
        reason = "; ".join(f"{name}: {cause}" for name, cause in troubles)
        return _not_screened(reason, handle, {cause for _, cause in troubles})
    if not asked:
        return _not_screened("empty", handle, {"empty"})
    return RowOutcome("no_match", "", handle)


def _not_screened(reason: str, receipt: str, causes: Iterable[Cause]) -> RowOutcome:
    return RowOutcome("not_screened", reason, receipt, frozenset(causes))


def asked_cells(cells: str) -> int:
    """Count the cells that were asked about."""
    return sum(cells.count(code) for code in ASKED)

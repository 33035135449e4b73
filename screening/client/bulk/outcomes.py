"""What became of each cell, in one character, and what a row of such cells amounts to.

A row is `no_match` only when every filled cell was asked and none matched: error is never "no".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from screening.client.bulk.columns import Column
from screening.vocabulary.errors import RejectionCode
from screening.vocabulary.wire import RowResult

RESULT_CODES: Final[dict[RowResult, str]] = {"match": "m", "no_match": "n", "invalid": "i"}
REJECTION_CODES: Final[dict[RejectionCode, str]] = {
    "empty": "e",
    "too_long": "t",
    "region_required": "r",
    "not_a_phone": "p",
    "impossible_length": "l",
    "not_an_email": "a",
    "not_a_card": "c",
    "bad_checksum": "s",
    "unknown_kind": "u",
}
RAGGED: Final = "x"
"""Every cell of a row with more cells than the header: nobody knows which column they belong to."""

ASKED: Final = frozenset(RESULT_CODES.values())
ALL_CODES: Final = ASKED | frozenset(REJECTION_CODES.values()) | {RAGGED}
_REASONS: Final[dict[str, str]] = {
    **{code: name for name, code in REJECTION_CODES.items()},
    RESULT_CODES["invalid"]: "invalid",
}

RowVerdict = Literal["match", "no_match", "not_screened"]


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What is written beside one row.

    `reason` names the columns that matched, or why the row was not screened. `receipt` is of the
    first cell that matched, else of the first that was asked; empty where none was.
    """

    result: RowVerdict
    reason: str
    receipt: str


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
        return RowOutcome("not_screened", "ragged_row", handle)
    troubles = [
        f"{columns[place].name}: {_REASONS[code]}"
        for place, code in enumerate(cells)
        if code in _REASONS and code != REJECTION_CODES["empty"]
    ]
    if troubles:
        return RowOutcome("not_screened", "; ".join(troubles), handle)
    if not asked:
        return RowOutcome("not_screened", "empty", handle)
    return RowOutcome("no_match", "", handle)


def asked_cells(cells: str) -> int:
    """Count the cells that were asked about."""
    return sum(cells.count(code) for code in ASKED)

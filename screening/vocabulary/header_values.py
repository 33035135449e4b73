"""Refuses a file whose first row is no header: what stands there would be asked about by nobody,
and listed by nobody.
"""

import re
from collections.abc import Sequence
from typing import Final

from screening.vocabulary.cells import is_changed_long
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.measures import is_bare_date, is_measure, without_measures
from screening.vocabulary.plain_text import has_words
from screening.vocabulary.recognition import (
    find_kind,
    has_digits_of_phone,
    holds_address,
    holds_card,
    holds_phone,
    may_hold_selector,
)

_EXAMPLE: Final = re.compile(r"\b(?:e\.g|z\.b|p\. ?ex|format|beispiel)\b", re.IGNORECASE)


def refuse_values(header: Sequence[str], region: str | None, file: str) -> None:
    """Raise `OperatorError` where a selector stands in the first row, a phone of `region` too."""
    if any(_is_value(cell, region) for cell in header):
        raise OperatorError(f"the first row of {file} holds a selector; put a header above it")


def _is_value(cell: str, region: str | None) -> bool:
    """Tell whether a selector stands in a cell of the header, whatever is beside it."""
    if is_measure(cell) or _EXAMPLE.search(cell):
        return False
    if holds_card(cell) or holds_address(cell) or is_changed_long(cell):
        return True
    if has_words(cell):  # "Season 2023/2024" is a name
        return may_hold_selector(cell, None, bare=True)
    is_kind = find_kind(cell, region) is not None or holds_phone(cell, region)
    return is_kind or (has_digits_of_phone(without_measures(cell)) and not is_bare_date(cell))

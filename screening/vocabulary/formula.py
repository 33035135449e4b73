"""Keeps cells from running as formulas when the written file is opened in a spreadsheet.

Whoever fills in a booking form chooses what a trust team later opens (CWE-1236).
"""

import re
from typing import Final

_ALWAYS: Final = ("=", "@", "\t", "\r", "\n", "\uff1d", "\uff20")
_SIGNS: Final = ("+", "-", "\uff0b", "\uff0d")
# Digits and what people write between them: a spreadsheet can add them up, but it calls nothing.
_NUMBER_OR_PHONE: Final = re.compile("[+-][0-9 \u00a0().,\\-\u2010-\u2015]*(?:[eE][+-]?[0-9]+)?")


def guarded(cell: str) -> str:
    """Return `cell`, behind an apostrophe if a spreadsheet could take it for a formula.

    `+1 (202) 555-0100` and `-12.5` stay as they are.
    """
    visible = cell.lstrip(" \u00a0")
    if visible.startswith(_ALWAYS):
        return f"'{cell}"
    if visible.startswith(_SIGNS) and not _NUMBER_OR_PHONE.fullmatch(visible):
        return f"'{cell}"
    return cell


def unguarded(cell: str) -> str:
    """Return what `guarded` has made `cell` of, or `cell` where it has made nothing of it."""
    inner = cell.removeprefix("'")
    return inner if guarded(inner) == cell else cell

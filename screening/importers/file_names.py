"""What files are called where they are named on record or to people."""

import os
import re
from pathlib import PurePath
from typing import Final
from urllib.parse import unquote

from screening.vocabulary.plain_text import plain
from screening.vocabulary.recognition import holds_address, may_hold_selector

_LONG_NUMBER: Final = re.compile(r"(?<![0-9])(?!(?:19|20)[0-9]{2}[01][0-9][0-3][0-9])[0-9]{9}")
"""Of a phone with its country's code, and no date: `20261127101500`."""
_NAMED_BY_ADDRESS: Final = "named-by-an-address"


def reported_name(path: PurePath) -> str:
    """Return a file's name as reports and the ledger spell it, whatever bytes it is made of.

    Messengers name what they export after whom it was with: no selector is shown.
    """
    name = os.fsencode(path.name).decode(errors="replace")
    spelt = plain(unquote(name)).replace("_", " ")
    if holds_address(spelt):
        return _NAMED_BY_ADDRESS + path.suffix
    spellings = (spelt, spelt.removesuffix(path.suffix))
    if any(
        may_hold_selector(one, None, bare=True) or _LONG_NUMBER.search(one) for one in spellings
    ):
        return "".join("#" if c.isdigit() else c for c in name)
    return name

"""The one form in which a record tells of matches: held before it is told, and before it is kept.

A compromised API host writes what it likes into its journal, and its log signs that. Whoever takes
a record further takes it in this form alone: what is none is counted, and stops nobody.
"""

import re
from datetime import UTC, datetime
from typing import Final

from screening.disclosure.boxes import BOX_BYTES, GENERATION_BYTES, KEY_ID_BYTES
from screening.ledger.accesses import Access, parse_access
from screening.vocabulary.kit import PARTNER_PATTERN

_RECEIPT: Final = re.compile(r"[a-z2-7]{26}")
_ROW: Final = re.compile(r"0|[1-9][0-9]{0,4}")
"""One spelling for each number, of five digits at the most: a file has no more rows."""
_BOX: Final = re.compile(rf"[A-Za-z0-9+/]{{{BOX_BYTES * 4 // 3}}}")
_PARTNER: Final = re.compile(PARTNER_PATTERN)
_KEY_ID: Final = re.compile(rf"[a-z0-9][a-z0-9-]{{0,{KEY_ID_BYTES - 1}}}")
_GENERATION: Final = re.compile(rf"[a-z0-9][a-z0-9-]{{0,{GENERATION_BYTES - 1}}}")
_EARLIEST: Final = datetime(2020, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
"""Nobody answered before the first, and every calendar can show what is before the second."""


def parse_match_record(payload: bytes) -> Access | None:
    """Return what a record says of matches that somebody can open; None where it is no such record.

    Of what is returned, `sealed` is not None, and there is at least one match.
    """
    if b'"sealed":' not in payload:
        return None
    access = parse_access(payload)
    return access if access is not None and access.sealed is not None and _holds(access) else None


def _holds(access: Access) -> bool:
    return (
        _EARLIEST <= access.at < _LATEST
        and _RECEIPT.fullmatch(access.receipt) is not None
        and _PARTNER.fullmatch(access.partner) is not None
        and _KEY_ID.fullmatch(access.key_id) is not None
        and _GENERATION.fullmatch(access.generation) is not None
        and bool(access.matches)
        and all(
            _ROW.fullmatch(row) is not None and _BOX.fullmatch(box) is not None
            for row, box in access.matches.items()
        )
    )

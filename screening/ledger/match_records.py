"""The one form in which a record tells of matches, or what a partner says of one: held before it is
told, and before it is kept.

A compromised API host writes what it likes into its journal, and its log signs that. Whoever takes
a record further takes it in this form alone: what is none is counted, and stops nobody.
"""

import re
from datetime import UTC, datetime
from typing import Final

from screening.disclosure.boxes import BOX_BYTES, GENERATION_BYTES, KEY_ID_BYTES
from screening.ledger.accesses import Access, FeedbackGiven, parse_access, parse_record
from screening.vocabulary.feedback import OUTCOMES
from screening.vocabulary.kit import PARTNER_PATTERN

_RECEIPT: Final = re.compile(r"[a-z2-7]{26}")
_ROW: Final = re.compile(r"0|[1-9][0-9]{0,3}")
"""One spelling for each number; an answer has 10,000 rows at the most."""
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


def parse_said_record(payload: bytes) -> FeedbackGiven | None:
    """Return what a partner says of a match; None where a record is none of that.

    What test keys say is about nobody, and is for whoever reads `mode`.
    """
    if b'"feedback"' not in payload:
        return None
    said = parse_record(payload)
    return said if isinstance(said, FeedbackGiven) and _is_said(said) else None


def is_of_a_match(payload: bytes) -> bool:
    """Tell whether a record brings matches that can be opened, or what is said of a live one."""
    said = parse_said_record(payload)
    return parse_match_record(payload) is not None if said is None else said.mode == "live"


def _is_said(said: FeedbackGiven) -> bool:
    receipt, _, row = said.of.partition(".")
    return (
        _EARLIEST <= said.at < _LATEST
        and _RECEIPT.fullmatch(receipt) is not None
        and _ROW.fullmatch(row) is not None
        and _PARTNER.fullmatch(said.partner) is not None
        and said.outcome in OUTCOMES
    )


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

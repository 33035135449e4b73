"""How far the tiles of receipts reach: what lies behind that is in the last lines of segments."""

import zlib
from pathlib import Path
from typing import Final, Literal

import msgspec

from screening.private_files import read_private, replace_private
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.unreadable import UNREADABLE

RECEIPTS: Final = "receipts"
"""The folder of the tiles, in the log's."""
ENDS: Final = "ends"
SEGMENTS_KEPT: Final = 1_000
"""Those that were touched last: a segment that is written to, or was sealed lately, is of them."""
_CRC_DIGITS: Final = 8


class Ends(msgspec.Struct, frozen=True):
    """Up to which leaf records are taken up, and for each segment how many, and in how many bytes.

    Of a segment that is not named, none are, or all, and long ago.
    """

    format: Literal["screening-receipts/1"] = "screening-receipts/1"
    leaves: int = 0
    segments: dict[str, tuple[int, int]] = {}


_decoder = msgspec.json.Decoder(Ends)


def read_ends(folder: Path) -> Ends | None:
    """Return what was written last; None where it is missing, or not as it was written."""
    path = folder / ENDS
    try:
        if not path.exists():
            return None
        content = read_private(path)
        crc, _, document = content.partition(b" ")
        return _decoder.decode(document) if crc == _crc(document) else None
    except (OperatorError, OSError, *UNREADABLE):
        return None


def write_ends(folder: Path, ends: Ends) -> None:
    """Write it, not durably; raises `OSError`."""
    document = msgspec.json.encode(ends)
    replace_private(folder / ENDS, _crc(document) + b" " + document, durable=False)


def _crc(document: bytes) -> bytes:
    return b"%0*x" % (_CRC_DIGITS, zlib.crc32(document))

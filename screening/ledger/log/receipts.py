"""From a receipt to its record, and to the proof of that, without a scan of the journal.

The tiles say where a record may lie; whether it lies there, is the leaf and leads to the root, the
record, the hashes and the signed checkpoint say. A record that was made a moment ago is found in
the last lines of its segment, so that "not signed yet" is never taken for "there is none".
"""

import os
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import msgspec

from screening.ledger.lines import CHAIN_CHARACTERS, MAX_LINE_BYTES, parse_seal_line
from screening.ledger.log.checkpoint import LOG, read_checkpoint
from screening.ledger.log.drops import read_drops
from screening.ledger.log.hashes import Hashes
from screening.ledger.log.missing_segments import MissingSegments
from screening.ledger.log.notes import VerifierKey
from screening.ledger.log.proving import prove_leaf
from screening.ledger.log.receipt_ends import RECEIPTS, Ends, read_ends
from screening.ledger.log.receipt_tiles import (
    Place,
    Tile,
    TileDamaged,
    gaps_between,
    places_of,
    tiles_in,
)
from screening.ledger.seals import SEALS
from screening.ledger.segment import DAMAGED, OPEN
from screening.ledger.verify import open_segment
from screening.private_files import open_private, remove_whatever
from screening.vocabulary.errors import LedgerDamaged, NotSignedYet, ReceiptNotFound
from screening.vocabulary.proof import Proof
from screening.vocabulary.unreadable import UNREADABLE

_LOOKS: Final = 3
"""Tiles are merged meanwhile, so one may be gone that was there."""
_SEALS_BYTES: Final = 1 << 16
"""The last two hundred seals, at 300 bytes each: what was sealed lately."""
_UNSIGNED_MAX_BYTES: Final = 64 << 20
"""Behind the tiles lie two seconds of records; where it is more, nobody reads all of it."""
_PIECE_BYTES: Final = 1 << 20


class _Named(msgspec.Struct):
    """All that is read of a record here; its other members are the journal's own business."""

    receipt: str
    partner: str


_decoder = msgspec.json.Decoder(_Named)


class FoundRecord(NamedTuple):
    """The line of a record, chain and all, and which leaf of the log it is; None for none yet."""

    line: bytes
    leaf: int | None


def find_proof(missing: MissingSegments, key: VerifierKey, receipt: str, *, partner: str) -> Proof:
    """Return the proof for a partner's record, from the log beside the segments of a journal.

    Raises as `find_record`, and `NotSignedYet` for a record that is no leaf yet, too.
    """
    found = find_record(missing, key, receipt, partner=partner)
    if found.leaf is None:
        raise NotSignedYet("the record is not in a signed checkpoint yet")
    return _proof(missing.directory, found.leaf, found.line, key=key)


def find_record(
    missing: MissingSegments, key: VerifierKey, receipt: str, *, partner: str
) -> FoundRecord:
    """Return a partner's record, signed or not, from the segments of a journal.

    Raises `ReceiptNotFound` where there is none or it is another partner's, `NotSignedYet` where
    that cannot be told yet, `LedgerDamaged`, `OperatorError` and `OSError`. Reads a few blocks for
    every 262,144 records.
    """
    directory = missing.directory
    folder = directory / LOG / RECEIPTS
    _, signed = read_checkpoint(directory / LOG, key)
    # In this order: what is taken up in between is found in the tiles, all else behind the ends.
    ends = read_ends(folder)
    places, tiles = _look_up(folder, receipt)
    for place in places:
        line = _line_at(directory, place)
        named = find_named(line)
        if named is None or named.receipt != receipt:
            raise LedgerDamaged("log, receipts: an entry leads to another record")
        if named.partner == partner:
            return FoundRecord(line, place.leaf)
    # From here on another partner's is as one that nobody has, whatever else is the matter.
    if ends is None or ends.leaves < signed.size or any(gaps_between(tiles, ends.leaves)):
        raise NotSignedYet("the index of receipts does not have all that is signed yet")
    unsigned = _find_unsigned(missing, receipt, ends)
    named = None if unsigned is None else find_named(unsigned)
    if unsigned is None or named is None or named.partner != partner:
        if missing.is_any(ends.segments):
            raise NotSignedYet("a segment is missing, and with it perhaps the record")
        raise ReceiptNotFound
    return FoundRecord(unsigned, None)


def find_named(line: bytes) -> _Named | None:
    """Read receipt and partner of a record's line; None where it has no such."""
    with suppress(*UNREADABLE):
        return _decoder.decode(line[CHAIN_CHARACTERS + 1 :])
    return None


def _look_up(folder: Path, receipt: str) -> tuple[list[Place], list[Tile]]:
    """Return where the tiles say that a record lies, and which tiles were looked through for it.

    Raises `TileDamaged`, once: the tile is removed, and the keeper of the log makes it anew.
    """
    for _ in range(_LOOKS):
        tiles = tiles_in(folder)
        try:
            for tile in reversed(tiles):  # what is asked for was answered lately
                if places := places_of(folder, tile, receipt.encode()):
                    return places, tiles
        except FileNotFoundError:  # merged with others in between
            continue
        except TileDamaged:
            remove_whatever(folder / tile.name)
            raise
        return [], tiles
    raise NotSignedYet("the index of receipts changes too fast to be read")


def _line_at(directory: Path, place: Place) -> bytes:
    reader = open_segment(directory, place.segment)
    if reader is None and place.segment in read_drops(directory / LOG):
        raise ReceiptNotFound  # any more: what retention has dropped is proven by a copy
    if reader is None:
        raise LedgerDamaged(f"segment {place.segment}: missing, but leaf {place.leaf} of the log")
    with closing(reader), os.fdopen(os.dup(reader.fileno()), "rb") as file:
        file.seek(place.at_byte)
        return file.readline(MAX_LINE_BYTES).removesuffix(b"\n")


def _proof(directory: Path, index: int, line: bytes, *, key: VerifierKey) -> Proof:
    note, checkpoint = read_checkpoint(directory / LOG, key)
    if index >= checkpoint.size:
        raise NotSignedYet("the record is not in the checkpoint that was read")
    with closing(Hashes.open(directory / LOG)) as hashes:
        return prove_leaf(index, line, hashes, signed=(note, checkpoint), key=key)


def _find_unsigned(missing: MissingSegments, receipt: str, ends: Ends) -> bytes | None:
    """Look for a record behind what the tiles cover.

    Raises `NotSignedYet` where that is too much, and where there is none, but what no writer leaves
    in the place of some: perhaps of this one.
    """
    left_bytes, are_whole = _UNSIGNED_MAX_BYTES, True
    for segment in _written_lately(missing):
        _, at_byte = ends.segments.get(segment, (0, 0))
        reader = open_segment(missing.directory, segment)
        if reader is None:
            continue
        with closing(reader), os.fdopen(os.dup(reader.fileno()), "rb") as file:
            left_bytes -= max(os.fstat(file.fileno()).st_size - at_byte, 0)
            if left_bytes < 0:
                raise NotSignedYet("too much of the journal is not signed yet to look through")
            found = _find_behind(file, at_byte, receipt)
            are_whole = are_whole and (found is not None or _are_lines_behind(file, at_byte))
        if found is not None:
            return found
    if not are_whole:
        raise NotSignedYet("a segment is damaged, and with it perhaps the record")
    return None


def _are_lines_behind(file: BinaryIO, at_byte: int) -> bool:
    """Tell whether a file reaches so far, and looks from there on as a writer leaves it.

    Which is for `screening audit verify` to say: what is written over is told from what is not.
    """
    if file.seek(0, os.SEEK_END) < at_byte:
        return False
    file.seek(at_byte)
    for line in iter(partial(file.readline, MAX_LINE_BYTES + 1), b""):
        if len(line) > MAX_LINE_BYTES or b"\0" in line:
            return False
        # The last may be on its way, or was cut off where a writer died.
        behind_chain = line[CHAIN_CHARACTERS : CHAIN_CHARACTERS + 2]
        if behind_chain != b" {" and (line.endswith(b"\n") or len(behind_chain) == len(b" {")):
            return False
    return True


def _find_behind(file: BinaryIO, at_byte: int, receipt: str) -> bytes | None:
    named = b'"receipt":"%b"' % receipt.encode()
    file.seek(at_byte)
    if _holds(iter(partial(file.read, _PIECE_BYTES), b""), named):
        file.seek(at_byte)
        for line in iter(partial(file.readline, MAX_LINE_BYTES), b""):
            if named in line and (found := find_named(line)) and found.receipt == receipt:
                return line.removesuffix(b"\n")
    return None


def _holds(pieces: Iterator[bytes], named: bytes) -> bool:
    """Tell whether the pieces of a file hold some bytes, which may lie across two of them."""
    before = b""
    for piece in pieces:
        if named in before + piece:
            return True
        before = piece[-len(named) :]
    return False


def _written_lately(missing: MissingSegments) -> list[str]:
    """Return the segments that may have records which the tiles do not have.

    What is sealed when the folder is read was announced before, among the last seals.
    """
    unsealed = {path.stem for path in missing.listed() if path.suffix in (OPEN, DAMAGED)}
    with suppress(FileNotFoundError), open_private(missing.directory / SEALS) as file:
        file.seek(max(file.seek(0, os.SEEK_END) - _SEALS_BYTES, 0))
        for line in file.read().split(b"\n"):
            with suppress(LedgerDamaged):  # the first of them may be a part
                unsealed.add(parse_seal_line(line).seal.segment)
    return sorted(unsealed, reverse=True)

"""Which segments were dropped by retention, by whom and when: signed by the log's key.

One JSON object a line in the file `drops` beside the log. The hashes of dropped records stay.
"""

import base64
import os
from pathlib import Path
from typing import Final

import msgspec

from screening.ledger.durable import write_durably
from screening.ledger.line_files import numbered_lines
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.notes import Note, NoteRefused, Signature, SignerKey, VerifierKey
from screening.ledger.segment import SEALED
from screening.private_files import open_private, regular_descriptor, sync_directory
from screening.vocabulary.errors import LedgerDamaged, OperatorError
from screening.vocabulary.unreadable import UNREADABLE

DROPS: Final = "drops"
_MAX_LINE_BYTES: Final = 1 << 12
_FORMAT: Final = "screening-drop/1"


class Drop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sealed segment, whose `records` are all leaves under a signed checkpoint."""

    segment: str
    records: int
    sealed_at: str
    dropped_at: str
    actor: str
    days: int

    @property
    def text(self) -> str:
        """What is signed: no checkpoint begins like it, for its first line is another's origin."""
        return f"{_FORMAT}\n{msgspec.json.encode(self).decode()}\n"


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    drop: Drop
    signature: str


def read_drops(log: Path, key: VerifierKey | None = None) -> dict[str, Drop]:
    """Return them by segment; raises `LedgerDamaged`. Without a key no signature is verified."""
    return {segment: drop for segment, (drop, _) in _read_lines(log, key).items()}


def dropped_segments(directory: Path) -> set[str]:
    """Return those on record beside the segments in `directory`, which do not lie there sealed.

    Of one a copy may have the beginning. Raises `LedgerDamaged`.
    """
    drops = read_drops(directory / LOG)
    return {one for one in drops if not (directory / f"{one}{SEALED}").exists()}


def find_drop_lines(log: Path, key: VerifierKey) -> tuple[dict[str, bytes], list[str]]:
    """Return by segment the signed lines that are whole, with their line feeds.

    And a sentence for each that is not.
    """
    wrong: list[str] = []
    try:
        lines = _read_lines(log, key, wrong)
    except (LedgerDamaged, OperatorError) as error:
        return {}, [str(error)]
    return {segment: line for segment, (_, line) in lines.items()}, wrong


def find_drops(log: Path, key: VerifierKey) -> dict[str, Drop]:
    """Return by segment those that are whole."""
    try:
        return {segment: drop for segment, (drop, _) in _read_lines(log, key, []).items()}
    except (LedgerDamaged, OperatorError):
        return {}


def _read_lines(
    log: Path, key: VerifierKey | None, wrong: list[str] | None = None
) -> dict[str, tuple[Drop, bytes]]:
    """Read all lines; those that are damaged are passed over where they may be added to `wrong`."""
    try:
        file = open_private(log / DROPS)
    except FileNotFoundError:
        return {}
    drops: dict[str, tuple[Drop, bytes]] = {}
    for number, line in numbered_lines(file, f"log, {DROPS}", max_bytes=_MAX_LINE_BYTES):
        try:
            drop = _parse(line, key)
            if drop.segment in drops:
                raise NoteRefused("dropped before")
        except (ValueError, *UNREADABLE) as error:
            what = str(error) if isinstance(error, NoteRefused) else "not a drop"
            sentence = f"log, {DROPS}, line {number}: {what}"
            if wrong is None:
                raise LedgerDamaged(sentence) from None
            wrong.append(sentence)
            continue
        drops[drop.segment] = drop, line
    return drops


def record_drops(log: Path, key: SignerKey, drops: list[Drop]) -> None:
    """Put them on record, durably; raises `OSError`. For one process at a time."""
    content = b"".join(_line(drop, key) for drop in drops)
    descriptor = regular_descriptor(log / DROPS, os.O_RDWR | os.O_CREAT)
    try:
        size = os.fstat(descriptor).st_size
        whole = os.pread(descriptor, size, 0).rfind(b"\n") + 1
        os.ftruncate(descriptor, whole)
        write_durably(descriptor, content, at_byte=whole)
        sync_directory(log)
    finally:
        os.close(descriptor)


def _parse(line: bytes, key: VerifierKey | None) -> Drop:
    parsed = msgspec.json.decode(line, type=_Line)
    if _encoded(parsed) != line:
        raise NoteRefused("not spelled as it was written")
    if key is not None:
        content = base64.b64decode(parsed.signature, validate=True)
        Note(parsed.drop.text, (Signature(key.name, key.id, content),)).require_signed(key)
    return parsed.drop


def _line(drop: Drop, key: SignerKey) -> bytes:
    signature = base64.b64encode(key.sign(drop.text).content).decode()
    return _encoded(_Line(drop, signature))


def _encoded(line: _Line) -> bytes:
    return msgspec.json.encode(line) + b"\n"

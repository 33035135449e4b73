"""The newest countersigned checkpoint of a log, which lies beside the one that the log signed."""

import time
from pathlib import Path
from typing import Final

import msgspec

from screening.ledger.log.checkpoint import open_checkpoint
from screening.ledger.log.notes import (
    COSIGNS,
    MAX_NOTE_BYTES,
    Checkpoint,
    Note,
    NoteRefused,
    VerifierKey,
    parse_note,
)
from screening.private_files import read_private, replace_private
from screening.vocabulary.errors import LedgerDamaged

WITNESSED: Final = "witnessed"
_AHEAD_S: Final = 300
"""How far a witness's clock may be ahead of ours (tlog-cosignature lets verifiers say)."""


class Witnessed(msgspec.Struct, frozen=True):
    """What a witness has countersigned, and when (Unix, seconds)."""

    content: bytes
    checkpoint: Checkpoint
    witness: str
    time_s: int


def countersigned(note: Note, lines: bytes, witness: VerifierKey) -> Note:
    """Add to `note` what a witness answered of it: its own signatures, and no other's.

    Raises `NoteRefused` unless there is one, and all of them are right.
    """
    answered = parse_note(note.text.encode() + b"\n" + lines)
    answered.require_signed(witness)
    own = [one for one in answered.signatures if one.key_id == witness.id]
    return Note(note.text, (*note.signatures, *(one for one in own if one.name == witness.name)))


def keep_witnessed(log: Path, note: Note) -> None:
    """Lay a countersigned checkpoint beside the log, durably; raises `OSError`."""
    replace_private(log / WITNESSED, note.encoded())


def find_witnessed(log: Path, key: VerifierKey, witness: VerifierKey | None) -> Witnessed | None:
    """Read what lies there; None where nothing does. Raises `LedgerDamaged`.

    Without a key of the witness its signature is read, and not verified.
    """
    path = log / WITNESSED
    if not path.exists():
        return None
    content = read_private(path, max_bytes=MAX_NOTE_BYTES)
    try:
        return open_witnessed(content, key, witness)
    except NoteRefused as error:
        raise LedgerDamaged(f"log, {WITNESSED}: {error}") from None


def open_witnessed(content: bytes, key: VerifierKey, witness: VerifierKey | None) -> Witnessed:
    """Read a checkpoint that this log signed and a witness countersigned; raises `NoteRefused`."""
    note, checkpoint = open_checkpoint(content, key)
    if witness is not None:
        time_s = note.require_signed(witness)
        if time_s is None:
            raise NoteRefused("the key of the witness is not one that countersigns")
        return Witnessed(content, checkpoint, witness.name, _past(time_s))
    others = [one for one in note.signatures if one.name != key.name and len(one.content) == 72]
    if not others:
        raise NoteRefused("no witness has countersigned it")
    stated = int.from_bytes(others[0].content[:8], "big")
    return Witnessed(content, checkpoint, others[0].name, _past(stated))


def is_witness(key: VerifierKey) -> bool:
    """Tell whether a key is one that countersigns."""
    return key.algorithm == COSIGNS


def _past(time_s: int) -> int:
    if time_s > time.time() + _AHEAD_S:
        raise NoteRefused("the witness countersigned it in the future; set the clocks")
    return time_s

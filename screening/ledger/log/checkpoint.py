"""The newest signed checkpoint of a log, as it lies in its folder."""

from pathlib import Path
from typing import Final

from screening.ledger.log.notes import (
    MAX_NOTE_BYTES,
    Checkpoint,
    Note,
    NoteRefused,
    SignerKey,
    VerifierKey,
    parse_checkpoint,
    parse_note,
)
from screening.private_files import read_private, replace_private
from screening.vocabulary.errors import LedgerDamaged

LOG: Final = "log"
"""The log's folder beside the segments."""
CHECKPOINT: Final = "checkpoint"


def sign_checkpoint(log: Path, key: SignerKey, *, size: int, root: bytes) -> Checkpoint:
    """Sign what the log is now, and keep it in its folder, durably; raises `OSError`."""
    checkpoint = Checkpoint(key.verifier.name, size, root)
    note = Note(checkpoint.text, (key.sign(checkpoint.text),))
    replace_private(log / CHECKPOINT, note.encoded())
    return checkpoint


def read_checkpoint(log: Path, key: VerifierKey) -> tuple[Note, Checkpoint]:
    """Return what was signed last; raises `LedgerDamaged`.

    Every log begins with one over nothing, so a log without any is one whose own was removed.
    """
    path = log / CHECKPOINT
    if not path.exists():
        raise LedgerDamaged("log, checkpoint: missing")
    try:
        return open_checkpoint(read_private(path, max_bytes=MAX_NOTE_BYTES), key)
    except NoteRefused as error:
        raise LedgerDamaged(f"log, checkpoint: {error}") from None


def open_checkpoint(content: bytes, key: VerifierKey) -> tuple[Note, Checkpoint]:
    """Read a checkpoint that this key has signed of its own log; raises `NoteRefused`."""
    note = parse_note(content)
    note.require_signed(key)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != key.name:
        raise NoteRefused("it is another log's")
    return note, checkpoint

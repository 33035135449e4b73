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
from screening.ledger.log.tree import EMPTY_ROOT
from screening.private_files import (
    ensure_private_directory,
    read_private,
    replace_private,
    sync_directory,
)
from screening.vocabulary.errors import LedgerDamaged

LOG: Final = "log"
"""The log's folder beside the segments."""
CHECKPOINT: Final = "checkpoint"


def begin_log(log: Path, key: SignerKey) -> Checkpoint:
    """Make the folder `log`, but no ledger where there is none, and sign that nothing is in it.

    It is durable. Raises `OperatorError` where others can enter the folder, and `OSError`.
    """
    log.mkdir(mode=0o700, exist_ok=True)
    ensure_private_directory(log)
    sync_directory(log.parent)
    return sign_checkpoint(log, key, size=0, root=EMPTY_ROOT)


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

"""The key that a host signs its checkpoints with: one file, for its owner only.

It is made together with the log, and never for a log that is there: what begins anew shows by
another key to everybody who holds the old one.
"""

from pathlib import Path
from typing import Final

from screening.ledger.log.checkpoint import begin_log
from screening.ledger.log.hashes import HASHES
from screening.ledger.log.notes import (
    SIGNS,
    NoteRefused,
    SignerKey,
    VerifierKey,
    parse_verifier_key,
)
from screening.ledger.log.runs import RUNS
from screening.private_files import create_private, read_private, replace_whatever
from screening.vocabulary.errors import OperatorError

LOG_KEY: Final = "log.key"
VERIFIER_KEY: Final = "vkey"
_VERIFIER_KEY_MAX_BYTES: Final = 1 << 10


def ensure_log_key(home: Path, name: str, *, log: Path) -> SignerKey:
    """Return the key of this home; where there is none, make it as `name`, and begin its log.

    The empty log is signed before the key is kept: a key without any checkpoint tells that one was
    removed. Raises `OperatorError` where the file holds something else, others can enter the folder
    `log`, or a log that is not empty lies there whose key is gone; `OSError` where none can be
    made, as where `log` can have no place.
    """
    path = home / LOG_KEY
    if path.exists():
        return read_log_key(path)
    if any(one.exists() and one.stat().st_size for one in (log / HASHES, log / RUNS)):
        raise OperatorError(
            f"{path} is missing, but a log that it signed lies in {log}; bring the key back from a "
            "backup, or move that folder aside: another log then begins, under another key"
        )
    key = SignerKey.generate(name, SIGNS)
    begin_log(log, key)
    create_private(path, f"{key.secret_text()}\n".encode())
    return key


def read_log_key(path: Path) -> SignerKey:
    """Read the file; raises `OperatorError`, which repeats nothing of it."""
    if not path.exists():
        raise OperatorError(
            f"{path} is missing: no log is kept here yet; it is made when the server first starts"
        )
    try:
        return SignerKey.parse(read_private(path).decode().removesuffix("\n"))
    except (NoteRefused, UnicodeDecodeError, ValueError):
        raise OperatorError(f"{path} is damaged; bring it back from a backup") from None


def show_verifier_key(log: Path, key: VerifierKey) -> None:
    """Lay down in the folder `log` who signs it, for the workers; raises `OSError`.

    They hold nothing that could sign, and tell partners whose signature to look for.
    """
    path, text = log / VERIFIER_KEY, f"{key.text}\n".encode()
    if not path.is_file() or path.read_bytes() != text:
        replace_whatever(path, text, durable=False)


def read_verifier_key(log: Path) -> VerifierKey | None:
    """Return who signs the log in this folder; None where that is not told, or damaged."""
    try:
        text = read_private(log / VERIFIER_KEY, max_bytes=_VERIFIER_KEY_MAX_BYTES).decode()
        return parse_verifier_key(text.removesuffix("\n"))
    except (NoteRefused, OperatorError, UnicodeDecodeError, FileNotFoundError):
        return None

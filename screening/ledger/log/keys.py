"""The key that a host signs its checkpoints with: one file, made once, for its owner only."""

from contextlib import suppress
from pathlib import Path
from typing import Final

from screening.ledger.log.notes import SIGNS, NoteRefused, SignerKey
from screening.private_files import create_private, read_private
from screening.vocabulary.errors import OperatorError

LOG_KEY: Final = "log.key"


def ensure_log_key(home: Path, name: str) -> SignerKey:
    """Return the key of this home, made under `name` where there is none.

    Raises `OperatorError` where its file holds something else, `OSError` where none can be made.
    """
    path = home / LOG_KEY
    if not path.exists():
        with suppress(FileExistsError):  # another process was first, and its key holds
            create_private(path, f"{SignerKey.generate(name, SIGNS).secret_text()}\n".encode())
    return read_log_key(path)


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

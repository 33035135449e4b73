"""What a witness keeps: its key, the logs that it trusts, and the newest checkpoint of each."""

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from screening.file_lock import try_flock
from screening.ledger.log.checkpoint import open_checkpoint
from screening.ledger.log.notes import (
    COSIGNS,
    MAX_NOTE_BYTES,
    SIGNS,
    Checkpoint,
    NoteRefused,
    SignerKey,
    VerifierKey,
    parse_verifier_key,
)
from screening.ledger.log.tree import EMPTY_ROOT
from screening.private_files import (
    create_private,
    ensure_private_directory,
    read_private,
    regular_descriptor,
    replace_private,
    sync_directory,
)
from screening.vocabulary.errors import OperatorError

_KEY: Final = "witness.key"
_LOCK: Final = "lock"
_LOGS: Final = "logs"
_LOG_KEY: Final = "key"
_NEWEST: Final = "newest"
_NONE_YET: Final = b"no checkpoint yet\n"
"""In the place of the newest checkpoint: a file that a power cut has emptied says nothing."""


class TrustedLog(msgspec.Struct, frozen=True):
    """A log whose checkpoints are countersigned, and the folder with what is known of it."""

    key: VerifierKey
    folder: Path

    def newest(self) -> Checkpoint:
        """Return the newest checkpoint seen, of no leaves before the first.

        Raises `OperatorError` where it is gone or damaged: nothing is countersigned then.
        """
        path = self.folder / _NEWEST
        if not path.exists():
            raise OperatorError(
                f"{path} is gone, and with it what was countersigned: bring it back from this "
                "moment's backup, or begin with another home and another key"
            )
        content = read_private(path, max_bytes=MAX_NOTE_BYTES)
        if content == _NONE_YET:
            return Checkpoint(self.key.name, 0, EMPTY_ROOT)
        try:
            return open_checkpoint(content, self.key)[1]
        except NoteRefused as error:
            raise OperatorError(f"{path} is damaged: {error}") from None

    def keep(self, content: bytes) -> None:
        """Make a checkpoint the newest one, durably; raises `OSError`."""
        replace_private(self.folder / _NEWEST, content)


def create_witness(home: Path, name: str) -> VerifierKey:
    """Make a home with a new key of this name; raises `OperatorError` where there is one."""
    ensure_private_directory(home)
    try:
        key = SignerKey.generate(name, COSIGNS)
    except ValueError as error:
        raise OperatorError(f"{error}; give one such as witness.example/one") from None
    try:
        create_private(home / _KEY, f"{key.secret_text()}\n".encode())
    except FileExistsError:
        raise OperatorError(
            f"{home / _KEY} is there already; it is kept as it is, and screening witness key "
            "prints the public one"
        ) from None
    return key.verifier


def read_key(home: Path) -> SignerKey:
    """Return the witness's key; raises `OperatorError`, which repeats nothing of it."""
    path = home / _KEY
    if not path.exists():
        raise OperatorError(f"{path} is missing; make it with: screening witness init NAME")
    try:
        key = SignerKey.parse(read_private(path).decode().removesuffix("\n"))
    except (NoteRefused, ValueError):
        raise OperatorError(f"{path} is damaged; bring it back from a backup") from None
    if key.verifier.algorithm != COSIGNS:
        raise OperatorError(f"{path} holds the key of a log, not of a witness")
    return key


def trust(home: Path, key: VerifierKey) -> None:
    """Countersign for this log from now on; durable. Raises `OperatorError`.

    Another key of an origin that is known is refused: it would be the same log to those who verify.
    """
    read_key(home)
    folder = _folder(home, key.name)
    found = find_log(home, key.name)
    if found is not None:
        if found.key != key:
            raise OperatorError(
                f"a log of this name is trusted under another key; where that log has ended for "
                f"good, move {folder} aside, and keep it"
            )
        return
    ensure_private_directory(folder)
    # The key comes last: only with it is the log trusted, and then its checkpoint must be there.
    if not (folder / _NEWEST).exists():
        replace_private(folder / _NEWEST, _NONE_YET)
    create_private(folder / _LOG_KEY, f"{key.text}\n".encode())
    sync_directory(folder.parent)
    sync_directory(home)


def find_log(home: Path, origin: str) -> TrustedLog | None:
    """Return the trusted log of this origin, or None; raises `OperatorError`."""
    folder = _folder(home, origin)
    path = folder / _LOG_KEY
    if not path.exists():
        return None
    try:
        key = parse_verifier_key(read_private(path).decode().removesuffix("\n"))
    except (NoteRefused, ValueError):
        raise OperatorError(f"{path} is damaged; bring it back from a backup") from None
    if key.name != origin or key.algorithm != SIGNS:
        raise OperatorError(f"{path} is the key of another log; bring it back from a backup")
    return TrustedLog(key, folder)


def trusted_logs(home: Path) -> list[TrustedLog]:
    """Return all logs that are trusted, each with a checkpoint that can be gone on from."""
    logs = []
    for path in sorted((home / _LOGS).glob(f"*/{_LOG_KEY}")):
        try:
            name = parse_verifier_key(read_private(path).decode().removesuffix("\n")).name
        except (NoteRefused, ValueError):
            raise OperatorError(f"{path} is damaged; bring it back from a backup") from None
        log = find_log(home, name)
        if log is None or log.folder != path.parent:
            raise OperatorError(f"{path} is the key of another log; bring it back from a backup")
        log.newest()
        logs.append(log)
    return logs


@contextmanager
def only_server_of(home: Path) -> Iterator[None]:
    """Hold `home`: two processes could countersign two futures of one log."""
    with io.FileIO(
        home / _LOCK, "ab", opener=lambda path, _: regular_descriptor(path, os.O_RDWR | os.O_CREAT)
    ) as lock:
        if not try_flock(lock):
            raise OperatorError(
                f"another screening witness uses this home ({home}); stop it, or set another "
                "SCREENING_WITNESS_HOME"
            )
        yield


def _folder(home: Path, origin: str) -> Path:
    return home / _LOGS / hashlib.sha256(origin.encode()).hexdigest()

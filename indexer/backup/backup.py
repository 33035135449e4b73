"""One sealed file with all that a deployment cannot be made anew from.

That is the indexer's home: keyring, list and ledger. The API's share in the secrets folder is
derived from the keyring, and whatever lies in Redis from keyring and list. The reasons are in
`docs/decisions/0017-backup.md`, the format is in `screening/sealed_stream.py` and `archive.py`.
"""

import shutil
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from indexer.backup.archive import LIST, Description, count_blocks, home_files, pack
from indexer.deployment import Deployment
from indexer.in_force import find_current, find_unsettled
from indexer.keyring import Keys
from indexer.list.database import is_sound
from indexer.list.file import ListFile
from indexer.list.partners import partner_records
from indexer.list.revisions import Revisions
from indexer.outputs import refuse_all_but_headed, refuse_existing
from indexer.releases import Releases
from screening import __version__
from screening.private_files import ensure_private_directory, private_file
from screening.sealed_stream import MAGIC, SealingWriter
from screening.vocabulary.errors import OperatorError

_PAGES_AT_A_TIME: Final = 1_000
_COPY_FOLDER: Final = ".snapshot"
"""Below the home: as private as the list is, and on a disk that has held it."""


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup holds."""

    description: Description
    size_bytes: int


def back_up(
    deployment: Deployment, path: Path, passphrase: bytes, *, overwrite: bool = False
) -> BackedUp:
    """Write the backup `path`, mode 0600, whole and durable, or not at all.

    The store is asked for nothing, unless a command was interrupted that has to be settled first.
    Raises `OperatorError` where a key or the list is damaged: then older backups are the better.
    """
    _refuse(deployment, path, overwrite=overwrite)
    _settle(deployment)
    require_token_keys(deployment.keyring, deployment.list_file)
    deployment.record("backup", file=_printable(path.name), overwrite=overwrite)
    deployment.ledger.close()  # the record above is in the backup, in a segment that is sealed
    with (
        private_file(path, overwrite=overwrite) as file,
        _copied_list(deployment) as copy,
    ):
        files = {**home_files(deployment.settings.home), LIST: copy}
        current = find_current(deployment.list_file)
        description = Description(
            format="screening-home/1",
            made_at=deployment.now(),
            host=socket.gethostname(),
            actor=deployment.actor,
            program=__version__,
            release=current.release if current is not None else 0,
            files=len(files),
            blocks=count_blocks(files),
        )
        writer = SealingWriter(file, passphrase)
        pack(writer, description, files, deployment.progress)
        writer.finish()
    done = BackedUp(description, path.stat().st_size)
    deployment.record("backed up", release=description.release, bytes=done.size_bytes)
    return done


def require_token_keys(keyring: Keys, list_file: ListFile) -> None:
    """Raise `OperatorError` where the key of a partner is gone or damaged."""
    for record in partner_records(list_file):
        for key_id in record.key_ids:
            keyring.token_key(key_id)


def _refuse(deployment: Deployment, path: Path, *, overwrite: bool) -> None:
    deployment.settings.refuse_own_folders(path)
    if path.is_dir():
        raise OperatorError(f"{path} is a folder; name a file in it")
    if not overwrite:
        refuse_existing([path])
    refuse_all_but_headed(path, MAGIC, "backup")


def _settle(deployment: Deployment) -> None:
    """Settle what an interrupted command has left, while it can still be told what became of it.

    Once the backup is restored, Redis has releases that are later than an unsettled one, and so
    would say that it is in force.
    """
    if (
        find_unsettled(deployment.list_file) is not None
        or Revisions(deployment.list_file).has_drafts()
    ):
        Releases(deployment).recover()


@contextmanager
def _copied_list(deployment: Deployment) -> Iterator[Path]:
    """Yield a copy of the list, as of now, that is removed again."""
    folder = deployment.settings.home / _COPY_FOLDER
    shutil.rmtree(folder, ignore_errors=True)  # what a backup left that was killed
    ensure_private_directory(folder)
    try:
        copy = folder / LIST
        copy.touch(mode=0o600)
        with (
            closing(sqlite3.connect(copy, isolation_level=None)) as target,
            deployment.progress.stage("copying the list", None) as advance,
        ):
            # Made to be thrown away: neither a journal nor the disk is waited for.
            target.execute("PRAGMA journal_mode = OFF")
            target.execute("PRAGMA synchronous = OFF")
            deployment.list_file.connection.backup(
                target, pages=_PAGES_AT_A_TIME, progress=lambda *_: advance(1)
            )
        if not is_sound(copy):
            raise OperatorError(
                "the list file is damaged and no backup of it was made; keep the older ones, and "
                "restore the last"
            )
        yield copy
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _printable(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()

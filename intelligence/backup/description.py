"""What a backup says of itself: `backup.json`, beside the files that it names."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, BinaryIO, Final, Literal

import msgspec

from screening.private_files import (
    create_private,
    ensure_private_directory,
    open_private,
    private_file,
    read_private,
)
from screening.spools.spelling import Count, Sha256
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.unreadable import UNREADABLE

DESCRIPTION: Final = "backup.json"
LEDGER: Final = "ledger"
SQLITE_FILE: Final = "intelligence.sqlite"
"""As the home calls it."""
POSTGRESQL_DUMP: Final = "database.pgdump"
_BLOCK_BYTES: Final = 1 << 20
_DESCRIPTION_MAX_BYTES: Final = 64 << 20
"""A ledger of many years has some 100,000 files."""
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Description(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of what, when (Unix seconds), where and by whom a backup was made."""

    format: Literal["console-backup/1"]
    made_at: Count
    host: str
    actor: str
    program: str
    """The version of the console."""
    database: Literal["sqlite", "postgresql"]
    files: Mapping[_Name, Sha256]
    """What each file of the backup hashes to, by its name in the folder."""


def hash_of(file: BinaryIO) -> str:
    """Return the SHA-256 of a file's content."""
    hashed = hashlib.sha256()
    while block := file.read(_BLOCK_BYTES):
        hashed.update(block)
    return hashed.hexdigest()


def copy_private(source: BinaryIO, target: Path) -> str:
    """Copy a file to a new one, durably; return its SHA-256."""
    hashed = hashlib.sha256()
    with private_file(target, overwrite=False) as file:
        while block := source.read(_BLOCK_BYTES):
            hashed.update(block)
            file.write(block)
    return hashed.hexdigest()


def write_description(folder: Path, description: Description) -> None:
    """Write what makes a folder a backup, once all else is in it."""
    create_private(folder / DESCRIPTION, msgspec.json.encode(description))


def read_description(folder: Path) -> Description:
    """Return what a backup says of itself; raises `OperatorError` of none."""
    try:
        content = read_private(folder / DESCRIPTION, max_bytes=_DESCRIPTION_MAX_BYTES)
        return msgspec.json.decode(content, type=Description)
    except UNREADABLE:
        raise _damaged(DESCRIPTION) from None


def take_out(folder: Path, description: Description, place_of: Callable[[str], Path]) -> None:
    """Copy every file to where it belongs; raises `OperatorError` for one that is not as it was."""
    for name, sha256 in description.files.items():
        parts = PurePosixPath(name).parts
        # Nothing beside database and ledger: no file of keys, for one.
        if name not in (SQLITE_FILE, POSTGRESQL_DUMP) and (
            len(parts) != len((LEDGER, "name")) or parts[0] != LEDGER or parts[1].startswith(".")
        ):
            raise _damaged(DESCRIPTION)
        target = place_of(name)
        ensure_private_directory(target.parent)
        try:
            with open_private(folder.joinpath(*parts)) as source:
                found = copy_private(source, target)
        except FileNotFoundError:
            raise _damaged(name) from None
        if found != sha256:
            raise _damaged(name)


def _damaged(name: str) -> OperatorError:
    return OperatorError(
        f"{name} of the backup is missing or not as it was written; take another copy, or an older"
    )

"""A folder of numbered files, each written whole or not at all, and read in order."""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

from screening.private_files import (
    create_private,
    ensure_private_directory,
    read_private,
    sync_directory,
)
from screening.spools.sealed_file import FILE_MAX_BYTES, Direction
from screening.vocabulary.errors import OperatorError

_NAME: Final = re.compile(r"([0-9]{10})\.(down|up)", re.ASCII)


class SpoolFolder:
    """One spool of a deployment: `down`, or `up`."""

    def __init__(self, spools: Path, direction: Direction) -> None:
        """Make the folder (0700) where it is absent; `OperatorError` where others can enter it."""
        self._direction = direction
        self._folder = ensure_private_directory(ensure_private_directory(spools) / direction)

    def path(self, sequence: int) -> Path:
        """Return where a file is, or will be."""
        return self._folder / f"{sequence:010}.{self._direction}"

    def find(self, sequence: int) -> bytes | None:
        """Return a file, None where it has not come.

        Raises `OperatorError` where others can read it, and where it is a link: who has the spool
        would else have any file be read, and a person be advised to change what it leads to.
        """
        if not self.has(sequence):
            return None
        path = self.path(sequence)
        try:
            return read_private(path, max_bytes=FILE_MAX_BYTES, follows_links=False)
        except OperatorError:
            if path.is_symlink():  # for the words alone: no link was opened
                raise OperatorError(
                    f"{path} is a link, and no file of a spool; find out who has put it there, "
                    "and move it away"
                ) from None
            raise

    def has(self, sequence: int) -> bool:
        """Tell whether anything has the place of a file, whatever it is."""
        return os.path.lexists(self.path(sequence))

    def lay(self, sequence: int, document: bytes) -> None:
        """Write a file (0600), durably; `FileExistsError` where there is one."""
        create_private(self.path(sequence), document)

    def remove(self, sequence: int) -> None:
        """Take a file away, durably; nothing where there is none."""
        with suppress(FileNotFoundError):
            self.path(sequence).unlink()
            sync_directory(self._folder)

    def sequences(self) -> list[int]:
        """Return the numbers that are there, lowest first."""
        found = (_NAME.fullmatch(path.name) for path in self._folder.iterdir())
        return sorted(int(one[1]) for one in found if one and one[2] == self._direction)

    def versions(self) -> dict[str, tuple[int, int]]:
        """Return what tells that a file has come or changed: time and size of each.

        What goes meanwhile, and what is no numbered file, is passed over.
        """
        found = {}
        for path in self._folder.iterdir():
            if _NAME.fullmatch(path.name):
                with suppress(FileNotFoundError):
                    status = path.lstat()
                    found[path.name] = (status.st_mtime_ns, status.st_size)
        return found

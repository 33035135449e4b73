"""The files of a generation that are mapped: what was verified, and whether it is that still."""

import contextlib
import errno
import hashlib
import mmap
import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Final

from screening.generations.hashes import sha256_hex
from screening.private_files import open_regular
from screening.vocabulary.errors import Untrusted

FILTER_FILE: Final = "filter"
TABLE_FILE: Final = "table"
RECORDS_FILE: Final = "records"
_MAPPED: Final = (FILTER_FILE, TABLE_FILE, RECORDS_FILE)


class Change(Enum):
    """What has become of files since they were mapped."""

    NONE = auto()
    WRITTEN = auto()
    """They were written in, or cut off: what is mapped of them is other than it was."""
    TOUCHED = auto()
    """Their modes or links were changed, or they were removed; or they were written in, and the
    time of that was set back."""
    REPLACED = auto()
    """Others lie there; what is mapped stays what it was."""


FileVersions = tuple[tuple[int, int, int, int] | None, ...]
"""Of each file its inode, its size, and the times at which its content and it were changed.

None of an absent one.
"""


def file_versions(directory: Path) -> FileVersions:
    """Return values that differ once a file that is mapped was replaced, written in or touched.

    Nobody but the kernel sets the last of them (`st_ctime`).
    """
    return _versions(_paths(directory))


def _change_between(before: FileVersions, after: FileVersions) -> Change:
    """Tell what has become of files: the most that has become of one of them."""
    if before == after:
        return Change.NONE
    if not any(after):
        return Change.TOUCHED
    pairs = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    if any(was and now and was[0] == now[0] and was[:3] != now[:3] for was, now in pairs):
        return Change.WRITTEN
    is_same = all(was and now and was[0] == now[0] for was, now in pairs)
    return Change.TOUCHED if is_same else Change.REPLACED


def touch_mapped(directory: Path) -> None:
    """Have those who have mapped the files of a generation look whether they are whole.

    Their modes are set to what they are: when they were written in stays to be seen.
    """
    for path in map(Path, _paths(directory)):
        with contextlib.suppress(OSError):
            path.chmod(path.stat().st_mode & 0o777)


def _paths(directory: Path) -> Sequence[str]:
    return [str(directory / name) for name in _MAPPED]


def _versions(paths: Sequence[str]) -> FileVersions:
    return tuple(map(_version, paths))


def _version(path: str) -> tuple[int, int, int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116 -- a path of its own for each look costs as much again
    except OSError:
        return None
    return (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


@dataclass(frozen=True, slots=True)
class Mapped:
    """A file that is mapped, where it lay, and what it was published as."""

    content: memoryview
    path: Path
    inode: int
    sha256: str

    def is_whole(self) -> bool:
        """Tell whether it is still that; who writes in the file changes what is mapped of it.

        The file is read, and what is mapped of it only where it lies there no more: where a disk
        cannot read, or it was cut off, to read what is mapped ends the process.
        """
        try:
            with open_regular(self.path) as file:
                if os.fstat(file.fileno()).st_ino == self.inode:
                    return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256
        except OSError as error:
            if error.errno == errno.EIO:
                return False
        return sha256_hex(self.content) == self.sha256


def map_file(path: Path, sha256: str) -> Mapped:
    """Map a file; raises `Untrusted` where it is not the one that was published, and `OSError`."""
    with open_regular(path) as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise Untrusted("a file of a generation is not the one that was published")
        content = memoryview(b"")
        if file.tell():  # an empty file cannot be mapped
            content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        return Mapped(content, path, os.fstat(file.fileno()).st_ino, sha256)


class MappedFiles:
    """All that is mapped of a generation, and whether it is still what was published.

    `is_doubted` where others lie where they did: they are to be mapped in place of these.
    """

    def __init__(self, directory: Path, versions: FileVersions, mapped: Sequence[Mapped]) -> None:
        self._paths = _paths(directory)
        self._versions = versions
        self._mapped = mapped
        self.is_doubted = False

    def change(self) -> Change:
        """Tell what has become of the files since they were mapped, or looked at: 5 us."""
        return self._change(_versions(self._paths))

    def are_whole(self) -> bool:
        """Tell whether what is mapped is whole, whatever lies there; reads and hashes all of it."""
        versions = _versions(self._paths)
        self.is_doubted = self.is_doubted or self._change(versions) is Change.REPLACED
        self._versions = versions
        return all(one.is_whole() for one in self._mapped)

    def _change(self, versions: FileVersions) -> Change:
        change = _change_between(self._versions, versions)
        # What is written in others leaves what is mapped as it is; reading that tells of the rest.
        return Change.REPLACED if self.is_doubted and change is Change.WRITTEN else change

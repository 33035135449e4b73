"""The files of a generation that are mapped: what was verified, and whether it is that still."""

import contextlib
import mmap
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from screening.generations.hashes import sha256_hex
from screening.vocabulary.errors import Untrusted

FILTER_FILE: Final = "filter"
TABLE_FILE: Final = "table"
RECORDS_FILE: Final = "records"

_MAPPED: Final = (FILTER_FILE, TABLE_FILE, RECORDS_FILE)

FileVersions = tuple[tuple[int, int] | None, ...]
"""Of each file that is mapped its inode and the time of its last change; None of an absent one."""


def mapped_paths(directory: Path) -> Sequence[str]:
    """Return where the files of a generation lie that are mapped."""
    return [str(directory / name) for name in _MAPPED]


def file_versions(paths: Sequence[str]) -> FileVersions:
    """Return values that differ once a mapped file of a generation was replaced, or written in.

    Nobody but the kernel sets the time of a file's change (`st_ctime`). Each look asks for each
    list: 5 us.
    """
    return tuple(map(_version, paths))


def touch_mapped(directory: Path) -> None:
    """Have the files' versions differ, for those who have them mapped."""
    for path in mapped_paths(directory):
        with contextlib.suppress(OSError):
            os.utime(path)


def _version(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116 -- a path of its own for each look costs as much again
    except OSError:
        return None
    return (status.st_ino, status.st_ctime_ns)


@dataclass(frozen=True, slots=True)
class Mapped:
    """A file that is mapped, and what it was published as."""

    content: memoryview
    sha256: str

    def is_whole(self) -> bool:
        """Tell whether it is still that; who writes in the file changes what is mapped of it."""
        # To read beyond the end of a file that was cut off ends the process.
        is_cut = isinstance(self.content.obj, mmap.mmap) and (
            self.content.obj.size() < len(self.content)
        )
        return not is_cut and sha256_hex(self.content) == self.sha256


def map_file(path: Path, sha256: str) -> Mapped:
    """Map a file; raises `Untrusted` where it is not the one that was published, and `OSError`."""
    if path.stat().st_size == 0:  # an empty file cannot be mapped
        content = memoryview(b"")
    else:
        with path.open("rb") as file:
            content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    mapped = Mapped(content, sha256)
    if not mapped.is_whole():
        raise Untrusted("a file of a generation is not the one that was published")
    return mapped

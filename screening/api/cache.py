"""The cache directory: what sync lays down and the workers read, atomically and in three parts.

documents      heads and partner records as they were signed; changes with a release
confirmed      when each head was last confirmed in Redis; changes every beat
loaded/<pid>   which release a worker answers from; written by the worker
generations/   the files of each generation (`generations/fetch.py`)
"""

import os
from pathlib import Path
from typing import Final

import msgspec

from screening.private_files import ensure_private_directory, replace_private
from screening.vocabulary.errors import Untrusted

NO_VERSION: Final = (0, 0)
"""The version of a file that is not there."""


class Documents(msgspec.Struct, frozen=True):
    """Signed documents by the name they stand under; readers verify every one again."""

    heads: dict[str, bytes]
    partners: dict[str, bytes]


class Confirmed(msgspec.Struct, frozen=True):
    """When (Unix seconds) which head (its sequence) of each token key was last found in Redis."""

    heads: dict[str, tuple[int, float]]


class Cache:
    """The cache directory of one API host."""

    def __init__(self, home: Path) -> None:
        self.directory = ensure_private_directory(home / "cache")
        self._documents = self.directory / "documents"
        self._confirmed = self.directory / "confirmed"
        self._loaded = ensure_private_directory(self.directory / "loaded")

    def write_documents(self, documents: Documents) -> None:
        """Replace the documents, durably."""
        replace_private(self._documents, msgspec.msgpack.encode(documents))

    def read_documents(self) -> Documents:
        """Return the documents; none before the first sync. Raises `Untrusted` where damaged."""
        try:
            return msgspec.msgpack.decode(self._documents.read_bytes(), type=Documents)
        except FileNotFoundError:
            return Documents({}, {})
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Untrusted("the documents in the cache are damaged") from None

    def write_confirmed(self, confirmed: Confirmed) -> None:
        """Replace the times. Not durable: losing them only makes answers `stale` earlier."""
        temporary = self._confirmed.with_suffix(".new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.msgpack.encode(confirmed))
        temporary.replace(self._confirmed)

    def read_confirmed(self) -> Confirmed:
        """Return the times; none before the first sync, or where the file is damaged."""
        try:
            return msgspec.msgpack.decode(self._confirmed.read_bytes(), type=Confirmed)
        except (FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
            return Confirmed({})

    def documents_version(self) -> tuple[int, int]:
        """Return a value that changes when the documents are replaced; zeros without any."""
        return _version(self._documents)

    def confirmed_version(self) -> tuple[int, int]:
        """Return a value that changes when the times are replaced."""
        return _version(self._confirmed)

    def write_loaded(self, release: int) -> None:
        """Say that this process answers from `release`."""
        replace_private(self._loaded / str(os.getpid()), str(release).encode())

    def forget_workers(self) -> None:
        """Remove what workers of an earlier start have said: a pid may belong to another now."""
        for path in self._loaded.iterdir():
            path.unlink(missing_ok=True)

    def read_loaded(self) -> list[int]:
        """Return the releases that living workers answer from; forget the dead."""
        releases = []
        for path in self._loaded.iterdir():
            if not path.name.isdigit():
                continue
            try:
                os.kill(int(path.name), 0)
                releases.append(int(path.read_bytes()))
            except (ProcessLookupError, PermissionError):
                path.unlink(missing_ok=True)
            except (FileNotFoundError, ValueError):
                continue
        return releases


def _version(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except FileNotFoundError:
        return NO_VERSION
    return (status.st_ino, status.st_mtime_ns)

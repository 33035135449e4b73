"""The cache directory: what sync lays down and the workers read, atomically and in five parts.

documents      heads and partner records as they were signed; changes with a release
confirmed      when each head was confirmed in Redis, and all laid down; changes every beat
notices...     what partners have to hear (`notices_cache.py`)
loaded/<pid>   what a worker answers from; written by the worker
generations/   the files of each generation (`generations/fetch.py`)
"""

import contextlib
import os
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

import msgspec

from screening.api.process_ids import is_alive
from screening.private_files import (
    NotRegularError,
    ensure_private_directory,
    read_regular,
    remove_whatever,
    replace_whatever,
)
from screening.vocabulary.errors import Untrusted
from screening.vocabulary.unreadable import UNREADABLE

NO_VERSION: Final = (0, 0)
"""The version of a file that is not there, or cannot be looked at."""
NEVER: Final = float("-inf")
"""The moment of what has not happened."""
_GENERATIONS_KEPT: Final = 3
DAMAGED: Final = (NotRegularError, *UNREADABLE)
"""What reading a file of ours raises where it is none any more."""
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


class Documents(msgspec.Struct, frozen=True):
    """Signed documents by the name they stand under; readers verify every one again."""

    heads: dict[str, bytes]
    partners: dict[str, bytes]


class LastFound(msgspec.Struct, frozen=True):
    """When which head of each token key was last found in Redis.

    `heads`: its sequence, the time in Unix seconds, and the same moment by `boottime()` in seconds.
    The wall clock is for people; ages are told by `boottime`, which counts in one boot only.
    `laid_down`, by `boottime` too: what was in Redis then, or has come since, lies in the cache; or
    Redis did not answer then, and did not answer after that. 0 where the cache was empty until now.
    `asked`, too: when the last look began that told so; sync was at work then.
    """

    heads: dict[str, tuple[int, float, float]]
    boot_id: str
    laid_down: float = NEVER
    asked: float = NEVER

    def since(self, boot: str, now: float, moment: float) -> dict[str, tuple[int, float, float]]:
        """Return `heads` as `boot` counts, where it is `now` and, by `boottime`, `moment`.

        Of what another boot has counted only the wall clock's time is left.
        """
        return {
            key_id: (sequence, at, counted)
            if self.boot_id == boot and counted <= moment
            else (sequence, at, moment - max(0.0, now - at))
            for key_id, (sequence, at, counted) in self.heads.items()
        }

    def laid_down_by(self, boot: str, moment: float) -> float:
        """Return `laid_down` as `boot` counts, where it is `moment` by `boottime`.

        `NEVER` where another boot has counted it, or it lies ahead.
        """
        return self._counted_by(boot, self.laid_down, moment)

    def asked_by(self, boot: str, moment: float) -> float:
        """Return `asked` in the same way."""
        return self._counted_by(boot, self.asked, moment)

    def _counted_by(self, boot: str, counted: float, moment: float) -> float:
        return counted if self.boot_id == boot and counted <= moment else NEVER


class AnswersFrom(msgspec.Struct, frozen=True):
    """What a worker answers from: `release`, and the version of each token key's index in it.

    `refused` names the token keys whose files in the cache it could not load.
    """

    release: int
    versions: dict[str, str]
    refused: list[str] = []


def boottime() -> float:
    """Return seconds by a clock that never jumps and that all processes of one boot share."""
    # CLOCK_BOOTTIME counts while the machine is suspended: a list ages then, too.
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def boot_id() -> str:
    """Name the boot in which `boottime` counts; empty where the system does not name it."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


class Cache:
    """The cache directory of one API host."""

    def __init__(self, home: Path) -> None:
        self.directory = ensure_private_directory(home / "cache")
        self._told: AnswersFrom | None = None
        self._documents = self.directory / "documents"
        self._confirmed = self.directory / "confirmed"
        self._loaded = ensure_private_directory(self.directory / "loaded")

    def write_documents(self, documents: Documents) -> None:
        """Replace the documents, durably; a folder that was removed meanwhile is made again."""
        ensure_private_directory(self.directory)
        replace_whatever(self._documents, msgspec.msgpack.encode(documents))

    def read_documents(self) -> Documents:
        """Return the documents; none before the first sync. Raises `Untrusted` where damaged."""
        try:
            return msgspec.msgpack.decode(read_regular(self._documents), type=Documents)
        except FileNotFoundError:
            return Documents({}, {})
        except DAMAGED:
            raise Untrusted("the documents in the cache are damaged") from None

    def write_confirmed(self, confirmed: LastFound) -> None:
        """Replace the times. Not durable: losing them only makes answers `stale` earlier."""
        ensure_private_directory(self.directory)
        replace_whatever(self._confirmed, msgspec.msgpack.encode(confirmed), durable=False)

    def read_confirmed(self) -> LastFound:
        """Return the times; none before the first sync, or where the file is damaged."""
        try:
            return msgspec.msgpack.decode(read_regular(self._confirmed), type=LastFound)
        except (FileNotFoundError, *DAMAGED):
            return LastFound({}, "")

    def documents_version(self) -> tuple[int, int]:
        """Return a value that changes when the documents are replaced; zeros without any."""
        return version_of(self._documents)

    def confirmed_version(self) -> tuple[int, int]:
        """Return a value that changes when the times are replaced."""
        return version_of(self._confirmed)

    def write_loaded(self, loaded: AnswersFrom) -> None:
        """Say what this process answers from, unless that is said already."""
        path = self._loaded / str(os.getpid())
        if self._told is not loaded or not path.is_file():
            ensure_private_directory(self._loaded)
            # Not durable: it is forgotten at the next start, and the journal has the same disk.
            replace_whatever(path, msgspec.msgpack.encode(loaded), durable=False)
            self._told = loaded

    def forget_workers(self) -> None:
        """Remove what workers of an earlier start have said: a pid may belong to another now."""
        for path in self._loaded.iterdir():
            remove_whatever(path)

    def read_loaded(self) -> list[AnswersFrom]:
        """Return what each living worker answers from; forget the dead."""
        loaded = []
        for path in self._loaded.iterdir() if self._loaded.exists() else ():
            if not path.name.isdecimal():
                continue
            if not is_alive(int(path.name)):
                _forget(path)
                continue
            try:
                loaded.append(msgspec.msgpack.decode(read_regular(path), type=AnswersFrom))
            except PermissionError:  # the worker writes it again
                _forget(path)
            except (FileNotFoundError, *DAMAGED):
                continue
        return loaded

    def keep_generations(self, live: Collection[str], in_force: Mapping[str, str]) -> None:
        """Remove the generations of token keys that are not `live`, and old ones of the others.

        `in_force` names the generation of each token key that has one; of a live key without one
        nothing is removed: its head may wait for what lies here.
        """
        root = self.directory / "generations"
        for folder in root.iterdir() if root.exists() else ():
            if folder.name not in live:
                _forget(folder)
            elif folder.name in in_force:
                current = in_force[folder.name]
                names = sorted(one.name for one in folder.iterdir() if one.name != current)
                for name in names[: -(_GENERATIONS_KEPT - 1)]:
                    _forget(folder / name)


def _forget(path: Path) -> None:
    with contextlib.suppress(OSError):
        remove_whatever(path)


def version_of(path: Path) -> tuple[int, int]:
    """Return a value that changes when a file is replaced; `NO_VERSION` where none is seen."""
    try:
        status = path.stat()
    except OSError:  # a link to itself is no file either
        return NO_VERSION
    return (status.st_ino, status.st_mtime_ns)

"""What lies in a backup once it is opened: a tar file (POSIX.1-2001) of the indexer's home.

The first member is `backup.json`, the others are the files of the home under their names in it.
"""

import io
import os
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Annotated, BinaryIO, Final, Literal, Protocol, cast

import msgspec

from indexer.keyring import KEYRING
from indexer.progress import Advance, Progress
from screening.private_files import create_private, ensure_private_directory, private_file
from screening.staging import LOCK
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.unreadable import UNREADABLE

LIST: Final = "list.sqlite"
_DESCRIPTION: Final = "backup.json"
_DESCRIPTION_MAX_BYTES: Final = 64 * 1024
_BLOCK_BYTES: Final = 1 << 20
_Count = Annotated[int, msgspec.Meta(ge=0)]


class Description(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of what, when (Unix seconds), where and by whom a backup was made."""

    format: Literal["screening-home/1"]
    made_at: _Count
    host: str
    actor: str
    program: str
    """The version of the indexer."""
    release: _Count
    """That was in force as far as the home knew, 0 before the first."""
    files: _Count
    blocks: _Count
    """Of up to 1 MiB, in which the files are read and written."""


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Writable(Protocol):
    def write(self, content: bytes, /) -> int: ...


def home_files(home: Path) -> dict[str, Path]:
    """Return the files of a home by their names in it, but the list, locks and what is temporary.

    Whatever lies there is taken, so that a file of a later version is not forgotten. Raises
    `OperatorError` at a link or a device: what they lead to would be missing from the backup.
    """
    return {str(path.relative_to(home)): path for path in _files_below(home)}


def _files_below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        # SQLite's -wal and -shm are in the copy of the list; temporary files begin with a dot.
        if path.name == LOCK or path.name.startswith((LIST, ".")):
            continue
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise OperatorError(
                f"{path} is neither a file nor a folder; put what it leads to in its place"
            )
        if path.is_dir():
            yield from _files_below(path)
        else:
            yield path


def count_blocks(files: Mapping[str, Path]) -> int:
    """Return how many blocks of up to 1 MiB the files have."""
    return sum(-(-path.stat().st_size // _BLOCK_BYTES) for path in files.values())


def pack(
    target: _Writable, description: Description, files: Mapping[str, Path], progress: Progress
) -> None:
    """Write the archive of `files`, none of which may change meanwhile."""
    with progress.stage("sealing", description.blocks) as advance:
        encoded = msgspec.json.encode(description)
        _pack_file(target, _member(_DESCRIPTION, len(encoded), description), io.BytesIO(encoded))
        for name, path in files.items():
            with path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                _pack_file(target, _member(name, size, description), file, advance)
    target.write(bytes(2 * tarfile.BLOCKSIZE))  # the end of an archive


def _pack_file(
    target: _Writable, member: tarfile.TarInfo, file: BinaryIO, advance: Advance = lambda _: None
) -> None:
    target.write(member.tobuf(tarfile.PAX_FORMAT))
    packed = 0
    while block := file.read(_BLOCK_BYTES):
        packed += target.write(block)
        advance(1)
    if packed != member.size:
        raise OperatorError(f"{member.name} has changed while it was read; run the backup again")
    target.write(bytes(-packed % tarfile.BLOCKSIZE))


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What an archive holds: its files lie in a folder, but those of the keyring are in memory."""

    description: Description
    keyring: Mapping[str, bytes] = field(repr=False)
    """By their names in it."""


def unpack(source: _Readable, folder: Path, progress: Progress) -> Unpacked:
    """Write the files of an archive below `folder` (0700), each 0600 and durable.

    Not those of the keyring: who is killed would leave every secret there, in nobody's sight.
    Raises `OperatorError` where it holds something else than a home.
    """
    try:
        # Of a file, tarfile reads a stream by `read` alone.
        with tarfile.open(fileobj=cast("BinaryIO", source), mode="r|") as archive:
            return _unpack(archive, folder, progress)
    except tarfile.TarError:
        raise _unknown() from None


def _unpack(archive: tarfile.TarFile, folder: Path, progress: Progress) -> Unpacked:
    members = iter(archive)
    description = _read_description(archive, next(members, None))
    with progress.stage("opening", description.blocks) as advance:
        files, keyring = 0, {}
        for member in members:
            content = archive.extractfile(member) if member.isreg() else None
            if content is None:
                raise _unknown()
            place = _place(folder, member.name)
            if place.is_relative_to(folder / KEYRING):
                keyring[str(place.relative_to(folder / KEYRING))] = _key_of(content, advance)
            else:
                _write(place, content, advance)
            files += 1
    if files != description.files:
        raise _unknown()
    return Unpacked(description, keyring)


def _read_description(archive: tarfile.TarFile, first: tarfile.TarInfo | None) -> Description:
    content = archive.extractfile(first) if first is not None and first.isreg() else None
    if first is None or first.name != _DESCRIPTION or content is None:
        raise _unknown()
    try:
        return msgspec.json.decode(content.read(_DESCRIPTION_MAX_BYTES), type=Description)
    except UNREADABLE:
        raise _unknown() from None


def _key_of(content: _Readable, advance: Advance) -> bytes:
    key = content.read(_BLOCK_BYTES)
    if content.read(1):
        raise _unknown()
    advance(1 if key else 0)
    return key


def _write(path: Path, content: _Readable, advance: Advance) -> None:
    ensure_private_directory(path.parent)
    block = content.read(_BLOCK_BYTES)
    if len(block) < _BLOCK_BYTES:
        create_private(path, block)
        advance(1 if block else 0)
        return
    with private_file(path, overwrite=False) as file:
        while block:
            file.write(block)
            advance(1)
            block = content.read(_BLOCK_BYTES)


def _place(folder: Path, name: str) -> Path:
    """Return where a file belongs; nothing outside of `folder`, and nothing hidden."""
    parts = PurePosixPath(name).parts
    if not parts or any(part.startswith((".", "/")) for part in parts):
        raise _unknown()
    return folder.joinpath(*parts)


def _member(name: str, size: int, description: Description) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = size, 0o600, description.made_at
    return member


def _unknown() -> OperatorError:
    return OperatorError(
        "the backup holds something else than this version of the indexer writes; use the version "
        "that made it"
    )

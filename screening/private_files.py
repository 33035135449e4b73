"""Files that only their owner may read: made atomically, never overwritten, refused when looser.

Keys, kits, journals and caches all lie in such files; directories are 0700 and files 0600.
"""

import errno
import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, Final

from screening.vocabulary.errors import OperatorError

_TEMPORARY: Final = re.compile(r"\.(.+)\.[0-9a-f]{12}", re.DOTALL)


class NotRegularError(OSError):
    """A pipe, a folder, a device or a link to itself stands where a file should."""


def ensure_private_directory(path: Path) -> Path:
    """Make `path` with mode 0700 (its parents too), or refuse one that others can enter.

    Raises `OperatorError` where they can, and `OSError` where it cannot be made or is a file.
    """
    missing = [parent for parent in (path, *path.parents) if not parent.exists()]
    for directory in reversed(missing):
        directory.mkdir(mode=0o700, exist_ok=True)
    if not path.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
    status = path.stat()
    refuse_open_to_others(status, path, "chmod 700")
    _refuse_anothers(status, path)
    return path


def require_writable(directory: Path) -> None:
    """Raise `OSError`, which names `directory`, where nothing can be listed or made in it."""
    probe = directory / f".{secrets.token_hex(6)}"
    try:
        with os.scandir(directory):
            os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        probe.unlink()
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(directory)) from None


def open_private(path: Path, *, follows_links: bool = True) -> BinaryIO:
    """Open a file for reading that only its owner can read; `OperatorError` for anything else.

    `FileNotFoundError` passes: a segment may be renamed while it is looked for.
    """
    try:
        file = open_regular(path, follows_links=follows_links)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _unreadable(path, error) from None
    try:
        refuse_open_to_others(os.fstat(file.fileno()), path, "chmod 600")
    except OperatorError:
        file.close()
        raise
    return file


def read_private(path: Path, *, max_bytes: int = 1 << 20, follows_links: bool = True) -> bytes:
    """Return the content of a file that only we can read, ours or root's; `OperatorError` else.

    All is judged of what was opened, whatever has its name by then. Keys are followed where links
    lead to them, as platforms mount them; a link that is not followed is no regular file.
    """
    try:
        with open_private(path, follows_links=follows_links) as file:
            _refuse_anothers(os.fstat(file.fileno()), path)
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise _unreadable(path, error) from None
    if len(content) > max_bytes:
        raise OperatorError(f"{path} is larger than any file of its kind; check the path")
    return content


def open_regular(path: Path, *, follows_links: bool = True) -> BufferedReader:
    """Open a file for reading; raises `OSError`, `NotRegularError` for anything else."""
    flags = os.O_RDONLY if follows_links else os.O_RDONLY | os.O_NOFOLLOW
    return os.fdopen(regular_descriptor(path, flags), "rb")


def regular_descriptor(path: Path | str, flags: int) -> int:
    """Open a file as `os.open` does, made with mode 0600 if at all; may be an `opener`.

    Raises `OSError`, `NotRegularError` for anything else: whoever opens a named pipe to read or
    write it waits for another at its end, perhaps for ever.
    """
    try:
        descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    except OSError as error:
        # A link that leads to itself or is not to be followed, or a pipe that nobody reads.
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise _not_regular(path) from None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _not_regular(path)
    return descriptor


def read_regular(path: Path) -> bytes:
    """Return the content of a file; raises as `open_regular` does."""
    with open_regular(path) as file:
        return file.read()


def remove_whatever(path: Path) -> None:
    """Remove a folder with all that is in it, or what lies in its place; raises `OSError`."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path)


def create_private(path: Path, content: bytes) -> None:
    """Write a new file, whole or not at all and durably; `FileExistsError` where it exists."""
    with private_file(path, overwrite=False) as file:
        file.write(content)


def replace_private(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a file anew: readers see the old content or the new one, never a part.

    Where it need not be `durable`, a crash may leave either, or a file that is empty or cut off.
    """
    with private_file(path, overwrite=True, durable=durable) as file:
        file.write(content)


def replace_whatever(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a file anew as `replace_private` does, and in place of a folder too, which is removed.

    For places where nobody keeps anything: between the two, nothing is there.
    """
    try:
        replace_private(path, content, durable=durable)
    except IsADirectoryError:
        remove_whatever(path)
        replace_private(path, content, durable=durable)


@contextmanager
def private_file(path: Path, *, overwrite: bool, durable: bool = True) -> Iterator[BinaryIO]:
    """Yield a file that becomes `path` once the block has ended well, and otherwise leaves none.

    Without `overwrite`, `FileExistsError` is raised where the name is taken by then; with it, what
    was there before stays where the block fails.
    """
    temporary = path.parent / f".{path.name}.{secrets.token_hex(6)}"
    with _errors_named(path, temporary):
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            if overwrite:
                temporary.replace(path)
            else:
                os.link(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        if durable:
            sync_directory(path.parent)


def remove_unfinished(directory: Path, is_ours: Callable[[str], bool]) -> None:
    """Remove what `private_file` has left of files with such names where its process was killed.

    For one who knows that no other process writes them now. Raises `OSError`.
    """
    for path in directory.iterdir():
        match = _TEMPORARY.fullmatch(path.name)
        if match and is_ours(match[1]):
            path.unlink()


@contextmanager
def _errors_named(path: Path, temporary: Path) -> Iterator[None]:
    """Let an `OSError` name `path`: a person does not know the file that is written beside it.

    A full disk names none at all by itself.
    """
    try:
        yield
    except OSError as error:
        if error.filename not in (None, str(temporary)):
            raise
        raise OSError(error.errno, error.strerror, str(path)) from None


def sync_directory(path: Path) -> None:
    """Make names created in `path`, or removed from it, durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unreadable(path: Path, error: OSError) -> OperatorError:
    return OperatorError(f"{path} cannot be read: {error.strerror}")


def _not_regular(path: Path | str) -> NotRegularError:
    return NotRegularError(errno.EINVAL, "it is no regular file", str(path))


def is_open_to_others(status: os.stat_result) -> bool:
    """Tell whether anybody but the owner may read, write or enter what has this `status`."""
    return bool(status.st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def refuse_open_to_others(status: os.stat_result, path: Path, remedy: str) -> None:
    """Raise `OperatorError`, which names `path`, where others may; `remedy` is a chmod."""
    if is_open_to_others(status):
        raise OperatorError(f"{path} can be read by others; run: {remedy} {path}")


def _refuse_anothers(status: os.stat_result, path: Path) -> None:
    if status.st_uid not in (os.geteuid(), 0):
        raise OperatorError(f"{path} belongs to another user; use a path of your own")

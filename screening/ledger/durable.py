"""What durable means here: one write and one `fdatasync` have returned."""

import contextlib
import errno
import os
from collections.abc import Iterator

from screening.vocabulary.errors import LedgerUnavailable


def write_durably(descriptor: int, content: bytes, *, at_byte: int) -> None:
    """Write `content` at the end of a file, whose length is `at_byte`; raises `OSError`.

    Where that fails the file is cut off at `at_byte` again, as far as that can be done, so that
    nothing unacknowledged is left. The caller must not write to it any more: a failed fsync may
    have dropped the pages that it could not write, and the next one would report success.
    """
    try:
        _write_whole(descriptor, content, at_byte)
        os.fdatasync(descriptor)
    except BaseException:
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, at_byte)
        raise


def _write_whole(descriptor: int, content: bytes, at_byte: int) -> None:
    # The rest of a short write is not written after it: the disk is full, or about to fail.
    if os.pwrite(descriptor, content, at_byte) != len(content):
        raise OSError(errno.EIO, "the write was cut short")


@contextlib.contextmanager
def unavailable(what: str) -> Iterator[None]:
    """Turn an `OSError` into `LedgerUnavailable`: `what`, and the system's reason."""
    try:
        yield
    except OSError as error:
        raise LedgerUnavailable(f"{what}: {error.strerror}") from None

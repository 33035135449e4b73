"""Files of short lines beside the segments: the seals, and the runs and drops of a log."""

from collections.abc import Iterator
from typing import BinaryIO

from screening.vocabulary.errors import LedgerDamaged


def numbered_lines(file: BinaryIO, name: str, *, max_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Yield number, from 1, and content of each whole line; a torn one, at the end, says nothing.

    Raises `LedgerDamaged`, by the file's `name`, for a line that the disk does not give, and for
    one without an end.
    """
    number, line = 1, b""
    with file:
        while True:
            try:
                line = file.readline(max_bytes)
            except OSError as error:
                raise LedgerDamaged(
                    f"{name}, line {number}: cannot be read: {error.strerror}"
                ) from None
            if not line.endswith(b"\n"):
                break
            yield number, line
            number += 1
    if len(line) == max_bytes:
        raise LedgerDamaged(f"{name}, line {number}: longer than any line")

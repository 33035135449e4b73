"""Bytes -> numbered physical lines, whatever their endings are, in bounded memory."""

from collections.abc import Iterator
from typing import BinaryIO, Final

BOM: Final = b"\xef\xbb\xbf"
"""How spreadsheets mark a file as UTF-8."""
_CHUNK_BYTES: Final = 64 * 1024


def physical_lines(stream: BinaryIO, *, max_bytes: int) -> Iterator[tuple[int, bytes]]:
    r"""Yield (number from 1, line with its ending) for each line ended by LF, CRLF, CR or the end.

    A line of more than `max_bytes` comes shortened, but still longer than that, so that it is
    recognised as too long without having been held in memory.
    """
    number, rest = 0, b""
    while chunk := stream.read(_CHUNK_BYTES):
        lines = (rest + chunk).splitlines(keepends=True)  # bytes: at \n, \r and \r\n only
        # The last one may go on in the next chunk, or its CR be the first half of a CRLF.
        rest = b"" if lines[-1].endswith(b"\n") else lines.pop()
        for line in lines:
            number += 1
            yield number, line
        if len(rest) > max_bytes:
            ending = b"\r" if rest.endswith(b"\r") else b""
            rest = rest.removesuffix(ending)[: max_bytes + 1] + ending
    if rest:
        yield number + 1, rest


def without_bom(lines: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """Take the mark from the first of numbered lines, where it has one."""
    for number, line in lines:
        yield number, line.removeprefix(BOM) if number == 1 else line

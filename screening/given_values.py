"""What people and programs give to a command: bounded, whatever bytes it holds.

Bytes that are not UTF-8 become lone surrogates, as Python has them in arguments: no selector can
hold those, so that they are rejected instead of being replaced by something that can.
"""

import sys
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

import rich_click as click

MAX_VALUE_BYTES: Final = 16 * 1024
"""Far above any selector (320 characters) and its line of JSON; what is longer is cut off."""

STDIN: Final = "-"


def part_selectors(selectors: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield kind and value of selectors written `KIND:VALUE`; `KIND:-` reads the value from stdin.

    Raises `click.UsageError` where one is not written so.
    """
    for position, selector in enumerate(selectors, start=1):
        kind, colon, value = selector.partition(":")
        if not colon:
            raise click.UsageError(
                f"selector {position} must be written KIND:VALUE, as in phone:+12025550100"
            )
        yield kind, read_value(sys.stdin.buffer) if value == STDIN else value


def read_value(stdin: BinaryIO) -> str:
    """Read one value: the next line, without its end."""
    line, _ = _line(stdin)
    return line.decode("utf-8", "surrogateescape").rstrip("\r\n")


def read_lines(stdin: BinaryIO) -> Iterator[bytes]:
    """Yield lines as they come; one that is too long is empty, and still one line."""
    while True:
        line, whole = _line(stdin)
        if not line:
            return
        yield line if whole else b""


def _line(stdin: BinaryIO) -> tuple[bytes, bool]:
    """Read to the end of a line, and return at most `MAX_VALUE_BYTES` of it."""
    line = stdin.readline(MAX_VALUE_BYTES + 1)
    whole = len(line) <= MAX_VALUE_BYTES
    rest = line
    while rest and not rest.endswith(b"\n") and len(rest) > MAX_VALUE_BYTES:
        rest = stdin.readline(MAX_VALUE_BYTES + 1)
    return line, whole

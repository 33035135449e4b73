"""Standard output and error, whose readers may leave before the end, as `head` does."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def readers_may_leave() -> Iterator[None]:
    """Let a reader leave while something is written: what was found stands, and its exit code.

    The rest is not written then. A disk that is full is another thing, and raised.
    """
    try:
        yield
    except BrokenPipeError:
        forget_unread()


def forget_unread() -> None:
    """Drop what has no reader: it would fail again at the end, and change the exit code."""
    for stream in (sys.stdout, sys.stderr):
        _forget_unread(stream)


def _forget_unread(stream: TextIO | None) -> None:
    if stream is None:  # closed by whoever started us
        return
    try:
        stream.flush()
    except BrokenPipeError:
        with Path(os.devnull).open("wb") as nothing:
            os.dup2(nothing.fileno(), stream.fileno())

"""Standard output and error, whose readers may leave before the end, as `head` does.

A program writes the rest of what it holds back once more as it ends, and where that fails its exit
code is Python's 120 instead of its own.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TextIO

import rich_click as click

SIGNALLED: Final = 128
"""Plus the number of the signal, as a shell has it."""
EXIT_UNREAD: Final = SIGNALLED + signal.SIGPIPE
"""Nobody reads what a command prints; click's own would be 1, which has another meaning."""


class Commands(click.RichGroup):
    """Commands that end as by SIGPIPE where the reader of their output leaves."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            sys.exit(EXIT_UNREAD)


@contextmanager
def exit_code_stands() -> Iterator[None]:
    """Run a program, whose exit code stands where its output takes no more of what it prints."""
    try:
        yield
    finally:
        forget_unwritten()


@contextmanager
def readers_may_leave() -> Iterator[None]:
    """Let a reader leave while something is written: what was found stands, and its exit code.

    The rest is not written then. A disk that is full is another thing, and raised.
    """
    try:
        yield
        flush_output()
    except BrokenPipeError:
        forget_unwritten()


def flush_output() -> None:
    """Write what is held back, while it can still be told that it fails; raises `OSError`."""
    if sys.stdout is not None:  # closed by whoever started us
        sys.stdout.flush()


def tell(sentence: str) -> None:
    """Print a sentence on stderr; the exit code says it where stderr cannot."""
    with suppress(OSError):
        click.echo(sentence, err=True)


def forget_unwritten() -> None:
    """Drop what cannot be written: it would fail again at the end, and change the exit code."""
    for stream in (sys.stdout, sys.stderr):
        _forget_unwritten(stream)


def _forget_unwritten(stream: TextIO | None) -> None:
    if stream is None:
        return
    try:
        stream.flush()
    except OSError:
        with Path(os.devnull).open("wb") as nothing:
            os.dup2(nothing.fileno(), stream.fileno())

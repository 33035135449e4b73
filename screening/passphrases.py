"""Passphrases that backups are sealed under: from a file of mode 0600 or a pipe.

Neither from a keyboard, which a timer has not, nor from arguments and variables, which show.
"""

import sys
from pathlib import Path
from typing import Final

import rich_click as click

from screening.given_values import MAX_VALUE_BYTES, STDIN, read_value
from screening.private_files import read_private
from screening.vocabulary.errors import OperatorError

_CHARACTERS: Final = 16
"""Who has the file may guess for years; what a person can remember of this length withstands."""

PASSPHRASE_FILE: Final = click.option(
    "--passphrase-file",
    required=True,
    help="File, mode 0600, whose first line is the passphrase; - reads it from stdin.",
)


def read_new_passphrase(source: str) -> bytes:
    """Return what is to guard a new backup; raises `OperatorError` for one that is too short."""
    passphrase = read_passphrase(source)
    if len(passphrase) < _CHARACTERS:
        raise OperatorError(
            f"the passphrase has less than {_CHARACTERS} characters, and guards every secret; make "
            "one with: openssl rand -base64 32"
        )
    return passphrase


def read_passphrase(source: str) -> bytes:
    """Return the first line of a file, or of standard input; raises `OperatorError` of none."""
    if source != STDIN:
        content = read_private(Path(source), max_bytes=MAX_VALUE_BYTES)
        passphrase = content.partition(b"\n")[0].rstrip(b"\r")
    elif sys.stdin.isatty():
        raise click.UsageError("a passphrase typed here would show; pipe it in, or name a file")
    else:
        passphrase = read_value(sys.stdin.buffer).encode("utf-8", "surrogateescape")
    if not passphrase:
        raise OperatorError("the passphrase is empty; it is the first line of what is given")
    return passphrase

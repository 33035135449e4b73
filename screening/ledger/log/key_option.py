"""A verifier key as commands are given it: its text, or a file that holds it."""

import errno
from pathlib import Path

import rich_click as click

from screening.ledger.log.notes import (
    MAX_NOTE_BYTES,
    NoteRefused,
    VerifierKey,
    parse_verifier_key,
)
from screening.ledger.log.witnessed import is_witness


class KeyType(click.ParamType[VerifierKey]):
    """A verifier key: its text, or a file that holds it; `prints` is the command that prints it.

    Where that is one `of_witness`, no other is taken, so that a wrong file is no damage of a log.
    """

    name = "vkey"

    def __init__(self, prints: str, *, of_witness: bool = False) -> None:
        self._prints = prints
        self._of_witness = of_witness

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> VerifierKey:
        """Read it."""
        content, why = _content(value)
        try:
            return self._parse(content or value)
        except NoteRefused as error:
            # Every key has a `+`: without one it was to be a file.
            why = why if content is None and "+" not in value else str(error)
            sentence = f"{why}; give what `{self._prints}` prints, or a file that holds it"
            raise click.BadParameter(sentence, ctx=ctx, param=param) from None

    def _parse(self, text: str) -> VerifierKey:
        key = parse_verifier_key(text)
        if is_witness(key) != self._of_witness:
            raise NoteRefused(f"it is a {'log' if self._of_witness else 'witness'}'s key")
        return key


def _content(name: str) -> tuple[str | None, str]:
    """Return what a file holds, or None, and why, where it cannot be read by that name."""
    try:
        with Path(name).open("rb") as file:
            return file.read(MAX_NOTE_BYTES).decode("utf-8-sig", errors="replace").strip(), ""
    except IsADirectoryError:
        return None, "it is a folder" if name else "no such file"
    except OSError as error:  # also of a name that is the text of a key
        is_none = error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)
        return None, "no such file" if is_none else f"the file cannot be read: {error.strerror}"
    except ValueError:
        return None, "no such file"

"""What a command may write over."""

import codecs
import os
from collections.abc import Iterable
from pathlib import Path

from screening.given_values import STDIN
from screening.vocabulary.errors import OperatorError


def refuse_standard_output(path: Path) -> None:
    """Raise `OperatorError` where `path` is `-`: what may be kept goes to a file."""
    if str(path) == STDIN:
        raise OperatorError("what this writes goes to a file; name one in place of -")


def refuse_overwriting(*, inputs: Iterable[Path], outputs: Iterable[Path]) -> None:
    """Raise `OperatorError` where an output is an input, or two outputs are one file."""
    others = list(inputs)
    for output in outputs:
        if any(_is_same(output, other) for other in others):
            raise OperatorError(f"{output} is named twice and would be overwritten; name another")
        others.append(output)


def refuse_existing(outputs: Iterable[Path]) -> None:
    """Raise `OperatorError` where an output is there already: it may have been edited by hand."""
    for output in outputs:
        if os.path.lexists(output):
            raise OperatorError(f"{output} is there already; name another, or pass --overwrite")


def refuse_all_but(output: Path, columns: Iterable[str], what: str) -> None:
    """Raise `OperatorError` where `output` is there, and is not `what` we write with `columns`."""
    refuse_all_but_headed(output, ",".join(columns).encode(), what)


def refuse_all_but_headed(path: Path, heading: bytes, what: str) -> None:
    """Raise `OperatorError` where `path` is there, and does not begin as `what` we write does.

    A file of ours may be replaced by its successor, and with an empty one nothing is lost.
    """
    refuse_standard_output(path)
    if os.path.lexists(path) and not _is_headed(path, heading):
        raise OperatorError(f"{path} is there already and is no {what}; name another file")


def _is_same(one: Path, other: Path) -> bool:
    if one.exists() and other.exists():
        return one.samefile(other)
    return os.path.realpath(one) == os.path.realpath(other)  # unlike `resolve`, bears a loop


def _is_headed(path: Path, heading: bytes) -> bool:
    if not path.is_file():  # a folder, or a device that must not be read
        return False
    with path.open("rb") as file:
        found = file.read(len(codecs.BOM_UTF8) + len(heading)).removeprefix(codecs.BOM_UTF8)
    return not found or found.startswith(heading)

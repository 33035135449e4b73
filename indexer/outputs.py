"""What a command may write over."""

import codecs
import os
from pathlib import Path

from screening.vocabulary.errors import OperatorError


def refuse_all_but_headed(path: Path, heading: bytes, what: str) -> None:
    """Raise `OperatorError` where `path` is there, and does not begin as `what` we write does.

    A file of ours may be replaced by its successor, and with an empty one nothing is lost.
    """
    if os.path.lexists(path) and not _is_headed(path, heading):
        raise OperatorError(f"{path} is there already and is no {what}; name another file")


def _is_headed(path: Path, heading: bytes) -> bool:
    if not path.is_file():  # a folder, or a device that must not be read
        return False
    with path.open("rb") as file:
        found = file.read(len(codecs.BOM_UTF8) + len(heading)).removeprefix(codecs.BOM_UTF8)
    return not found or found.startswith(heading)

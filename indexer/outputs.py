"""Where a command writes nothing that it was told to write."""

import os
from pathlib import Path

from indexer.importers.physical_lines import BOM
from indexer.settings import IndexerSettings
from screening.vocabulary.errors import OperatorError


def refuse_own_folders(settings: IndexerSettings, path: Path) -> None:
    """Raise `OperatorError` where a file would lie in the home, or in the API's share.

    A home is lost as a whole, and a key in it could be overwritten; the share is given to every
    API host.
    """
    real = Path(os.path.realpath(path))
    for folder in (settings.home, settings.secrets):
        if real.is_relative_to(os.path.realpath(folder)):
            raise OperatorError(
                f"a file in {folder} would be lost with it, or given to every API host; choose "
                "another folder"
            )


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
        found = file.read(len(BOM) + len(heading)).removeprefix(BOM)
    return not found or found.startswith(heading)

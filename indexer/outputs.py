"""Where a command writes nothing that it was told to write."""

import os
from pathlib import Path

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

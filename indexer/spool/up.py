"""The up spool: what is told is stored with its number and then written: no kill loses any."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from indexer.deployment import Deployment
from indexer.list.up_files import UpFile, UpFiles
from indexer.spool.keys import SpoolKeys
from indexer.spool.up_line import UpLine
from screening.spools.export import FIRST_PREVIOUS
from screening.spools.folder import SpoolFolder
from screening.spools.sealed_file import Place, seal_file
from screening.spools.spelling import spell
from screening.spools.up_file import UpHead


class UpSpool:
    """The up spool of a deployment."""

    def __init__(self, deployment: Deployment, keys: SpoolKeys) -> None:
        self._d = deployment
        self._keys = keys
        self._files = UpFiles(deployment.list_file)
        self._folder = SpoolFolder(deployment.settings.spool, "up")
        self._line = UpLine(deployment.list_file, self._folder, keys.deployment)

    def keep(self, content_of: Callable[[UpHead], msgspec.Struct]) -> int:
        """Store the next file, with this content; return its number. Within a transaction."""
        last = self._line.go_on()
        sequence, previous = 1, FIRST_PREVIOUS
        if last is not None:
            sequence, previous = last.sequence + 1, hashlib.sha256(last.document).hexdigest()
        written_at = datetime.fromtimestamp(self._d.now(), UTC)
        content = content_of(UpHead(self._keys.deployment, sequence, previous, written_at))
        document = seal_file(
            spell(content),
            Place(self._keys.deployment, "up", sequence),
            to=self._keys.console(),
            by=self._keys.secrets(),
        )
        self._files.keep(UpFile(sequence, document))
        return sequence

    def lay(self) -> None:
        """Write what is stored and not written yet.

        Raises `OperatorError` where another's file is in the way, and `OSError`.
        """
        for sequence in self._files.unlaid():
            try:
                self._folder.lay(sequence, self._files.document(sequence))
            except FileExistsError:
                self._line.refuse_other(sequence)
            self._files.note_laid(sequence)

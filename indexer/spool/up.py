"""The up spool: what is told is stored with its number and then written: no kill loses any."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from indexer.deployment import Deployment
from indexer.list.up_files import UpFile, UpFiles
from indexer.spool.keys import SpoolKeys
from screening.spools.export import FIRST_PREVIOUS
from screening.spools.folder import SpoolFolder
from screening.spools.sealed_file import Place, seal_file
from screening.spools.spelling import spell
from screening.spools.up_file import UpHead
from screening.vocabulary.errors import OperatorError


class UpSpool:
    """The up spool of a deployment."""

    def __init__(self, deployment: Deployment, keys: SpoolKeys) -> None:
        self._d = deployment
        self._keys = keys
        self._files = UpFiles(deployment.list_file)
        self._folder = SpoolFolder(deployment.settings.spool, "up")

    def keep(self, content_of: Callable[[UpHead], msgspec.Struct]) -> int:
        """Store the next file, with this content; return its number. Within a transaction."""
        sequence, previous = self._next()
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
        """Write what is stored and not written yet."""
        for sequence in self._files.unlaid():
            document = self._files.document(sequence)
            try:
                self._folder.lay(sequence, document)
            except FileExistsError:
                if self._folder.find(sequence) != document:
                    raise OperatorError(
                        f"{self._folder.path(sequence)} is not what was written here; find out who "
                        "has put it there, and move it away"
                    ) from None
            self._files.note_laid(sequence)

    def _next(self) -> tuple[int, str]:
        """Return the next number, and the hash of the file before it.

        A list file from a backup knows fewer than were written: they are gone on from.
        """
        last, written = self._files.last(), self._folder.sequences()
        if written and (last is None or written[-1] > last.sequence):
            document = self._folder.find(written[-1]) or b""
            return written[-1] + 1, hashlib.sha256(document).hexdigest()
        if last is None:
            return 1, FIRST_PREVIOUS
        return last.sequence + 1, hashlib.sha256(last.document).hexdigest()

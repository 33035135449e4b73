"""Acknowledgements: stored with what they tell of, and then written, so that a kill loses none."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

from indexer.deployment import Deployment
from indexer.list.exports import Done, Exports, Told
from indexer.list.statement_sets import statements_of
from indexer.spool.keys import SpoolKeys
from screening.spools.acknowledgement import (
    Acknowledgement,
    Applied,
    Outcome,
    Refused,
    Skipped,
)
from screening.spools.export import FIRST_PREVIOUS
from screening.spools.folder import SpoolFolder
from screening.spools.sealed_file import Place, seal_file
from screening.spools.spelling import spell
from screening.vocabulary.errors import OperatorError, SpoolRefused


class Telling:
    """The up spool of a deployment."""

    def __init__(self, deployment: Deployment, keys: SpoolKeys) -> None:
        self._d = deployment
        self._keys = keys
        self._exports = Exports(deployment.list_file)
        self._folder = SpoolFolder(deployment.settings.spool, "up")

    def catch_up(self) -> None:
        """Tell of all that is applied and was not told, and write what is stored alone."""
        for done in self._exports.untold():
            if done.revision is not None and done.sha256 is not None:
                release = self._exports.release_of(done.revision)
                result = statements_of(self._d.list_file, done.revision).result()
                told = Applied(done.sequence, done.sha256, release, done.revision, result)
                with self._d.list_file.transaction():
                    self._keep(told)
        self._lay()

    def skipped(self, done: Done, batches: Iterable[str], reason: str) -> None:
        """Note that a file is passed over, with its batches, and tell it."""
        with self._d.list_file.transaction():
            self._exports.note_done(done, batches)
            self._keep(Skipped(done.sequence, done.sha256, reason))
        self._lay()

    def refused(self, sequence: int, sha256: str | None, error: SpoolRefused) -> bool:
        """Tell that a file was refused; return whether that is news: it may be tried again."""
        if self.last_outcome(sequence, sha256) == error.code:
            return False
        with self._d.list_file.transaction():
            self._keep(Refused(sequence, sha256, error.code, error.batch, str(error)))
        self._lay()
        return True

    def last_outcome(self, sequence: int, sha256: str | None) -> str | None:
        """Return what was told last, where that was of this file."""
        last = self._exports.last_told()
        if last is None or (last.of, last.sha256) != (sequence, sha256):
            return None
        return last.outcome

    def _keep(self, outcome: Outcome) -> None:
        """Store an acknowledgement; within a transaction."""
        sequence, previous = self._next()
        of = outcome.code if isinstance(outcome, Refused) else type(outcome).__name__.lower()
        content = spell(
            Acknowledgement(
                format="screening-acknowledgement/1",
                deployment=self._keys.deployment,
                sequence=sequence,
                previous=previous,
                written_at=datetime.fromtimestamp(self._d.now(), UTC),
                of=outcome,
            )
        )
        document = seal_file(
            content,
            Place(self._keys.deployment, "up", sequence),
            to=self._keys.console(),
            by=self._keys.secrets(),
        )
        self._exports.keep_told(Told(sequence, outcome.sequence, outcome.sha256, of, document))

    def _next(self) -> tuple[int, str]:
        """Return the next number, and the hash of the file before it.

        A list file from a backup knows fewer than were written: they are gone on from.
        """
        last, written = self._exports.last_told(), self._folder.sequences()
        if written and (last is None or written[-1] > last.sequence):
            document = self._folder.find(written[-1]) or b""
            return written[-1] + 1, hashlib.sha256(document).hexdigest()
        if last is None:
            return 1, FIRST_PREVIOUS
        return last.sequence + 1, hashlib.sha256(last.document).hexdigest()

    def _lay(self) -> None:
        for sequence, document in self._exports.unlaid():
            try:
                self._folder.lay(sequence, document)
            except FileExistsError:
                if self._folder.find(sequence) != document:
                    raise OperatorError(
                        f"{self._folder.path(sequence)} is not what was written here; find out who "
                        "has put it there, and move it away"
                    ) from None
            self._exports.note_laid(sequence)

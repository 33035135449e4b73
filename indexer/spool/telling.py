"""Acknowledgements: stored with what they tell of, and then written, so that a kill loses none."""

from collections.abc import Iterable
from contextlib import suppress

from indexer.deployment import Deployment
from indexer.list.exports import Done, Exports, Told
from indexer.list.statement_sets import statements_of
from indexer.spool.keys import SpoolKeys
from indexer.spool.up import UpSpool
from screening.spools.acknowledgement import (
    Acknowledgement,
    Applied,
    Outcome,
    Refused,
    Skipped,
)
from screening.spools.issued_kit import IssuedKit
from screening.spools.order import AnyOrder, PartnerOrder
from screening.spools.up_file import UpHead
from screening.vocabulary.errors import OperatorError, SpoolRefused


class Telling:
    """Acknowledges the down files of a deployment."""

    def __init__(self, deployment: Deployment, keys: SpoolKeys) -> None:
        self._d = deployment
        self._exports = Exports(deployment.list_file)
        self._up = UpSpool(deployment, keys)

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

    def require_told(self) -> None:
        """Write what is stored and not written; raises `OperatorError`, or `OSError`, where not."""
        self._up.lay()

    def ordered(self, done: Done, order: AnyOrder, told: Applied, kit: bytes | None) -> None:
        """Note that an order is in force, and tell it, with the sealed kit that it has given."""

        with self._d.list_file.transaction():
            self._exports.note_done(done, [order.batch])
            if kit is not None and isinstance(order, PartnerOrder):
                of = (done.sequence, order.batch, order.order.partner)
                self._up.keep(lambda head: IssuedKit("screening-issued-kit/1", *head, *of, kit))
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

    def _lay(self) -> None:
        """Write what is stored, as far as that can be done now: nothing of it is lost.

        What is in the way of an up file keeps nothing that comes down from being applied.
        """
        with suppress(OperatorError, OSError):
            self._up.lay()

    def _keep(self, outcome: Outcome) -> None:
        """Store an acknowledgement; within a transaction."""
        of = outcome.code if isinstance(outcome, Refused) else type(outcome).__name__.lower()

        def acknowledged(head: UpHead) -> Acknowledgement:
            return Acknowledgement("screening-acknowledgement/1", *head, outcome)

        sequence = self._up.keep(acknowledged)
        self._exports.keep_told(Told(sequence, outcome.sequence, outcome.sha256, of))

"""A down file becomes what partners' checks are answered from: all of it, in one release, or none.

What is staged counts once its release is in force, and so do the rows that say which file it was:
they are of its last revision. A command that dies leaves either both or neither.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from indexer.changes import Changed, put_in_force
from indexer.deployment import Deployment
from indexer.list.exports import Done, Exports
from indexer.list.moments import count_ahead, lower_ahead
from indexer.list.revisions import Revisions
from indexer.list.statement_sets import keep_statements, statements_of
from indexer.spool.authority import Authority
from indexer.spool.keys import SpoolKeys
from indexer.spool.ordering import Ordering, described
from indexer.spool.staging import COMMAND, Staging
from indexer.spool.telling import Telling
from screening.spools.acknowledgement import FINAL, Applied, parse_reason
from screening.spools.batch import Batch, refusing
from screening.spools.export import Export, parse_export
from screening.spools.folder import SpoolFolder
from screening.spools.order import AnyOrder, PartnerOrder, parse_signed
from screening.spools.sealed_file import Place, open_file
from screening.spools.statements import StatementSet
from screening.vocabulary.errors import OperatorError, SpoolRefused


@dataclass(frozen=True, slots=True)
class AppliedExport(Changed):
    """What an export has put in force; `ordered` says it of an order."""

    sequence: int
    batches: int
    changes: int
    statements: int
    ordered: str | None = None


class Applying:
    """Applies the files of the down spool, each in its turn."""

    def __init__(self, deployment: Deployment) -> None:
        """Raises `OperatorError` where `spool init` has not been run."""
        self._d = deployment
        self._keys = SpoolKeys(deployment.settings.home, deployment.keyring)
        self._console, self._secrets = self._keys.console(), self._keys.secrets()
        self._exports = Exports(deployment.list_file)
        self._down = SpoolFolder(deployment.settings.spool, "down")
        self._telling = Telling(deployment, self._keys)
        self._ordering = Ordering(deployment)

    def apply_next(self) -> AppliedExport | None:
        """Put the next file in force, None where it has not come; raises `SpoolRefused`.

        What a command before this one has put in force, and did not live to tell, is told first.
        """
        self._telling.catch_up()
        self._ordering.remove_sealed()
        sequence = self._exports.next_sequence()
        document = self._down.find(sequence)
        sha256 = None if document is None else hashlib.sha256(document).hexdigest()
        try:
            if document is None:
                self._refuse_gap(sequence)
                return None
            self._refuse_again(sequence, sha256)
            applied = self._apply(document, sequence)
        except SpoolRefused as error:
            revisions = Revisions(self._d.list_file)
            if revisions.has_drafts():
                revisions.discard_drafts()
            if self._telling.refused(sequence, sha256, error):
                self._d.record(f"{COMMAND} refused", sequence=sequence, code=error.code)
            raise
        self._telling.catch_up()
        return applied

    def require_told(self) -> None:
        """Raise `OperatorError`, or `OSError`, where what was done could not be told."""
        self._telling.require_told()

    def skip(self, sequence: int, reason: str) -> int | None:
        """Pass the next file over for good, and all its batches; return how many these are.

        None where it is not there, or cannot be opened: of batches that are not known, none is
        passed over. Raises `OperatorError` where it is not the next, or no reason.
        """
        reason = parse_reason(reason)
        self._telling.catch_up()
        if sequence != self._exports.next_sequence():
            raise OperatorError(
                f"file {self._exports.next_sequence()} is the next, and no other can be skipped"
            )
        document = self._down.find(sequence)
        sha256 = None if document is None else hashlib.sha256(document).hexdigest()
        batches = None if document is None else self._find_batches(document, sequence)
        facts = {"sequence": sequence, "sha256": sha256, "batches": batches, "reason": reason}
        self._d.record(f"{COMMAND} skip", **facts)
        self._telling.skipped(Done(sequence, sha256, None), batches or [], reason)
        return None if batches is None else len(batches)

    def _find_batches(self, document: bytes, sequence: int) -> list[str] | None:
        """Return what the batches of a file are called, None where it cannot be opened."""
        place = Place(self._keys.deployment, "down", sequence)
        try:
            content = open_file(document, place, by=self._console, to=self._secrets)
            found = [parse_signed(one.batch) for one in parse_export(content).batches]
        except SpoolRefused:
            return None
        return [one.batch for one in found]

    def _refuse_again(self, sequence: int, sha256: str | None) -> None:
        """Raise `SpoolRefused` for a file that the console was told to write anew."""
        told = self._telling.last_outcome(sequence, sha256)
        code = next((one for one in FINAL if one == told), None)
        if code is not None:
            raise SpoolRefused(
                code,
                f"file {sequence} was refused before ({code}), and the console writes it anew "
                "without what it was refused for; bring that, or see: indexer spool skip",
            )

    def _refuse_gap(self, sequence: int) -> None:
        later = [one for one in self._down.sequences() if one > sequence]
        if later:
            raise SpoolRefused(
                "gap", f"file {sequence} is missing, and file {later[0]} has come; bring it"
            )

    def _apply(self, document: bytes, sequence: int) -> AppliedExport:
        place = Place(self._keys.deployment, "down", sequence)
        content = open_file(document, place, by=self._console, to=self._secrets)
        now = datetime.fromtimestamp(self._d.now(), UTC)
        authority = Authority(self._d.list_file, self._keys.deployment, now)
        export = authority.require_export(content, sequence)
        signed = authority.require_signed(export)
        sha256 = hashlib.sha256(document).hexdigest()
        self._d.record(
            COMMAND,
            sequence=sequence,
            sha256=sha256,
            batches=[{"batch": one.batch, **_of(one), "signed_by": names} for one, names in signed],
        )
        self._set_right()
        batches = [one for one, _ in signed if isinstance(one, Batch)]
        for one, _ in signed:
            if isinstance(one, AnyOrder):
                return self._order(one, export, sha256)
        revision = self._stage(batches, export, sha256)
        release, revision = put_in_force(self._d, COMMAND, revision)
        changes = sum(len(batch.changes) for batch in batches)
        return AppliedExport(
            release, revision, sequence, len(batches), changes, export.result.statements
        )

    def _set_right(self) -> None:
        """Have no decision be of a time to come, as of a clock that was ahead: a file counts now.

        By no clock that is behind: what the console writes does not count yet by that.
        """
        ahead = count_ahead(self._d.list_file)
        if ahead:
            self._d.record("clock was ahead", decisions=ahead)
            lower_ahead(self._d.list_file)

    def _order(self, order: AnyOrder, export: Export, sha256: str) -> AppliedExport:
        """Follow the order of an export; raises `SpoolRefused` where the list is another."""
        before = self._d.list_file.landed_revision()
        _refuse_drifted(statements_of(self._d.list_file, before), export)
        with refusing(order):
            release, kit = self._ordering.follow(order)
        revision = self._d.list_file.landed_revision()
        done = Done(export.sequence, sha256, revision)
        applied = Applied(export.sequence, sha256, release, revision, export.result)
        self._telling.ordered(done, order, applied, kit)
        self._ordering.remove_sealed()
        counted = (export.sequence, 1, 0, export.result.statements)
        return AppliedExport(release, revision, *counted, described(order))

    def _stage(self, batches: list[Batch], export: Export, sha256: str) -> int:
        """Return the last revision; raises `SpoolRefused` where the list would be another."""
        staging = Staging(self._d)
        revision = 0
        for batch in batches:
            with refusing(batch):
                revision = staging.take(batch)
        statements = statements_of(self._d.list_file, revision)
        _refuse_drifted(statements, export)
        with self._d.list_file.transaction():
            done = Done(export.sequence, sha256, revision)
            self._exports.note_done(done, [batch.batch for batch in batches])
            keep_statements(self._d.list_file, revision, statements)
        return revision


def _refuse_drifted(statements: StatementSet, export: Export) -> None:
    if statements.result() != export.result:
        what_to_do = "undo what was changed by hand: indexer spool undo"
        if export.sequence == 1:
            what_to_do = "for a list from before the console, see: indexer spool list"
        raise SpoolRefused(
            "drifted",
            f"the list would not be what the console holds it for (statements: "
            f"{statements.statements} here, {export.result.statements} there); {what_to_do}",
        )


def _of(signed: Batch | AnyOrder) -> dict[str, object]:
    """Return what a ledger notes of what people have signed."""
    if isinstance(signed, Batch):
        return {"changes": len(signed.changes)}
    named: dict[str, object] = {"order": type(signed.order).__name__.lower()}
    if isinstance(signed, PartnerOrder):
        return {**named, "partner": signed.order.partner}
    return {**named, "kind": signed.order.kind, "match": signed.order.match.value}

"""Whether an export may change the list: it is for here, the next, in time, and signed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from indexer.list.approvers import Approvers
from indexer.list.exports import Exports
from indexer.list.file import ListFile
from indexer.list.moments import CLOCKS_DIFFER_S
from indexer.spool.undone_since import spelled
from screening.spools.batch import (
    ApproverKey,
    Batch,
    Signature,
    refuse_half_signed,
    refusing,
)
from screening.spools.export import Export, SignedBatch, parse_export
from screening.spools.order import AnyOrder, parse_signed
from screening.vocabulary.errors import SpoolRefused

_CLOCKS_DIFFER: Final = timedelta(seconds=CLOCKS_DIFFER_S)
"""The console writes "from now on"."""


class Authority:
    """What a deployment holds an export against; `now` is UTC."""

    def __init__(self, list_file: ListFile, deployment: str, now: datetime) -> None:
        self._exports = Exports(list_file)
        self._approvers = Approvers(list_file)
        self._deployment = deployment
        self._now = now

    def require_export(self, content: bytes, sequence: int) -> Export:
        """Return the export that `content` spells, the next in order; raises `SpoolRefused`."""
        export = parse_export(content)
        self._require_deployment(export.deployment, "the export")
        if export.sequence != sequence:
            raise SpoolRefused(
                "replayed" if export.sequence < sequence else "gap",
                f"file {sequence} holds export {export.sequence}; have it written anew",
            )
        previous = self._exports.previous()
        if previous is not None and export.previous != previous:
            raise SpoolRefused(
                "other_previous",
                f"export {sequence} follows another file than the one before it here; have it "
                "written anew",
            )
        begins = export.written_at - _CLOCKS_DIFFER
        self._require_time(begins, export.expires_at, f"export {sequence}")
        return export

    def require_signed(self, export: Export) -> list[tuple[Batch | AnyOrder, list[str]]]:
        """Return the batches, or the one order, and the names of who has signed each.

        Raises `SpoolRefused`.
        """
        opened = [(parse_signed(one.batch), one) for one in export.batches]
        if len(opened) > 1 and any(isinstance(one, AnyOrder) for one, _ in opened):
            raise SpoolRefused(
                "malformed",
                f"export {export.sequence} has an order beside something else; have each written "
                "as a file of its own",
            )
        seen: set[str] = set()
        for batch, _ in opened:
            with refusing(batch):
                if batch.batch in seen or self._exports.has_seen(batch.batch):
                    raise SpoolRefused(
                        "batch_seen",
                        f"batch {batch.batch} was applied or skipped before; have its changes "
                        "approved anew",
                    )
            seen.add(batch.batch)
        return [(batch, self._require_batch(batch, one)) for batch, one in opened]

    def _require_batch(self, batch: Batch | AnyOrder, signed: SignedBatch) -> list[str]:
        what = f"batch {batch.batch}"
        with refusing(batch):
            self._require_deployment(batch.deployment, what)
            self._require_time(batch.not_before - _CLOCKS_DIFFER, batch.expires_at, what)
            names = self._require_signatures(signed.batch, signed.signatures, what)
            refuse_half_signed(batch, signed.signatures)
        return names

    def _require_signatures(
        self, content: bytes, signatures: Sequence[Signature], what: str
    ) -> list[str]:
        names = []
        for one in signatures:
            approver = self._approvers.find(one.by)
            if approver is None:
                raise SpoolRefused(
                    "unknown_approver",
                    f"{what} is signed by key {one.by}, which nobody has registered with the "
                    "indexer; have whoever runs it register that person (indexer spool approver "
                    "add), and sign anew",
                )
            if approver.removed_at is not None:
                raise SpoolRefused(
                    "removed_approver",
                    f"{what} is signed by key {one.by}, which was removed here; have another "
                    "person sign",
                )
            if not ApproverKey(approver.public).has_signed(content, one.signature):
                raise SpoolRefused(
                    "bad_signature", f"{what} is not what key {one.by} has signed; find out why"
                )
            names.append(approver.name)
        return names

    def _require_deployment(self, named: str, what: str) -> None:
        if named != self._deployment:
            raise SpoolRefused(
                "wrong_deployment",
                f"{what} is for deployment {named}, and here is {self._deployment}",
            )

    def _require_time(self, begins: datetime, ends: datetime, what: str) -> None:
        if self._now < begins:
            raise SpoolRefused(
                "not_yet_due", f"{what} counts from {spelled(begins)} on; apply it then"
            )
        if self._now > ends:
            raise SpoolRefused(
                "expired", f"{what} has expired, {spelled(ends)}; have it written anew"
            )

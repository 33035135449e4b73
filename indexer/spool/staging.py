"""The changes of a batch become revisions of the list, by what `add`, `retract` and `lift` use."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final

from indexer.changes import are_retracted, find_refused
from indexer.deployment import Deployment
from indexer.list.draft_rows import draft_row
from indexer.list.drafts import Lifetimes, stage
from indexer.list.revisions import Revisions
from indexer.spool.undone_since import refuse_undoing_retractions
from screening.importers.entry import Entry, ImportCode, Role
from screening.spools.batch import Batch
from screening.spools.changes import Add, Change, Lift, Retract
from screening.vocabulary.errors import NotCanonical, NotPossible, SpoolCode, SpoolRefused
from screening.vocabulary.normalise import normalise
from screening.vocabulary.selector import Canonical

COMMAND: Final = "spool"
_NO_LIFETIMES: Final[Lifetimes] = {}
"""What people have signed says itself when it expires."""
_REFUSED: Final[dict[ImportCode, SpoolCode]] = {
    "retracted": "retracted",
    "excluded": "excluded",
    "seen_in_future": "seen_in_future",
}


class Staging:
    """Makes revisions, none of them in force yet, until one batch is refused."""

    def __init__(self, deployment: Deployment) -> None:
        self._d = deployment
        self._revisions = Revisions(deployment.list_file)

    def take(self, batch: Batch) -> int:
        """Return the last revision of a batch; raises `SpoolRefused`."""
        revision = 0
        lifts = [_canonical(one, batch) for one in batch.changes if isinstance(one, Lift)]
        retracts = {
            _canonical(one, batch): one.reason for one in batch.changes if isinstance(one, Retract)
        }
        adds = [
            _entry(one, batch, line)
            for line, one in enumerate(batch.changes, start=1)
            if isinstance(one, Add)
        ]
        if lifts:
            revision = self._lift(batch, lifts)
        if retracts:
            revision = self._retract(batch, retracts)
        if adds:
            revision = self._add(batch, adds)
        return revision

    def _lift(self, batch: Batch, selectors: Sequence[Canonical]) -> int:
        if not are_retracted(self._d, selectors):
            raise SpoolRefused(
                "not_retracted", f"batch {batch.batch} lifts what is not retracted; leave that out"
            )
        try:
            refuse_undoing_retractions(self._d.list_file, selectors, batch.written_at)
        except NotPossible as error:
            raise SpoolRefused("not_possible", str(error)) from None
        return self._revisions.lift(selectors)

    def _retract(self, batch: Batch, reasons: dict[Canonical, str]) -> int:
        if not self._d.list_file.landed_revision() and not self._revisions.has_drafts():
            # All else would be answered "no" from then on.
            raise SpoolRefused(
                "no_list",
                f"batch {batch.batch} retracts, and there is no list yet; add to it first",
            )
        decided_at = int(batch.written_at.timestamp())
        return self._revisions.retract(reasons, decided_at=decided_at)

    def _add(self, batch: Batch, entries: Sequence[Entry]) -> int:
        taking = self._d.taking()
        rows = [draft_row(entry, taking.tags) for entry in entries]
        refused = find_refused(entries, rows, taking)
        if refused is not None:
            line, code = refused
            raise SpoolRefused(
                _REFUSED[code],
                f"change {line} of batch {batch.batch} is refused here ({code}); leave it out, or "
                "see: indexer show",
            )
        draft = stage(self._d.list_file, rows, _NO_LIFETIMES)
        return self._revisions.take_additions(draft, COMMAND)


def _canonical(change: Change, batch: Batch) -> Canonical:
    """Return the selector of a change; raises `SpoolRefused` where it is spelled otherwise."""
    try:
        canonical = normalise(change.kind, change.canonical)
    except NotCanonical:
        canonical = None
    if canonical is None or canonical.text != change.canonical:
        raise SpoolRefused(
            "not_canonical",
            f"batch {batch.batch} names a selector in no canonical form; have it approved anew",
        )
    return canonical


def _entry(add: Add, batch: Batch, line: int) -> Entry:
    return Entry(
        canonical=_canonical(add, batch),
        role=Role(add.role),
        source=add.source,
        reason=add.reason,
        confidence=add.confidence,
        first_seen=_start(add.first_seen),
        last_seen=_start(add.last_seen),
        review_by=None if add.review_by is None else _start(add.review_by),
        expires_at=add.expires_at,
        jurisdictions=tuple(add.jurisdictions),
        list=add.list,
        file=batch.batch,
        line=line,
    )


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)

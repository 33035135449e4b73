"""The asking part of `gen-screen bulk`: one client, one event loop, and signals that stop it."""

import asyncio
import signal
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from screening.client.bulk.asking import BulkRun
from screening.client.bulk.batches import Batch, Preparation, batches
from screening.client.bulk.columns import Column
from screening.client.bulk.keeping import Keeping, OnBehalf
from screening.client.bulk.patience import Patience
from screening.client.bulk.resume import ResumeFile
from screening.client.bulk.table import Table, refuse_changed, table_rows
from screening.client.commands.progress import BulkProgress, counted
from screening.client.commands.waiting import WaitingTold
from screening.client.derivation import TokenSource, derivation_pool
from screening.client.session import (
    BULK_TIMEOUT_MS_DEFAULT,
    AsyncScreeningClient,
    PhoneMetadataDiffers,
)
from screening.vocabulary.errors import Forbidden
from screening.vocabulary.kit import Kit
from screening.vocabulary.wire import Parameters

_LEAST_TIMEOUT_MS: Final = 1_000
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class BulkOptions:
    """The command line, one field for each option."""

    kit: str
    source: Path
    out: Path
    told: tuple[str, ...]
    region: str | None
    region_column: str | None
    is_one_region: bool
    has_no_areas: bool
    overwrite: bool
    anew: bool
    batch: int
    in_flight: int
    patience_s: int
    save_receipts: Path | None = None
    actor: str | None = None
    booking_region: str | None = None

    @property
    def resume(self) -> Path:
        """Where answers are kept while the run lasts."""
        return self._beside_out(".resume")

    @property
    def receipts(self) -> Path:
        """Where they stay."""
        return self._beside_out(".receipts")

    def _beside_out(self, suffix: str) -> Path:
        return self.out.with_name(f"{self.out.name}{suffix}")


@dataclass(frozen=True, slots=True)
class BulkJob:
    """What is to be screened, and how."""

    options: BulkOptions
    kit: Kit
    table: Table
    columns: tuple[Column, ...]


def ask(job: BulkJob, resume: ResumeFile, progress: BulkProgress) -> int:
    """Ask what is not answered yet; return the signal that ended it early, or 0.

    Raises `KeyboardInterrupt` at the second signal, SIGTERM too.
    """
    answered = resume.rows
    if answered:
        rows = counted(job.table.rows, "row")
        progress.say(
            f"Going on: {answered:,} of {rows} answered, which is not asked again; --anew would "
            "ask all."
        )
    if answered == job.table.rows:
        return 0
    progress.step("Screening", total=job.table.rows, done=answered)
    handlers = [(each, signal.getsignal(each)) for each in _SIGNALS]
    try:
        return asyncio.run(_ask_all(job, resume, progress))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        # The loop leaves SIGTERM to kill the process, and the file half-written that comes next.
        for each, handler in handlers:
            signal.signal(each, handler)


async def _ask_all(job: BulkJob, resume: ResumeFile, progress: BulkProgress) -> int:
    with derivation_pool() as pool:
        timeout_ms = _timeout_ms(job)
        async with AsyncScreeningClient(
            job.kit, bulk_timeout_ms=timeout_ms, other_timeout_ms=timeout_ms
        ) as client:
            source, folder = TokenSource(job.kit), job.options.save_receipts
            asker = OnBehalf(client, job.options.actor, job.options.booking_region)
            kept = asker if folder is None else Keeping(asker, folder)
            bulk = BulkRun(
                WaitingTold(kept, timeout_ms, progress.say),
                Preparation(source, job.columns, pool),
                resume,
                patience=Patience(job.options.patience_s),
                onlooker=progress,
                in_flight=job.options.in_flight,
                columns=len(job.columns),
            )
            received = _stop_on_signals(bulk, progress)
            stated = await _agree(bulk, progress)
            if stated is not None:
                _tell_shortage(stated, job, resume, progress)
                await bulk.run(_batches_left(job, resume, stated))
    return received[0] if received and resume.rows < job.table.rows else 0


async def _agree(bulk: BulkRun, progress: BulkProgress) -> Parameters | None:
    """Learn what the API states before anything is asked; None when the run is to stop."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", PhoneMetadataDiffers)
        stated = await bulk.parameters()
    for warning in caught:
        progress.say(f"Warning: {warning.message}")
    if stated is not None and "bulk" not in stated.scopes:
        raise Forbidden("the API key lacks the scope bulk; ask for it, or for a new kit")
    return stated


def _tell_shortage(
    stated: Parameters, job: BulkJob, resume: ResumeFile, progress: BulkProgress
) -> None:
    most = (job.table.rows - resume.rows) * len(job.columns)
    left = stated.limits.daily_selectors_remaining
    if left < most:
        progress.say(
            f"Up to {counted(most, 'selector')} to ask, and the quota has {left:,} left for today: "
            "the run may have to go on tomorrow."
        )


def _timeout_ms(job: BulkJob) -> int:
    """Return how long one request may take: not much longer than there is patience."""
    wanted = max(_LEAST_TIMEOUT_MS, round(job.options.patience_s * 1_000))
    return min(BULK_TIMEOUT_MS_DEFAULT, wanted)


def _batch_size(job: BulkJob, stated: Parameters) -> int:
    """Return how many selectors to ask at once: no more than are left for today, if any are."""
    left = stated.limits.daily_selectors_remaining or job.options.batch
    return max(1, min(job.options.batch, stated.limits.bulk_max_selectors, left))


def _batches_left(job: BulkJob, resume: ResumeFile, stated: Parameters) -> Iterator[Batch]:
    left = batches(
        table_rows(job.table),
        columns=job.columns,
        regions=job.table.regions,
        width=len(job.table.header),
        done=[
            (batch.first_row, batch.first_row + resume.rows_of(batch))
            for batch in resume.in_order()
        ],
        max_selectors=_batch_size(job, stated),
    )
    for batch in left:
        refuse_changed(job.table)
        yield batch


def _stop_on_signals(bulk: BulkRun, progress: BulkProgress) -> list[int]:
    """Let the first signal stop the run gently, and the second at once; return what came."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    received: list[int] = []

    def stop(number: int) -> None:
        received.append(number)
        if len(received) == 1:
            progress.say(
                "Stopping once the requests under way are answered; again to leave at once."
            )
            bulk.stop()
        elif task is not None:
            # Cancelled, where an exception could be raised anywhere: in the midst of a record too.
            task.cancel()

    for each in _SIGNALS:
        loop.add_signal_handler(each, stop, each)
    return received

"""`gen-screen bulk`: a whole file, with progress, interrupted and resumed at will."""

import asyncio
import shlex
import signal
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import rich_click as click

from screening.client.bulk.asking import Screening
from screening.client.bulk.batches import Batch, Preparation, batches
from screening.client.bulk.columns import Column, detect_columns, told_columns
from screening.client.bulk.output import write_screened
from screening.client.bulk.patience import Patience
from screening.client.bulk.resume import ResumeFile, ResumeHeader
from screening.client.bulk.table import Table, refuse_changed, survey, table_rows
from screening.client.commands.exits import DONE, SIGNALLED
from screening.client.commands.inputs import STDIN
from screening.client.commands.options import kit_option, region_option
from screening.client.commands.progress import BulkProgress, print_summary
from screening.client.derivation import TokenSource, derivation_pool
from screening.client.kit_file import load_kit
from screening.client.session import AsyncScreeningClient, PhoneMetadataDiffers
from screening.vocabulary.errors import Forbidden, OperatorError, ScreeningError
from screening.vocabulary.kit import Kit
from screening.vocabulary.wire import BULK_MAX_SELECTORS, Parameters


@dataclass(frozen=True, slots=True)
class _Job:
    kit: Kit
    table: Table
    columns: tuple[Column, ...]
    region: str | None
    batch: int
    in_flight: int
    patience_s: int


@click.command("bulk")
@kit_option
@click.option("-o", "out", metavar="OUT", required=True, type=click.Path(path_type=Path))
@click.option(
    "--column",
    "told",
    metavar="NAME=KIND",
    multiple=True,
    help="A column to screen and its kind (phone, card, email); repeatable. Default: detected.",
)
@region_option
@click.option("--overwrite", is_flag=True, help="Replace OUT where it exists.")
@click.option(
    "--batch",
    default=2_000,
    show_default=True,
    type=click.IntRange(1, BULK_MAX_SELECTORS),
    help="Selectors in one request.",
)
@click.option(
    "--in-flight",
    default=4,
    show_default=True,
    type=click.IntRange(1, 16),
    help="Requests under way at a time.",
)
@click.option(
    "--patience",
    "patience_s",
    metavar="SECONDS",
    default=120,
    show_default=True,
    type=click.IntRange(0),
    help="How long to wait for an API that answers nothing, or asks to wait, before giving up.",
)
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
def bulk_command(  # noqa: PLR0913 - one for each option
    *,
    kit: str,
    out: Path,
    told: tuple[str, ...],
    region: str | None,
    overwrite: bool,
    batch: int,
    in_flight: int,
    patience_s: int,
    source: Path,
) -> int:
    """Screen a CSV file: every row of IN comes back in OUT with result, reason and receipt.

    IN is UTF-8 with a header; comma, semicolon or tab between cells. A row is match if any of its
    selectors is; no_match only if all that it has were asked; else not_screened, with the reason.
    A match is a lead for human review, never an automatic refusal or a visible reaction.

    Interrupt it at any time: OUT.resume keeps what was answered, and the same command goes on. At
    the end it becomes OUT.receipts, which proves what was asked and answered; keep it with OUT.
    A cell that a spreadsheet could run as a formula gets an apostrophe in front.

    Exit code: 0 every row is in OUT, whatever its result; 2 bad input, 69 not known, 75 quota, 77
    API key refused, 78 kit wrong, 130 interrupted.

    \b
    Example:
      gen-screen bulk --kit acme.kit.json --region US customers.csv -o screened.csv
      gen-screen bulk --kit acme.kit.json --column 'Contact=phone' customers.csv -o screened.csv
    """
    resume_path, receipts_path = _side_file(out, ".resume"), _side_file(out, ".receipts")
    loaded = load_kit(kit)
    _refuse_paths(source, out, receipts_path, overwrite=overwrite)
    with _terminable(), BulkProgress() as progress:
        progress.step(f"Reading {source.name}")
        table = survey(source)
        columns = _columns(told, table, region, progress)
        job = _Job(loaded, table, columns, region, batch, in_flight, patience_s)
        with ResumeFile(resume_path, _resume_header(job)) as resume, _resumable(progress):
            signal_number = _ask(job, resume, progress)
            if signal_number:
                progress.say(f"Interrupted; {_resume_sentence()}")
                return SIGNALLED + signal_number
            progress.step(f"Writing {out.name}", total=table.rows)
            summary = write_screened(
                table, columns, resume, out, overwrite=overwrite, written=progress.answered
            )
            resume.become(receipts_path)
    print_summary(summary, out, receipts_path)
    return DONE


def _ask(job: _Job, resume: ResumeFile, progress: BulkProgress) -> int:
    """Ask what is not answered yet; return the signal that ended it early, or 0."""
    answered = resume.rows
    if answered == job.table.rows:
        return 0
    if answered:
        progress.say(f"Going on: {answered:,} of {job.table.rows:,} rows are answered.")
    progress.step("Screening", total=job.table.rows, done=answered)
    return asyncio.run(_ask_all(job, resume, progress))


async def _ask_all(job: _Job, resume: ResumeFile, progress: BulkProgress) -> int:
    with derivation_pool() as pool:
        async with AsyncScreeningClient(job.kit) as client:
            source = TokenSource(job.kit.token_key)
            screening = Screening(
                client,
                Preparation(source, job.columns, job.region, pool),
                resume,
                patience=Patience(job.patience_s),
                onlooker=progress,
                in_flight=job.in_flight,
                columns=len(job.columns),
            )
            received = _stop_on_signals(screening, progress)
            stated = await _agree(screening, progress)
            if stated is not None:
                _tell_shortage(stated, job, resume, progress)
                await screening.run(_batches_left(job, resume, stated))
    return received[0] if received and resume.rows < job.table.rows else 0


async def _agree(screening: Screening, progress: BulkProgress) -> Parameters | None:
    """Learn what the API states before anything is asked; None when the run is to stop."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", PhoneMetadataDiffers)
        stated = await screening.parameters()
    for warning in caught:
        progress.say(f"Warning: {warning.message}")
    if stated is not None and "bulk" not in stated.scopes:
        raise Forbidden("the API key lacks the scope bulk; ask for it, or for a new kit")
    return stated


def _tell_shortage(
    stated: Parameters, job: _Job, resume: ResumeFile, progress: BulkProgress
) -> None:
    most = (job.table.rows - resume.rows) * len(job.columns)
    left = stated.limits.daily_selectors_remaining
    if left < most:
        progress.say(
            f"Up to {most:,} selectors are to be asked and {left:,} are left for today: "
            "the run may have to go on tomorrow."
        )


def _batches_left(job: _Job, resume: ResumeFile, stated: Parameters) -> Iterator[Batch]:
    left = batches(
        table_rows(job.table),
        columns=job.columns,
        width=len(job.table.header),
        done=[
            (batch.first_row, batch.first_row + resume.rows_of(batch))
            for batch in resume.in_order()
        ],
        max_selectors=max(1, min(job.batch, stated.limits.bulk_max_selectors)),
    )
    for batch in left:
        refuse_changed(job.table)
        yield batch


def _stop_on_signals(screening: Screening, progress: BulkProgress) -> list[int]:
    """Let the first signal stop the run gently, and the second at once; return what came."""
    loop = asyncio.get_running_loop()
    received: list[int] = []
    signals = (signal.SIGINT, signal.SIGTERM)

    def stop(number: int) -> None:
        received.append(number)
        for each in signals:
            loop.remove_signal_handler(each)
            signal.signal(each, signal.default_int_handler)
        progress.say("Stopping once the requests under way are answered; again to leave at once.")
        screening.stop()

    for each in signals:
        loop.add_signal_handler(each, stop, each)
    return received


@contextmanager
def _terminable() -> Iterator[None]:
    """Let a SIGTERM end the command as Ctrl-C does, so that nothing half-written stays behind."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _resumable(progress: BulkProgress) -> Iterator[None]:
    try:
        yield
    except (ScreeningError, KeyboardInterrupt):
        progress.say(f"Stopped; {_resume_sentence()}")
        raise


def _resume_sentence() -> str:
    command = shlex.join(["gen-screen", *sys.argv[1:]])
    return f"what was answered is kept, and this goes on: {command}"


def _resume_header(job: _Job) -> ResumeHeader:
    return ResumeHeader(
        "gen-screen-bulk/1",
        job.table.sha256,
        job.table.rows,
        [(column.index, column.kind.value) for column in job.columns],
        job.region,
        job.kit.token_key.key_id,
    )


def _columns(
    told: Sequence[str], table: Table, region: str | None, progress: BulkProgress
) -> tuple[Column, ...]:
    if told:
        columns = told_columns(told, table.header)
    else:
        detection = detect_columns(table.header, table.sample, region=region)
        columns = detection.chosen
        if detection.doubtful:
            progress.say(
                f"Not screened, for their values do not look like it: "
                f"{', '.join(detection.doubtful)}; use --column to screen them."
            )
    if not columns:
        raise OperatorError(
            "no column of phones, cards or e-mails was recognised; name one with --column NAME=KIND"
        )
    chosen = ", ".join(f"{column.name} ({column.kind.value})" for column in columns)
    progress.say(f"Screening {table.rows:,} rows by: {chosen}.")
    return columns


def _side_file(out: Path, suffix: str) -> Path:
    return out.with_name(f"{out.name}{suffix}")


def _refuse_paths(source: Path, out: Path, receipts: Path, *, overwrite: bool) -> None:
    if str(source) == STDIN:
        raise OperatorError("bulk reads its input twice; give it a file instead of -")
    if not out.parent.is_dir() or out.is_dir() or not out.name:
        raise OperatorError(f"{out} is no place for a file; choose another -o")
    if out.exists() and source.exists() and out.samefile(source):
        raise OperatorError("IN and OUT are the same file; choose another -o")
    for path in (out, receipts):
        if path.exists() and not overwrite:
            raise OperatorError(f"{path} exists; choose another -o, or give --overwrite")

"""`gen-screen bulk`: a whole file, with progress, interrupted and resumed at will."""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import rich_click as click

from screening.client.bulk.columns import (
    Column,
    Trust,
)
from screening.client.bulk.countries import (
    hint_at_countries,
)
from screening.client.bulk.keeping import ensure_folder
from screening.client.bulk.output import Summary, write_screened
from screening.client.bulk.resume import ResumeFile, ResumeHeader
from screening.client.bulk.table import survey
from screening.client.commands.bulk_columns import choose_columns
from screening.client.commands.bulk_paths import refuse_paths, refuse_taken
from screening.client.commands.bulk_run import BulkJob, BulkOptions, ask
from screening.client.commands.exits import DONE
from screening.client.commands.options import actor_option, booking_region_option, kit_option
from screening.client.commands.progress import BulkProgress, print_summary
from screening.client.commands.way_on import ANEW, same_command, way_on
from screening.client.kit_file import load_kit
from screening.region_option import known_region_option
from screening.streams import SIGNALLED, readers_may_leave
from screening.vocabulary.errors import OperatorError, ScreeningError
from screening.vocabulary.kit import Kit
from screening.vocabulary.wire import BULK_MAX_SELECTORS


def _only_one(
    _context: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> str | None:
    """Return what is given; the last of several would be taken for all phones."""
    if len(given) > 1:
        raise click.UsageError(
            "--region-column is given twice; screen the phones of each country column by "
            "themselves, with --column NAME=phone"
        )
    return given[0] if given else None


@click.command("bulk")
@kit_option
@click.option(
    "-o",
    "out",
    metavar="OUT",
    required=True,
    type=click.Path(path_type=Path),
    help="The file to write, mode 0600: it says who is on the list.",
)
@click.option(
    "--column",
    "told",
    metavar="NAME=KIND",
    multiple=True,
    help="A column to screen and its kind (phone, card, email); repeatable. Default: detected.",
)
@known_region_option
@click.option(
    "--region-column",
    metavar="NAME",
    multiple=True,
    callback=_only_one,
    help="A column with each row's country, as GB, GBR or +44; --region is for its blank cells.",
)
@click.option(
    "--no-region-column",
    "is_one_region",
    is_flag=True,
    help="No column says the country of the phones, though one looks so: --region is for all rows.",
)
@click.option(
    "--no-area-column",
    "has_no_areas",
    is_flag=True,
    help="No column holds area codes of the phones, though one looks so.",
)
@click.option("--overwrite", is_flag=True, help="Replace OUT and OUT.receipts where they exist.")
@click.option(ANEW, "anew", is_flag=True, help="Ask about every row once more, answered or not.")
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
@click.option(
    "--save-receipts",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Write there a file for each request, to prove its rows later; they hold no value.",
)
@actor_option
@booking_region_option
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
def bulk_command(**options: Any) -> int:
    """Screen a CSV file: every row of IN comes back in OUT with result, reason and receipt.

    IN is UTF-8 with a header; comma, semicolon, tab or | between cells, or what a first line sep=X
    says. A row is match if any of its selectors is; no_match only if all that it has were asked;
    else not_screened, with the reason: two values in a cell are, and numbers that a spreadsheet
    has changed.
    A match is a lead for human review, never an automatic refusal or a visible reaction.

    Interrupt it at any time: OUT.resume keeps what was answered, and the same command goes on. At
    the end it becomes OUT.receipts, which proves what was asked and answered; keep it with OUT.
    A cell that a spreadsheet could run as a formula gets an apostrophe in front.

    Exit code: 0 every row is in OUT, whatever its result; 2 bad input, or OUT is written and not
    one of its rows could be screened; 69 not known, or what is written has no room; 75 quota, 77
    API key refused, 78 kit wrong, 130 interrupted, 143 the same by SIGTERM (130 where a second
    signal made it leave at once).

    \b
    Example:
      gen-screen bulk --kit acme.kit.json --region US in.csv -o out.csv
      gen-screen bulk --kit acme.kit.json --column Contact=phone in.csv -o out.csv
    """
    if options["is_one_region"] and options["region_column"] is not None:
        raise click.UsageError("--no-region-column says that there is no --region-column")
    return _screen_file(BulkOptions(**options))


def _screen_file(options: BulkOptions) -> int:
    kit = load_kit(options.kit)
    refuse_paths(options)
    if options.save_receipts is not None:
        ensure_folder(options.save_receipts)
    with _terminable() as received, BulkProgress() as progress:
        try:
            job = _read(kit, options, progress)
            summary = _screened(job, progress)
        except KeyboardInterrupt:
            if not received:
                raise  # Ctrl-C, or a second signal
            return SIGNALLED + received[0]
    if isinstance(summary, int):
        return SIGNALLED + summary
    with readers_may_leave():
        print_summary(summary, options.out, options.receipts)
        if "region_required" in summary.causes and (hint := hint_at_countries(job.table)):
            click.echo(hint)
    if summary.in_vain:
        raise OperatorError(
            "not one row could be screened; mend what the summary says, and start again with "
            "--overwrite"
        )
    return DONE


def _read(kit: Kit, options: BulkOptions, progress: BulkProgress) -> BulkJob:
    progress.step(f"Reading {options.source.name}")
    try:
        table = survey(options.source, region=options.region, region_column=options.region_column)
        return BulkJob(options, kit, table, choose_columns(options, table, progress))
    except KeyboardInterrupt:
        progress.say(f"Interrupted; nothing is asked yet, and this begins again: {same_command()}")
        raise


def _screened(job: BulkJob, progress: BulkProgress) -> Summary | int:
    """Ask and write; return what was written, or the signal that ended the asking."""
    options = job.options
    with ResumeFile(options.resume, _resume_header(job), anew=options.anew) as resume:
        # Once more, under the lock: a run that had it may have ended since.
        refuse_taken(options, answered=resume.rows == job.table.rows)
        with _resumable(job, resume, progress):
            signal_number = ask(job, resume, progress)
            if signal_number:
                progress.say(f"Interrupted; {way_on(None, resume, options)}")
                return signal_number
            summary = _write(job, resume, progress)
            resume.become(options.receipts)
    return summary


def _write(job: BulkJob, resume: ResumeFile, progress: BulkProgress) -> Summary:
    progress.step(f"Writing {job.options.out.name}", total=job.table.rows)
    return write_screened(
        job.table,
        job.columns,
        resume,
        job.options.out,
        overwrite=job.options.overwrite,
        written=progress.answered,
    )


@contextmanager
def _terminable() -> Iterator[list[int]]:
    """Let a SIGTERM end the command as Ctrl-C does, so that nothing half-written stays behind.

    Yield the signals that came so.
    """
    received: list[int] = []

    def interrupt(number: int, _frame: FrameType | None) -> NoReturn:
        received.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield received
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _resumable(job: BulkJob, resume: ResumeFile, progress: BulkProgress) -> Iterator[None]:
    try:
        yield
    except ScreeningError as error:
        progress.say(f"Stopped; {way_on(error, resume, job.options)}")
        raise
    except KeyboardInterrupt:
        progress.say(f"Stopped; {way_on(None, resume, job.options)}")
        raise


def _resume_header(job: BulkJob) -> ResumeHeader:
    return ResumeHeader(
        "gen-screen-bulk/2",
        job.table.sha256,
        job.table.rows,
        [(column.index, column.kind.value) for column in job.columns],
        job.options.region,
        job.kit.token_key.key_id,
        job.table.regions.index,
        _rules(job.columns),
    )


def _rules(columns: Sequence[Column]) -> list[str] | None:
    """Return by which rules cells are read, None where all are the ordinary ones."""
    rules = [
        f"{one.trust.name}{' rounded' * one.rounded}{' doubtful' * one.doubtful}" for one in columns
    ]
    return rules if set(rules) != {Trust.CERTAIN.name} else None

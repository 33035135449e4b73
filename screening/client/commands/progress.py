"""What a person sees of a long run: a bar on a terminal, sentences anywhere, and a summary."""

import time
from pathlib import Path
from types import TracebackType
from typing import Self

import rich_click as click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from screening.client.bulk.outcomes import cause_sentence
from screening.client.bulk.output import Summary
from screening.client.commands.check import REVIEW_NOTE
from screening.streams import readers_may_leave
from screening.vocabulary.errors import ScreeningError


class BulkProgress:
    """Shows one step at a time on stderr; without a terminal there are only the sentences."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("", total=None)
        self._silent_until = 0.0
        self._told: set[int] = set()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def step(self, name: str, *, total: int | None = None, done: int = 0) -> None:
        """Begin a step of `total` rows, `done` of which are behind us."""
        self._progress.reset(self._task, total=total, completed=done, description=name)

    def say(self, sentence: str) -> None:
        """Print a sentence on stderr, above the bar where there is one."""
        with readers_may_leave():
            if self._progress.disable:
                click.echo(sentence, err=True)
            else:
                self._progress.console.print(
                    sentence, markup=False, highlight=False, soft_wrap=True
                )

    def answered(self, rows: int) -> None:
        """So many more rows are done."""
        self._progress.advance(self._task, rows)

    def waiting(self, pause_s: float, error: ScreeningError) -> None:
        """Say why the run pauses: once for all batches that wait for the same."""
        now = time.monotonic()
        if now >= self._silent_until:
            self.say(f"Waiting {max(1, round(pause_s))} s: {error}.")
            self._silent_until = now + pause_s

    def certain(self, row: int, receipt: str) -> None:
        """Say that a row matches for certain, once: a lead must not wait for the rest."""
        if row not in self._told:
            self._told.add(row)
            # The header is row 1 of a spreadsheet.
            self.say(f"Row {row + 2} is a match (receipt {receipt}); the rest is asked again.")


def counted(number: int, noun: str) -> str:
    """Return the number with its noun, which takes an s unless it is one."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def print_summary(summary: Summary, out: Path, receipts: Path) -> None:
    """Print on stdout how many rows ended how, and what to do about those not screened."""
    click.echo(f"{counted(summary.results.total(), 'row')} in {out}")
    click.echo(f"  match         {summary.results['match']:>10,}")
    click.echo(f"  no match      {summary.results['no_match']:>10,}")
    click.echo(f"  not screened  {summary.results['not_screened']:>10,}")
    for cause, count in summary.causes.most_common():
        click.echo(f"    {count:>10,}  {cause}: {cause_sentence(cause)}")
    if summary.is_numbered:
        click.echo(
            f"The answers of this run are in the columns {', '.join(summary.added)}: the file had "
            "some of their usual names already."
        )
    if summary.results["match"]:
        click.echo(REVIEW_NOTE)
    click.echo(f"{receipts} proves what was asked and answered; keep it with the file.")

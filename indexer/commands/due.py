"""`indexer due`: what a curator should look at before it expires."""

import time
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from indexer.commands.wording import counted, day
from indexer.settings import IndexerSettings
from screening.vocabulary.unix_time import DAY_S

if TYPE_CHECKING:
    from indexer.keyring import Keyring
    from indexer.list.due import DueCount
    from indexer.list.file import ListFile


@click.command("due")
@click.option(
    "--within",
    "days",
    type=click.IntRange(0, 3_650),
    default=30,
    show_default=True,
    help="In so many days.",
)
@click.option("-o", "output", type=click.Path(path_type=Path), help="Write the entries here.")
@click.option("--overwrite", is_flag=True, help="Replace an older one of this command.")
def due_command(*, days: int, output: Path | None, overwrite: bool) -> None:
    """Say which entries are soon up for review, or expire, by list; with -o, write them down.

    The file is a list: correct last_seen in it where something was seen again, take out what is
    not so, and add it with: indexer publish --changes FILE. What nobody adds again expires. Its
    columns due_on and due_for say when and why: review, expires_at or lifetime. Where both are
    empty, a row only stands beside one of the same source, which would replace it. That it was
    written is recorded in the ledger first.

    \b
    Example:
      indexer due --within 14 -o due.csv
    """
    from indexer.deployment import list_path
    from indexer.keyring import Keyring
    from indexer.list.due import count_due
    from indexer.progress import Terminal

    settings = IndexerSettings()
    keyring = Keyring(settings.home)
    if not list_path(settings).exists():
        click.echo(f"there is no list in {settings.home} yet; publish one first")
        return
    if output is not None:
        _refuse_output(output, overwrite=overwrite)
    by = int(time.time()) + days * DAY_S
    with _opened(settings, keyring, days=days, is_written=output is not None) as list_file:
        with Terminal().stage("counting what is due", None):
            counts = count_due(list_file, settings.lifetimes(), by=by)
        for one in counts:
            click.echo(f"{one.list}: {_described(one)}")
        if not counts:
            click.echo(f"nothing is due within {days} days")
        if output is not None:
            _write(list_file, settings, by, output)
            click.echo(f"written to {output}: it holds selectors, so keep it as safe as the list")


def _opened(
    settings: IndexerSettings, keyring: "Keyring", *, days: int, is_written: bool
) -> "AbstractContextManager[ListFile]":
    """Open the list file; that its selectors are written down is on record before."""
    from indexer.deployment import open_list, reading_on_record

    if is_written:
        return reading_on_record(settings, keyring, {"command": "due", "within_days": days})
    return closing(open_list(settings, keyring, read_only=True))


def _refuse_output(output: Path, *, overwrite: bool) -> None:
    from indexer.list.due import refuse_all_but_due_lists
    from indexer.outputs import refuse_existing

    refuse_all_but_due_lists(output)
    if not overwrite:
        refuse_existing([output])


def _described(count: "DueCount") -> str:
    parts = []
    if count.first_review is not None:
        parts.append(f"{count.to_review} to review, the first by {day(count.first_review)}")
    if count.first_expiry is not None:
        by_lifetime = f" ({count.by_lifetime} by lifetime)" if count.by_lifetime else ""
        expiring = counted(count.expiring, "expires", "expire")
        parts.append(f"{expiring}{by_lifetime}, the first on {day(count.first_expiry)}")
    return "; ".join(parts)


def _write(list_file: "ListFile", settings: IndexerSettings, by: int, output: Path) -> None:
    from indexer.list.due import DueList, due_entries

    with DueList(output) as written:
        for entry in due_entries(list_file, settings.lifetimes(), by=by):
            written.add(entry)

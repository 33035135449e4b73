"""`screening audit export` and `retain`: a copy elsewhere, and what may go once that is whole."""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import rich_click as click

from screening.account import actor
from screening.audit.options import JOURNAL, KEY, WITNESS, home, key_beside
from screening.given_values import TEXT
from screening.ledger.log.audit import Signed, verify_log
from screening.ledger.log.copied_witnessed import Believed
from screening.ledger.log.drops import Drop
from screening.ledger.log.export import export_ledger
from screening.ledger.log.keys import LOG_KEY, read_log_key
from screening.ledger.log.notes import VerifierKey
from screening.ledger.log.retention import Retention
from screening.ledger.verify import Report, verify_ledger
from screening.vocabulary.errors import LedgerDamaged
from screening.vocabulary.printable import printable


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@JOURNAL
@KEY
@WITNESS
@click.option(
    "--lost",
    "lost",
    type=TEXT,
    multiple=True,
    help="A segment that this host has dropped and the copy lacks: it is given up there.",
)
def export(
    *,
    folder: Path,
    journal: Path | None,
    key: VerifierKey | None,
    witness: VerifierKey | None,
    lost: tuple[str, ...],
) -> None:
    """Copy to FOLDER what is new of the journal and its log, and check the whole copy.

    May run beside the server, and again after whatever broke it off. What the copy has stays, where
    less is whole here. Exit 1 where that shows, for a sealed segment that the copy has is not read
    here again (audit verify does), and where the copy is not whole, or is of another log. Exit 2,
    and nothing is written, where FOLDER holds anything else.

    Example: screening audit export /mnt/elsewhere/journal
    """
    directory = journal or home() / "journal"
    by = Believed(key or key_beside(directory), witness)
    copied = export_ledger(directory, folder, by, _show, lost=lost, mended=_say_mended)
    report, signed = _audit_of_copy(folder, by)
    click.echo(
        f"copied: {copied} segments; {folder} has {report.records} records in "
        f"{report.segments} segments, {signed.checkpoint.size} of them signed"
    )


@click.command()
@click.option(
    "--days", type=click.IntRange(1, 36_500), required=True, help="Sealed so long ago, or longer."
)
@click.option(
    "--exported",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="The folder of `screening audit export`, in which they must lie whole.",
)
def retain(days: int, exported: Path) -> None:
    """Drop the segments of this host that are old enough, signed, and whole in an export.

    Their hashes stay, and who dropped them goes on record before. Exit 2, and nothing is dropped,
    where one of them is not whole there; exit 1 where one is not what was signed here.

    Example: screening audit retain --days 400 --exported /mnt/elsewhere/journal
    """
    retention = Retention(home() / "journal", exported, read_log_key(home() / LOG_KEY))
    dropped = retention.retain(days=days, actor=actor(), now=datetime.now(UTC))
    records = sum(drop.records for drop in dropped)
    click.echo(f"dropped: {records} records in {len(dropped)} segments")


def dropped_lines(drops: Sequence[Drop]) -> Iterator[str]:
    """Yield what `verify` says of them: a sentence for each time that somebody dropped some."""
    by_whom: defaultdict[tuple[str, str, int], list[Drop]] = defaultdict(list)
    for drop in drops:
        by_whom[drop.dropped_at, drop.actor, drop.days].append(drop)
    for (at, who, days), dropped in by_whom.items():
        yield (
            f"dropped: {sum(drop.records for drop in dropped)} records in {len(dropped)} segments, "
            f"by {printable(who)} at {at}, as older than {days} days"
        )


def _audit_of_copy(folder: Path, by: Believed) -> tuple[Report, Signed]:
    try:
        return verify_ledger(folder), verify_log(folder, by.key, witness=by.witness)
    except LedgerDamaged as error:
        raise LedgerDamaged(*(f"the copy: {sentence}" for sentence in error.sentences)) from None


def _say_mended(sentence: str) -> None:
    click.echo(f"mended: {printable(sentence)}")


def _show(segment: str, number: int, of: int) -> None:
    """Show, on a terminal, which segment is looked at."""
    if sys.stderr is not None and sys.stderr.isatty():
        end = "\n" if number == of else ""
        click.echo(f"\rsegment {number} of {of}: {segment}{end}", nl=False, err=True)

"""`screening audit fsck`: what of a journal's files is whole, and what can be made anew."""

from pathlib import Path

import rich_click as click

from screening.audit.options import JOURNAL, home
from screening.ledger.log.inspection import inspect
from screening.ledger.log.mending import mend as mend_ledger
from screening.ledger.verify import segment_ids
from screening.vocabulary.errors import LedgerDamaged
from screening.vocabulary.printable import printable


@click.command()
@JOURNAL
@click.option(
    "--mend",
    is_flag=True,
    help="Make anew what can be derived from records, while no server uses the journal.",
)
def fsck(journal: Path | None, mend: bool) -> None:
    """Say of each file of a journal whether it is whole; needs no key.

    With --mend hashes, runs and torn ends are made anew from the records, which are never touched,
    and only where they lead to the root of the checkpoint. Exit 0 when all is whole, mended
    perhaps; 1 where something is not; 2 where a server uses what is to be mended.

    Example: screening audit fsck --mend
    """
    directory = journal or home() / "journal"
    segment_ids(directory)  # a folder that is no journal is not looked at
    if mend:
        for sentence in mend_ledger(directory):
            click.echo(f"mending: {printable(sentence)}")
    wrong = 0
    for finding in inspect(directory):
        wrong += not finding.is_whole
        said = printable(f"{finding.file}: {finding.sentence}")
        click.echo(said if finding.is_whole else f"NOT WHOLE  {said}")
    if wrong:
        raise LedgerDamaged(f"{wrong} findings, which are named above")

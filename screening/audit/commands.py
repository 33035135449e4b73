"""`screening audit`: is the journal whole, what of it is signed, what is in it, and who asked."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import rich_click as click

from screening.audit.fsck import fsck
from screening.audit.keeping import dropped_lines, export, retain
from screening.audit.options import JOURNAL, KEY, WITNESS, has_log, home, key_beside, own_key
from screening.audit.who import who
from screening.ledger.lines import in_seconds
from screening.ledger.log.audit import Signed, verify_log
from screening.ledger.log.audit import prove as prove_record
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.notes import MAX_NOTE_BYTES, VerifierKey
from screening.ledger.verify import Report, verify_ledger
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.printable import printable
from screening.vocabulary.proof import find_whole_receipt, spelled_receipt


@click.group()
def audit() -> None:
    """Look into the journal of this host."""


@audit.command()
@JOURNAL
@KEY
@click.option(
    "--kept",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that was kept elsewhere: the log must begin with what it is over.",
)
@WITNESS
def verify(
    journal: Path | None, key: VerifierKey | None, kept: Path | None, witness: VerifierKey | None
) -> None:
    """Check every record of the journal, its log, and up to where that is witnessed.

    Exit 0 when all is whole, 1 with the first bad record.

    Example: screening audit verify
    """
    directory = journal or home() / "journal"
    report = verify_ledger(directory)
    if kept or key or witness or has_log(directory):
        older = _read_kept(kept) if kept is not None else None
        signed = verify_log(directory, key or key_beside(directory), kept=older, witness=witness)
        _say_what_is_whole(report)
        size, behind = signed.checkpoint.size, signed.unsigned
        click.echo(f"log: {size} records are signed, {behind} are not yet")
        for line in dropped_lines(signed.dropped):
            click.echo(line)
        _say_what_is_witnessed(signed, is_believed=witness is not None)
        if kept is None:
            click.echo(
                f"checkpoint: {directory / LOG / 'checkpoint'}; keep a copy elsewhere, and give it "
                "as --kept later: a log that was made anew shows only beside it"
            )
        return
    _say_what_is_whole(report)
    click.echo("log: none lies here, so no signature was checked")


@audit.command()
def key() -> None:
    """Print the key by which others verify what this host signs.

    Example: screening audit key
    """
    click.echo(own_key().text)


@audit.command()
@click.argument("receipt")
@JOURNAL
@KEY
def prove(receipt: str, journal: Path | None, key: VerifierKey | None) -> None:
    """Print, as JSON, all that shows that the record of a receipt is in the log.

    Example: screening audit prove a2b3c4d5e6f7a2b3c4d5e6f7gh
    """
    whole = find_whole_receipt(spelled_receipt(receipt))
    if whole is None:
        raise OperatorError(
            "a receipt has 26 characters of a-z and 2-7, and a row's a point and its number behind "
            "them; check what you gave"
        )
    directory = journal or home() / "journal"
    proof = prove_record(directory, key or key_beside(directory), whole)
    click.echo(msgspec.json.format(msgspec.json.encode(proof), indent=2))


audit.add_command(who)
audit.add_command(export)
audit.add_command(fsck)
audit.add_command(retain)


def _read_kept(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_NOTE_BYTES + 1)


def _say_what_is_witnessed(signed: Signed, *, is_believed: bool) -> None:
    witnessed = signed.witnessed
    if witnessed is None:
        return
    behind = signed.checkpoint.size - witnessed.checkpoint.size
    at = in_seconds(datetime.fromtimestamp(witnessed.time_s, UTC))
    click.echo(
        f"witnessed: {witnessed.checkpoint.size} records by {printable(witnessed.witness)} "
        f"at {at}, {behind} are not yet"
    )
    if not is_believed:
        click.echo(
            "witness: its signature was not checked; give its key with --witness, as its operator "
            "says it"
        )


def _say_what_is_whole(report: Report) -> None:
    if not report.records:
        click.echo(
            "empty: nothing is recorded here; whether anything ever was, only a copy of an earlier "
            "seal can show"
        )
        return
    click.echo(
        f"whole: {report.records} records in {report.segments} segments, "
        f"{report.open_segments} of them still open"
    )
    if report.open_segments:
        click.echo("open: what is not sealed yet could be cut off at its end, and not be missed")
    if report.last_seal is not None:
        click.echo(
            f"last seal: number {report.last_seal.number}, {report.last_seal.chain}; keep it "
            "elsewhere: that the end was not cut off shows only beside it"
        )

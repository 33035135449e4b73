"""`gen-screen feedback`: what became of a match, once a person has looked at it."""

from pathlib import Path
from typing import cast

import rich_click as click

from screening.client.blocking import ScreeningClient
from screening.client.commands.exits import DONE, NOT_KNOWN
from screening.client.commands.options import kit_option, timeout_option
from screening.client.commands.waiting import waiting_told
from screening.client.kept_receipts import read_kept
from screening.client.kit_file import load_kit
from screening.client.session import OTHER_TIMEOUT_MS_DEFAULT
from screening.streams import readers_may_leave, tell
from screening.vocabulary.errors import OperatorError, Unknown
from screening.vocabulary.feedback import OUTCOMES, Outcome
from screening.vocabulary.proof import is_receipt, spelled_receipt


@click.command("feedback")
@kit_option
@timeout_option(OTHER_TIMEOUT_MS_DEFAULT)
@click.argument("receipt", metavar="RECEIPT[.ROW]")
@click.argument("outcome", metavar="OUTCOME", type=click.Choice(OUTCOMES))
def feedback_command(*, kit: str, timeout_ms: int, receipt: str, outcome: str) -> int:
    """Say what became of a match, once a person has looked at it.

    confirmed: it is who is listed. false: it is somebody else, or the entry is wrong. unsure:
    nobody can tell. It goes on record, and helps to mend the list. Said again it changes nothing; a
    later outcome takes the place of an earlier one.

    RECEIPT is what check printed, or the file of its --save-receipt. Where several selectors of a
    question matched, and of a bulk file, name the row: RECEIPT.0 is the first.

    Exit code: 0 it is on record, 2 no match of yours has this receipt and row, or which row is
    meant is not clear, 65 the file is damaged or none of a receipt, 69 it may not be on record: say
    it again; others as of check.

    \b
    Example:
      gen-screen feedback --kit acme.kit.json a2b3c4d5e6f7a2b3c4d5e6f7gh confirmed
      gen-screen feedback --kit acme.kit.json a2b3c4d5e6f7a2b3c4d5e6f7gh.17 false
      gen-screen feedback --kit acme.kit.json 1001.receipt.json unsure
    """
    loaded, named = load_kit(kit), _receipt(receipt)
    try:
        with (
            ScreeningClient(loaded, other_timeout_ms=timeout_ms) as client,
            waiting_told(timeout_ms),
        ):
            taken = client.feedback(named, cast("Outcome", outcome))
    except Unknown as error:
        tell(f"gen-screen: it may not be on record, so say it again later: {error}")
        return NOT_KNOWN
    with readers_may_leave():
        click.echo(f"On record: {taken.receipt} {taken.outcome}")
        if loaded.parsed_api_key().mode == "test":
            click.echo("The key is a test key, so nobody is told.")
    return DONE


def _receipt(given: str) -> str:
    """Return the receipt that was given, or that of the file."""
    spelled = spelled_receipt(given)
    if is_receipt(spelled):
        return spelled
    if not Path(given).exists():
        raise OperatorError(
            "that is no receipt, and no such file; give 26 characters of a-z and 2-7, and where a "
            "row is meant a point and its number behind them, or a file of --save-receipt"
        )
    return read_kept(Path(given)).receipt

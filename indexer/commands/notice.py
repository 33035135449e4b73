"""`indexer notice`: a partner hears that an entry was false which it was told to match."""

from typing import Final

import rich_click as click

from indexer.commands.session import recovered_deployment, say, say_where_in_force
from indexer.commands.wording import counted

_NOT_CHECKED: Final = (
    "whose answer a receipt is of is not known here, and what a partner is told cannot be taken "
    "back: see in screening audit who that they are this partner's, and pass --receipts-are-theirs"
)


@click.command("notice")
@click.argument("rows", metavar="RECEIPT.ROW...", nargs=-1, required=True)
@click.option("--partner", required=True, help="Who was given the receipts.")
@click.option(
    "--receipts-are-theirs",
    is_flag=True,
    help="State that these were answers to this partner, as screening audit who shows.",
)
@click.option(
    "--drop-recent",
    is_flag=True,
    help="Also where notices of the last 30 days are not kept then: 1,000 are, of a partner.",
)
def notice_command(
    *, rows: tuple[str, ...], partner: str, receipts_are_theirs: bool, drop_recent: bool
) -> None:
    """Tell a partner that what these rows matched was false, and is off the list.

    It fetches that from the API (GET /v1/notices). Nothing is said of what was listed. Each row is
    told once, and for good. Retract the entry first: this command takes nothing off the list.

    \b
    Example:
      indexer notice a2b3c4d5e6f7a2b3c4d5e6f7gh.0 --partner acme --receipts-are-theirs
    """
    from indexer.partners.notices import give_notice
    from screening.vocabulary.proof import spelled_receipt

    if not receipts_are_theirs:
        raise click.UsageError(_NOT_CHECKED)
    with recovered_deployment() as deployment:
        spelled = list(map(spelled_receipt, rows))
        new = give_notice(deployment, partner, spelled, drops_recent=drop_recent)
        knew = len(set(spelled)) - new
        say(f"{partner} is told of {counted(new, 'row', 'rows')}; it knew of {knew}")
        say_where_in_force(deployment)

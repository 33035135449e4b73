"""`gen-screen notices`: which matches were false, as was found out since."""

import rich_click as click

from screening.client.blocking import ScreeningClient
from screening.client.commands.exits import DONE, NOT_KNOWN
from screening.client.commands.options import kit_option
from screening.client.kit_file import load_kit
from screening.streams import readers_may_leave, tell
from screening.vocabulary.errors import Unknown
from screening.vocabulary.notices import NUMBER_MAX, Retracted


@click.command("notices")
@kit_option
@click.option(
    "--after",
    default=0,
    show_default=True,
    type=click.IntRange(0, NUMBER_MAX),
    help="The number that was printed last: only what is newer is fetched.",
)
def notices_command(*, kit: str, after: int) -> int:
    """Print which of your matches were false, and were taken off the list since.

    A line for each: its number, the receipt with its row, `retracted`, and since when. Whatever was
    done on account of such a match, undo it. Ask once an hour, say.

    Exit code: 0 that is all there is, 69 not known; others as of check.

    \b
    Example:
      gen-screen notices --kit acme.kit.json
      gen-screen notices --kit acme.kit.json --after 1042
    """
    loaded = load_kit(kit)
    fetched: list[Retracted] = []
    since = after
    try:
        with ScreeningClient(loaded) as client:
            has_more = True
            while has_more:
                told = client.notices(after)
                fetched += told.notices
                after, has_more = told.next, told.has_more
    except Unknown as error:
        tell(f"gen-screen: it is not known which matches were false; ask again: {error}")
        return NOT_KNOWN
    with readers_may_leave():
        for one in fetched:
            click.echo(f"{one.number}  {one.receipt}  {one.notice}  {one.at}")
    tell(f"gen-screen: {len(fetched)} since {since}; what is newer is asked for by --after {after}")
    return DONE

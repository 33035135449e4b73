"""`indexer spool undo`: the list is again what the console holds it for."""

import rich_click as click

from indexer.commands.session import recovered_deployment, say, say_where_in_force
from indexer.commands.wording import counted
from screening.streams import tell


@click.command("undo")
def undo_command() -> None:
    """Undo what was changed by hand since the console's last file, so that the next is applied.

    The list says again, word for word, what that file has made of it, and what was retracted then
    is so again. What keeps a selector off stays: what was retracted by hand, or named as a victim's
    or as disputed, is retracted from then on. Those are named, masked: have each taken off in the
    console, too.

    Example: indexer spool undo
    """
    from indexer.spool.undoing import undo_by_hand

    with recovered_deployment() as deployment:
        done = undo_by_hand(deployment)
        if done is None:
            say("nothing was changed by hand since the console's last file")
            return
        of = counted(done.statements, "statement", "statements")
        say(f"list {done.revision}: {of} as the console has them, {done.before} before")
        for one in done.kept_off:
            tell(
                f"{one.kind.value} {one.masked()} stays taken off, while the console's entries of "
                "it stand: have it taken off there, too"
            )
        say_where_in_force(deployment)

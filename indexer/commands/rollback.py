"""`indexer rollback`: an earlier list in force again, and which there are."""

from contextlib import closing
from typing import TYPE_CHECKING

import rich_click as click

from indexer.commands.session import recovered_deployment, say, say_where_in_force
from indexer.commands.wording import counted, moment
from indexer.settings import IndexerSettings
from screening.streams import tell

if TYPE_CHECKING:
    from indexer.list.earlier import KeptList


@click.command("rollback")
@click.option("--list", "shows", is_flag=True, help="Only show which lists one may go back to.")
@click.option("--to", "number", type=click.IntRange(1), help="To the list of this number.")
def rollback_command(*, shows: bool, number: int | None) -> None:
    """Put the list before the current one in force again, or an earlier one that --list names.

    Example: indexer rollback
    """
    from indexer.publish import rollback

    if shows:
        if number is not None:
            raise click.UsageError("give --list or --to, not both")
        _show_lists()
        return
    with recovered_deployment() as deployment:
        done = rollback(deployment, number)
        say(f"list {done.revision} is in force again")
        if done.withheld:
            say(f"  of its selectors, named as victims' or retracted since: {done.withheld}")
        say_where_in_force(deployment)


def _show_lists() -> None:
    """Print what the list file has noted; changes nothing, and needs no store."""
    from indexer.deployment import list_path, open_list
    from indexer.in_force import find_current, find_unsettled
    from indexer.keyring import Keyring
    from indexer.list.earlier import kept_lists

    settings = IndexerSettings()
    keyring = Keyring(settings.home)
    if not list_path(settings).exists():
        click.echo(f"there is no list in {settings.home} yet; publish one first")
        return
    with closing(open_list(settings, keyring, read_only=True)) as list_file, list_file.snapshot():
        current, begun = find_current(list_file), find_unsettled(list_file)
        revision = current.revision if current is not None else 0
        lists = kept_lists(list_file, revision) if revision else []
    if not lists:
        click.echo("no list is in force yet; publish one first")
    for position, one in enumerate(lists):
        click.echo(f"{_described(one)}{'' if position else '; in force'}")
    if len(lists) == 1:
        click.echo("there is no earlier list to go back to")
    if begun is not None:
        tell("the last command was interrupted; see: indexer status")


def _described(one: "KeptList") -> str:
    by = "" if one.command is None else f", by {one.command} of {one.actor}"
    entries = counted(one.entries, "entry", "entries")
    return f"list {one.number}: {entries}{by}, {moment(one.published_at)}"

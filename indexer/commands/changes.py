"""`indexer add | retract | lift | compact`: single changes, in force within seconds."""

from typing import TYPE_CHECKING

import rich_click as click

from indexer.commands.key_wording import last_key_is_old
from indexer.commands.new_lists import say_new_lists
from indexer.commands.selectors import parsed_selectors, selectors_argument
from indexer.commands.session import recovered_deployment, say, say_where_in_force
from indexer.commands.withheld import say_ended, say_withheld
from indexer.commands.wording import ROLE, counted, moment
from screening.given_values import part_selectors
from screening.region_option import known_region_option
from screening.streams import tell

if TYPE_CHECKING:
    from screening.importers.csv_rows import ListRow
    from screening.importers.entry import Entry


@click.command("add")
@selectors_argument
@known_region_option
@click.option(
    "--role", required=True, type=ROLE, help="What whoever is behind the selectors is said to be."
)
@click.option("--source", default="", help="Where it comes from.")
@click.option("--reason", default="", help="Why it is listed.")
@click.option("--confidence", default="", help="0 to 100.")
@click.option("--first-seen", default="", help="A day, such as 2026-11-30.")
@click.option("--last-seen", default="", help="A day; today unless set.")
@click.option("--review-by", default="", help="The day by which somebody should look again.")
@click.option("--expires-at", default="", help="2027-12-31, or with time and offset.")
@click.option("--jurisdictions", default="", help="Where alone it may be used, such as DE,US.")
@click.option("--list", "list_", default="", help="Name of the list that it belongs to.")
def add_command(
    *, selectors: tuple[str, ...], region: str | None, role: str, list_: str, **life: str
) -> None:
    """Add selectors to the list that all partners' checks are answered from.

    Each is written KIND:VALUE, with KIND phone, card or email; KIND:- reads the value from the next
    line of stdin, as card numbers should be. One that cannot be taken leaves all as it was. A
    selector with any entry of role victim is listed no more.

    \b
    Example:
      indexer add phone:+12025550143 --role trafficker --source case-7
      indexer add card:- --role buyer < card.txt
    """
    from indexer.changes import add
    from screening.importers.csv_rows import ListRow

    rows = [
        ListRow(
            file="the command line",
            line=position,
            kind=kind.lower(),
            value=value,
            role=role,
            region=region,
            list=list_,
            **life,
        )
        for position, (kind, value) in enumerate(part_selectors(selectors), start=1)
    ]
    entries = [_entry(row) for row in rows]
    with recovered_deployment() as deployment:
        added = add(deployment, entries)
        say(f"list {added.revision}: {counted(added.counts.taken, 'entry', 'entries')} added")
        say_withheld(added.counts, protected=added.protected)
        say_new_lists(added.new_lists)
        say_ended(added.ended)
        say_where_in_force(deployment)


@click.command("retract")
@selectors_argument
@known_region_option
@click.option("--reason", required=True, help="Why; kept sealed.")
def retract_command(*, selectors: tuple[str, ...], region: str | None, reason: str) -> None:
    """Take selectors off the list, for all partners, and keep them off until they are lifted.

    No publish, rollback or import brings them back. KIND:- reads the value from the next line of
    stdin, as card numbers should be: whoever lists processes of this host sees a command's line,
    and the reason with it.

    \b
    Example:
      indexer retract phone:+12025550143 --reason "number given to somebody else"
      indexer retract card:- --reason "case 7" < card.txt
    """
    from indexer.changes import retract

    wanted = parsed_selectors(selectors, region)
    with recovered_deployment() as deployment:
        done = retract(deployment, wanted, reason)
        for position, at in done.already.items():
            say(
                f"selector {position + 1}: nothing is changed, since it was retracted already, "
                f"{moment(at)}; the reason given then stays: see indexer show"
            )
        if done.is_again:
            say(f"list {done.revision}: put in force again, since the store had another")
        others = len(wanted) - len(done.already)
        if others:
            listed = counted(done.listed, "of them was listed", "of them were listed")
            say(f"list {done.revision}: {others} retracted, {listed}")
        if done.listed < others:
            tell(
                "was one of them meant to be listed? Compare its spelling with your list, and when "
                "it has expired"
            )
        say_where_in_force(deployment)


@click.command("lift")
@selectors_argument
@known_region_option
def lift_command(*, selectors: tuple[str, ...], region: str | None) -> None:
    """Let retracted selectors be listed again, by the next addition or list that names them.

    KIND:- reads the value from the next line of stdin, as card numbers should be.

    \b
    Example:
      indexer lift phone:+12025550143
      indexer lift card:- < card.txt
    """
    from indexer.changes import lift

    wanted = parsed_selectors(selectors, region)
    with recovered_deployment() as deployment:
        done = lift(deployment, wanted)
        to_do = "add them, or publish a list with them"
        if done.listed:
            to_do = f"{counted(done.listed, 'of them is', 'of them are')} listed again by it"
        say(f"list {done.revision}: {len(wanted)} lifted; {to_do}")
        say_where_in_force(deployment)


@click.command("compact")
@click.option(
    "--all", "everything", is_flag=True, help="Every index: mends what is damaged in Redis."
)
def compact_command(*, everything: bool) -> None:
    """Build indexes anew that were changed for long, and sign all of them as still in force.

    Run it daily, by a timer: no answer changes, and a list that nobody changes stays fresh. Old
    keys of partners who were given new ones are retired when their time is over.

    Example: indexer compact
    """
    from indexer.changes import compact

    with recovered_deployment() as deployment:
        done = compact(deployment, everything=everything)
        say(f"{counted(done.built, 'index', 'indexes')} built anew; all signed")
        if done.rotations.retired:
            say(f"old keys retired: {', '.join(done.rotations.retired)}")
        if done.rotations.waiting:
            tell(
                f"old keys stay valid, because an API host is behind: "
                f"{', '.join(done.rotations.waiting)}; see indexer status, and run this again"
            )
        for name in done.rotations.kept:
            tell(last_key_is_old(name))
        if done.normaliser_retired:
            say("no kit of the normaliser version before is valid any more")
        if done.pepper_retired:
            folder = deployment.settings.secrets
            say("the old pepper is removed here. On every API host, in this order:")
            say(f"  1. put {folder / 'pepper.key'} in place of the pepper.key there")
            say("  2. remove pepper-next.key, and pepper-old.key where there is one")
        say_where_in_force(deployment)


def _entry(row: "ListRow") -> "Entry":
    from screening.importers.csv_rows import entry_of
    from screening.importers.entry import IMPORT_SENTENCES, Rejection

    entry = entry_of(row)
    if isinstance(entry, Rejection):
        raise click.UsageError(f"selector {row.line}: {IMPORT_SENTENCES[entry.code]}")
    return entry

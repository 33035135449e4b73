"""`indexer publish`: what a curator is told of a list, taken or refused."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from indexer.commands import exits
from indexer.commands.new_lists import say_new_lists
from indexer.commands.rejections import say_rejected
from indexer.commands.session import recovered_deployment, say, say_where_in_force
from indexer.commands.withheld import say_ended, say_withheld
from indexer.commands.wording import counted
from screening.region_option import known_region_option
from screening.streams import tell

if TYPE_CHECKING:
    from indexer.changes import Added
    from indexer.list.drafts import LeftOut
    from indexer.list.sources import ListSources
    from indexer.publish import Published
    from screening.importers.entry import ImportCode


@click.command("publish")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@known_region_option
@click.option("--report", type=click.Path(path_type=Path), help="CSV of every row not taken.")
@click.option("--changes", is_flag=True, help="Add FILES to the list, instead of replacing it.")
@click.option("--allow-shrink", is_flag=True, help="Permit a much smaller list.")
@click.option("--allow-empty", is_flag=True, help="Permit a list that lists nobody.")
@click.option("--allow-unprotected", is_flag=True, help="Permit that victims are not protected.")
def publish_command(
    *,
    files: tuple[Path, ...],
    region: str | None,
    report: Path | None,
    changes: bool,
    allow_shrink: bool,
    allow_empty: bool,
    allow_unprotected: bool,
) -> None:
    """Make FILES, together, the list that all partners' checks are answered from.

    CSV with a header: kind,value,role and optionally region,source,reason,confidence,first_seen,
    last_seen,review_by,expires_at,jurisdictions,list. Exit 0 when every row was taken, 3 when some
    were not, 4 when the list is refused, 2 when a file is no list or an option is wrong, 69 when
    the store fails; on 2, 4 and 69 the list in force stays, unless it is said that this is not
    known. 74 when a disk or file fails.

    Example: indexer publish list.csv --region US --report rejected.csv
    """
    from indexer.changes import publish_changes
    from indexer.list.sources import ListSources
    from indexer.publish import Allowed, publish, stage_sources

    sources = ListSources(files, region=region, report=report)
    with recovered_deployment() as deployment:
        draft = stage_sources(deployment, sources, adding=changes)
        if sources.rejected:  # said before the list is judged: they may be why it is refused
            _say_what_was_rejected(sources.rejected, report)
        if changes:
            added = publish_changes(deployment, sources, draft, allow_unprotected=allow_unprotected)
            _say_what_was_added(added)
        else:
            allowed = Allowed(allow_shrink, allow_empty, allow_unprotected)
            _say_what_was_published(publish(deployment, sources, draft, allowed))
        if allow_unprotected:
            _say_what_was_permitted(sources)
        say_where_in_force(deployment)
    if sources.rejected:
        sys.exit(exits.REJECTS)


def _say_what_was_added(added: "Added") -> None:
    entries = counted(added.counts.taken, "entry", "entries")
    say(f"list {added.revision}: {entries} added or there before")
    say_withheld(added.counts, protected=added.protected)
    say_new_lists(added.new_lists)
    say_ended(added.ended)


def _say_what_was_published(published: "Published") -> None:
    counts = published.counts
    say(
        f"list {published.revision} published: "
        f"{counted(published.selectors, 'selector', 'selectors')} "
        f"from {counted(counts.taken, 'entry', 'entries')}"
    )
    say_withheld(counts, protected=published.protected)
    say_new_lists(published.new_lists)
    _say_left_out(published.left_out)


def _say_left_out(left_out: "LeftOut") -> None:
    if left_out.all:
        ended = counted(
            left_out.all,
            "entry was there before, and has ended: no file named holds it",
            "entries were there before, and have ended: no file named holds them",
        )
        say(f"  {ended}")
    if left_out.since:
        tell(
            f"  {left_out.since} of them had come since the last whole list, by add, import, "
            "publish --changes or rollback; to keep them: indexer rollback, then publish --changes"
        )


def _say_what_was_permitted(sources: "ListSources") -> None:
    from indexer.list.sources import named_places

    for rows, one, many in (
        (
            sources.exposed,
            "row names who was protected as a victim, and is listed now",
            "rows name who was protected as a victim, and are listed now",
        ),
        (
            sources.unprotected,
            "row that speaks of a victim was not taken, and protects nobody",
            "rows that speak of a victim were not taken, and protect nobody",
        ),
    ):
        if rows:
            tell(f"  {counted(len(rows), one, many)}: {named_places(rows)}")


def _say_what_was_rejected(rejected: "Mapping[ImportCode, int]", report: Path | None) -> None:
    say_rejected(rejected, "row", report)
    if "unknown_role" in rejected:
        tell(
            "a row whose role is misspelt protects nobody: if victim was meant, "
            "correct it and publish again at once"
        )

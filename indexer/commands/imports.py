"""`indexer import`: what a curator sees of a file before and after it is taken in."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import rich_click as click

from indexer.commands import exits
from indexer.commands.new_lists import say_new_lists
from indexer.commands.rejections import say_rejected
from indexer.commands.session import recovered_deployment, say, say_where_in_force
from indexer.commands.withheld import say_ended, say_withheld
from indexer.commands.wording import ROLE, counted
from screening.region_option import known_region_option
from screening.streams import tell
from screening.vocabulary.errors import PublishRefused

_NAMED: Final = 8

if TYPE_CHECKING:
    from indexer.deployment import Deployment
    from indexer.list.drafts import Draft, DraftCounts
    from indexer.list.sources import ListSources


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@known_region_option
@click.option(
    "--role",
    type=ROLE,
    help="Of all in FILES that names none: read them first, for you answer for it.",
)
@click.option("--source", default="", help="Of all that names none; the file's name unless set.")
@click.option("--list", default="", help="Name of the list, of all that names none.")
@click.option("--sheet", help="The sheet of a workbook; the first unless set.")
@click.option("--dry-run", is_flag=True, help="Only show what would be taken; nothing changes.")
@click.option("--report", type=click.Path(path_type=Path), help="CSV of every row not taken.")
@click.option("--allow-unprotected", is_flag=True, help="Permit rows of victims not taken.")
def import_command(
    *,
    files: tuple[Path, ...],
    region: str | None,
    role: str | None,
    sheet: str | None,
    dry_run: bool,
    report: Path | None,
    allow_unprotected: bool,
    **said: str,
) -> None:
    """Add what FILES hold to the list: workbooks, tables, STIX 2.1 bundles, MISP events.

    What a file is, and what its columns are, is detected and shown; try --dry-run first. What is
    there already stays as it is, so that a file may be imported again. For free text see: indexer
    extract. Exit codes as of publish, with --dry-run as without it.

    \b
    Example:
      indexer import cases.xlsx --role facilitator --region US --dry-run
      indexer import cases.xlsx --role facilitator --region US --report rejected.csv
    """
    from indexer.list.sources import Importing, ListSources
    from screening.importers.entry import Role
    from screening.importers.foreign_rows import Defaults
    from screening.importers.role_words import refuse_called_after_victims

    importing = Importing(Defaults(Role(role) if role else None), sheet=sheet, **said)
    refuse_called_after_victims(importing.list, importing.defaults.role)
    sources = ListSources(files, region=region, report=report, importing=importing)
    with recovered_deployment() as deployment:
        _take_in(
            deployment,
            sources,
            report=report,
            allow_unprotected=allow_unprotected,
            dry_run=dry_run,
        )
    if sources.rejected:
        sys.exit(exits.REJECTS)


def _take_in(
    deployment: "Deployment",
    sources: "ListSources",
    *,
    report: Path | None,
    allow_unprotected: bool,
    dry_run: bool,
) -> None:
    """Say what was found, and what of it the list has already; put the rest in force."""
    from indexer.changes import publish_changes
    from indexer.list.new_lists import find_new_lists
    from indexer.publish import stage_sources

    draft = stage_sources(deployment, sources, adding=True)
    _say_what_was_found(sources)
    if sources.rejected:  # said before the refusal that they may be the reason of
        say_rejected(sources.rejected, "row", report)
        _say_telling_columns(sources)
    _refuse(sources, draft, allow_unprotected=allow_unprotected, dry_run=dry_run)
    changes = bool(draft.counts.new or draft.counts.changed or sources.unprotected)
    if not changes or dry_run:
        _say_counts(draft.counts, dry_run=dry_run)
        say_withheld(draft.counts, protected=draft.count_protected())
        say_new_lists(find_new_lists(deployment.list_file, draft), dry_run=dry_run)
        return
    _say_counts(draft.counts, dry_run=False)
    added = publish_changes(deployment, sources, draft, allow_unprotected=allow_unprotected)
    entries = counted(added.counts.taken, "entry", "entries")
    say(f"list {added.revision}: {entries} added or there before")
    say_withheld(added.counts, protected=added.protected)
    say_new_lists(added.new_lists)
    say_ended(added.ended)
    say_where_in_force(deployment)


def _refuse(
    sources: "ListSources", draft: "Draft", *, allow_unprotected: bool, dry_run: bool
) -> None:
    from indexer.changes import refuse_changes

    try:
        refuse_changes(sources, draft, allow_unprotected=allow_unprotected)
    except PublishRefused as error:
        if dry_run:
            raise PublishRefused(f"the import would be refused: {error}") from None
        raise


def _say_what_was_found(sources: "ListSources") -> None:
    from screening.importers.suspicion import SUSPICION_SENTENCES

    for file in sources.opened:
        say(f"{file.name}: {file.format.value}")
        for column in file.columns:
            how = f" (by its {column.by})" if column.by else ""
            mind = "; it seems to hold roles: name it role" if column.seems_roles else ""
            say(f"  column {column.name!r} is {column.taken_as}{how}{mind}")
        for warning in file.warnings:
            say(f"  {warning.count} x {warning.text}")
    for what, found in (
        ("kinds", sources.holdings.kinds),
        ("country codes", sources.holdings.country_codes),
        ("roles", sources.holdings.roles),
        ("lists", sources.holdings.lists),
    ):
        if found:
            named = ", ".join(f"{number} {name}" for name, number in found.most_common(_NAMED))
            say(f"{what}: {named}{', ...' if len(found) > _NAMED else ''}")
    for suspicion in sources.suspicions.found():
        places = ", ".join(f"{file} line {line}" for file, line in suspicion.places)
        more = " ..." if suspicion.times > len(suspicion.places) else ""
        say(f"suspicious: {suspicion.times} x {SUSPICION_SENTENCES[suspicion.code]} {places}{more}")


def _say_telling_columns(sources: "ListSources") -> None:
    """Say which columns spoke against rows: one that is none of it may be renamed or removed."""
    told = sources.telling_columns.most_common(_NAMED)
    if told:
        named = ", ".join(f"{number} by {name!r}" for name, number in told)
        more = ", ..." if len(sources.telling_columns) > _NAMED else ""
        tell(
            f"  told by their columns: {named}{more}; a row that is wrongly among them is listed "
            "with a role of its own in a column role"
        )


def _say_counts(counts: "DraftCounts", *, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    say(
        f"{counted(counts.new, 'entry', 'entries')} {would}new, {counts.changed} {would}changed, "
        f"{counts.taken - counts.new - counts.changed} there before"
    )

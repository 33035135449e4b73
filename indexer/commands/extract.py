"""`indexer extract`: selectors out of free text, for a curator to look through."""

import sys
from pathlib import Path

import rich_click as click

from indexer.commands import exits
from indexer.commands.rejections import say_rejected
from indexer.commands.wording import ROLE, counted
from screening.region_option import known_region_option


@click.command("extract")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="List to write."
)
@click.option("--report", required=True, type=click.Path(path_type=Path), help="CSV of every find.")
@click.option(
    "--role",
    type=ROLE,
    help="What those behind the selectors are said to be; a text does not tell. Empty unless set.",
)
@known_region_option
@click.option("--overwrite", is_flag=True, help="Permit replacing an older list and report of it.")
def extract_command(
    *,
    file: Path,
    output: Path,
    report: Path,
    role: str | None,
    region: str | None,
    overwrite: bool,
) -> None:
    """Find phones and e-mail addresses in FILE, free text or a CSV with a column of it.

    The report names by line and column what was taken, and what looks like a selector but was not,
    with the reason; look through it before publishing. Neither file may be there, for it may have
    been corrected by hand, unless --overwrite is given, which replaces nothing but those. Exit 0
    when all was taken, 3 otherwise.

    Example: indexer extract remarks.csv -o list.csv --report report.csv --role trafficker
    """
    from indexer.extract import extract_list
    from indexer.list.sources import named_places

    extracted = extract_list(
        file, output=output, report=report, role=role, region=region, overwrite=overwrite
    )
    click.echo(f"{counted(extracted.taken, 'selector', 'selectors')} taken into {output}")
    if role is None and extracted.taken:
        click.echo("  fill in the role column: publish takes no row whose role is empty")
    if role != "victim" and extracted.left_open:
        click.echo(
            f"  {len(extracted.left_open)} of them without a role, for their text speaks of a "
            "victim, a witness or another role, as their reason says: "
            f"{named_places(extracted.left_open)}; fill it in: publish takes no row whose role is "
            "empty, and no list with such a row that may be a victim's"
        )
    if extracted.refused:
        say_rejected(extracted.refused, "place", report)
        sys.exit(exits.REJECTS)

"""`indexer canary`: selectors that nobody has cause to ask about, so that a guess is noticed."""

from pathlib import Path

import rich_click as click

from indexer.commands.selectors import optional_selectors_argument, parsed_selectors
from indexer.commands.session import recovered_deployment, say, say_where_in_force
from indexer.commands.wording import counted, day
from screening.region_option import known_region_option


@click.group("canary")
def canary() -> None:
    """Hide selectors that you control among those of each partner's index.

    A match of one is answered like any other, and raises an alert. docs/operations.md, "Canaries".
    """


_chosen = (
    optional_selectors_argument,
    click.option(
        "--file",
        "path",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="A file with one KIND:VALUE a line.",
    ),
)


@canary.command("add")
@_chosen[0]
@_chosen[1]
@click.option(
    "--addresses",
    type=click.IntRange(1, 1_000),
    default=100,
    show_default=True,
    help="So many are made of each domain:NAME.",
)
@click.option("--each", type=click.IntRange(1, 256), help="So many for each partner; 64 at first.")
@click.option("--note", default="", help="Whose they are, and since when; kept sealed.")
@click.option(
    "--we-control-these",
    is_flag=True,
    required=True,
    help="State that nobody else is reached at any of them, now or later.",
)
@known_region_option
def add_command(
    *,
    selectors: tuple[str, ...],
    path: Path | None,
    addresses: int,
    each: int | None,
    note: str,
    we_control_these: bool,
    region: str | None,
) -> None:
    """Take in canaries: phones, ranges of phones, addresses, or a mail domain.

    Only what you control: a match sends a person to look, and must not send them after anybody.

    \b
    Example:
      indexer canary add phone:+12025550160..+12025550189 --each 20 --we-control-these
      indexer canary add domain:travellers.example --addresses 200 --we-control-these
    """
    from indexer.canary_changes import add_canaries
    from indexer.commands.canary_values import spelled_out
    from indexer.list.canaries import count_canaries

    del we_control_these  # click demands it
    wanted = parsed_selectors([*spelled_out(_named(selectors, path), addresses)], region)
    with recovered_deployment() as deployment:
        kept = add_canaries(deployment, wanted, each=each, note=note)
        counts = count_canaries(deployment.list_file)
        say(
            f"{counted(kept, 'canary', 'canaries')} taken in; of {counts.kept}, {counts.given} are "
            f"in partners' indexes, {counts.each} in each as far as they reach"
        )
        say_where_in_force(deployment)


@canary.command("remove")
@_chosen[0]
@_chosen[1]
@known_region_option
def remove_command(*, selectors: tuple[str, ...], path: Path | None, region: str | None) -> None:
    """Take canaries out of every index, before you give numbers or names up.

    Of a domain: all that there are at it.

    \b
    Example:
      indexer canary remove phone:+12025550160..+12025550189
      indexer canary remove domain:travellers.example
    """
    from indexer.canary_changes import remove_canaries
    from indexer.commands.canary_values import parted, spelled_out

    others, domains = parted(_named(selectors, path))
    wanted = parsed_selectors([*spelled_out(others, 0)], region)
    with recovered_deployment() as deployment:
        dropped = remove_canaries(deployment, wanted, domains)
        say(f"{counted(dropped, 'canary is', 'canaries are')} gone")
        say_where_in_force(deployment)


@canary.command("list")
def list_command() -> None:
    """Show which partner has which canaries, as CSV. That is as secret as the list itself.

    Example: indexer canary list > canaries.csv
    """
    import csv
    import sys

    from indexer.deployment import reading_on_record
    from indexer.keyring import Keyring
    from indexer.list.canaries import kept_canaries
    from indexer.settings import IndexerSettings

    settings = IndexerSettings()
    keyring = Keyring(settings.home)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    with reading_on_record(settings, keyring, {"command": "canary list"}) as list_file:
        writer.writerow(("partner", "kind", "value", "note", "since", "actor"))
        for one in kept_canaries(list_file):
            value = (one.canonical.kind.value, one.canonical.text)
            writer.writerow((one.partner or "", *value, one.note, day(one.at), one.actor))


def _named(selectors: tuple[str, ...], path: Path | None) -> list[str]:
    from indexer.commands.canary_values import lines_of

    lines = [*selectors, *(lines_of(path) if path is not None else ())]
    named = [line.strip() for line in lines if line.strip()]
    if not named:
        raise click.UsageError("name at least one KIND:VALUE, or a --file of them")
    return named

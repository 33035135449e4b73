"""`indexer show`: what the list says of a selector, for whoever has to answer for it."""

from typing import TYPE_CHECKING

import rich_click as click

from indexer.commands.selectors import parsed_selectors, selectors_argument
from indexer.commands.wording import day, moment
from indexer.settings import IndexerSettings
from screening.region_option import known_region_option
from screening.vocabulary.printable import printable

if TYPE_CHECKING:
    from indexer.list.exclusions import Override
    from indexer.list.shown import Shown, ShownBlock, ShownEntry
    from screening.exclusions.rules import Rule


@click.command("show")
@selectors_argument
@known_region_option
def show_command(*, selectors: tuple[str, ...], region: str | None) -> None:
    """Show what the list says of selectors: sources, reasons, what keeps them off, for whom listed.

    That it was asked, and of how many, is recorded in the ledger before it answers. It needs no
    store.

    \b
    Example:
      indexer show phone:+12025550143
    """
    from indexer.deployment import list_path, reading_on_record
    from indexer.in_force import find_current
    from indexer.keyring import Keyring
    from indexer.list.exclusions import exclusions_in_force
    from indexer.list.shown import show

    wanted = parsed_selectors(selectors, region)
    settings = IndexerSettings()
    keyring = Keyring(settings.home)
    if not list_path(settings).exists():
        click.echo(f"there is no list in {settings.home} yet; publish one first")
        return
    asked = {"command": "show", "selectors": len(wanted)}
    with reading_on_record(settings, keyring, asked) as list_file:
        current = find_current(list_file)
        revision = current.revision if current is not None else 0
        exclusions = exclusions_in_force(list_file, settings.excluded_categories)
        for position, canonical in enumerate(wanted, start=1):
            _show(position, show(list_file, revision, canonical, exclusions))


def _show(position: int, shown: "Shown") -> None:
    click.echo(f"selector {position}: {_verdict(shown)}")
    for entry in shown.entries:
        _show_entry(entry)
    for block in shown.blocks:
        click.echo(f"  {_block(block)}")
    if shown.rule is not None and not any(block.why == "excluded" for block in shown.blocks):
        click.echo(f"  {_rule(shown.rule)}")
    if shown.override is not None:
        click.echo(f"  {_override(shown.override)}")


def _verdict(shown: "Shown") -> str:
    if shown.partners:
        return f"listed, for {', '.join(shown.partners)}"
    if shown.is_listed:
        return "listed, but for no partner"
    if any(entry.role == "victim" for entry in shown.entries):
        return "not listed: it is a victim's, whatever else is said of it"
    if not shown.entries and not shown.blocks and shown.rule is None:
        return "not listed: nothing is said of it"
    return "not listed"


def _show_entry(entry: "ShownEntry") -> None:
    source = f" by {printable(entry.said.source)}" if entry.said.source else ", no source"
    details = [
        f"{entry.confidence} % sure" if entry.confidence is not None else "",
        f"only for {entry.jurisdictions.strip()}" if entry.jurisdictions else "",
        f"seen {day(entry.first_seen)} to {day(entry.last_seen)}",
        f"review by {day(entry.review_by)}" if entry.review_by is not None else "",
        _end(entry),
    ]
    click.echo(f"  {entry.role} in {entry.list}{source}")
    click.echo(f"    {', '.join(detail for detail in details if detail)}")
    if entry.said.reason:
        click.echo(f"    reason: {printable(entry.said.reason)}")


def _end(entry: "ShownEntry") -> str:
    if entry.expires_at is None:
        return "no end"
    return f"{'expired' if entry.is_expired else 'expires'} {moment(entry.expires_at)}"


def _rule(rule: "Rule") -> str:
    about = "; ".join(printable(text) for text in (rule.note, rule.source) if text)
    return f"never listed, by a safety list: {rule.category.value}{f' ({about})' if about else ''}"


def _block(block: "ShownBlock") -> str:
    if block.why == "retracted":
        return f"retracted {moment(block.at)}: {printable(block.reason)}"
    return f"kept off by a safety list since {moment(block.at)}: {printable(block.reason)}"


def _override(override: "Override") -> str:
    return (
        f"listed whatever safety lists say, by {printable(override.actor)} "
        f"{moment(override.at)}: {printable(override.reason)}"
    )

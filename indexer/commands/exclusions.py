"""`indexer exclusions`: what is never listed, and what is all the same, for a reason given."""

import sys

import rich_click as click

from indexer.commands.selectors import parsed_selectors, selectors_argument
from indexer.commands.session import recovered_deployment, say, say_where_in_force
from indexer.commands.wording import counted
from screening.given_values import STDIN, read_value, tell_of_cards
from screening.region_option import known_region_option


@click.group("exclusions")
def exclusions() -> None:
    """Keep hotlines, shelters, airlines, banks and role mailboxes off the list.

    They block at import and in every index. docs/exclusions.md explains the rules.
    """


@exclusions.command("list")
@click.option("--own", is_flag=True, help="Only the rules that were added here.")
def list_command(*, own: bool) -> None:
    """Show the rules in force as CSV: kind,match,value,category,note,source.

    Example: indexer exclusions list > rules.csv
    """
    from indexer.exclusion_changes import shown_rules

    with recovered_deployment() as deployment:
        click.echo(shown_rules(deployment, own=own), nl=False)


_rule = (
    click.argument("kind", type=click.Choice(["phone", "card", "email"])),
    click.argument("match", type=click.Choice(["exact", "range", "domain", "mailbox"])),
    click.argument("value"),
)


@exclusions.command("add")
@_rule[0]
@_rule[1]
@_rule[2]
@click.option("--category", required=True, help="Such as hotline, shelter, bank or other.")
@click.option("--note", default="", help="What it is, for those who come after you.")
@click.option("--source", default="", help="Where it says so.")
@click.option("--wide", is_flag=True, help="Permit a rule that covers very much.")
@known_region_option
def add_command(
    *, kind: str, match: str, value: str, wide: bool, region: str | None, **said: str
) -> None:
    """Never list what this rule covers: from now on, and what of it is listed already.

    VALUE - is read from the next line of stdin, as card numbers should be.

    \b
    Example:
      indexer exclusions add phone exact '+1 202 555 0142' --category shelter
      indexer exclusions add phone range '+1 202 555 01xx' --category hotline
      indexer exclusions add email domain shelter.example --category shelter
      indexer exclusions add card exact - --category other < card.txt
    """
    from indexer.exclusion_changes import add_rule
    from screening.exclusions.rules import parse_rule

    rule = parse_rule(kind, match, _given(kind, value), region=region, wide=wide, **said)
    with recovered_deployment() as deployment:
        kept_off = add_rule(deployment, rule)
        say(f"rule added; it keeps {_named(kept_off.listed)} off it")
        if kept_off.canaries:
            canaries = counted(kept_off.canaries, "canary is", "canaries are")
            say(f"{canaries} gone: what a safety list names is somebody's")
        say_where_in_force(deployment)


@exclusions.command("remove")
@_rule[0]
@_rule[1]
@_rule[2]
@known_region_option
def remove_command(*, kind: str, match: str, value: str, region: str | None) -> None:
    """Remove a rule that was added here; what it kept off is listed again, as far as it would be.

    The rules that come with the indexer go by category: see INDEXER_EXCLUDED_CATEGORIES.

    Example: indexer exclusions remove email domain shelter.example
    """
    from indexer.exclusion_changes import remove_rule
    from screening.exclusions.rules import Category, parse_rule

    rule = parse_rule(
        kind, match, _given(kind, value), category=Category.OTHER, region=region, wide=True
    )
    with recovered_deployment() as deployment:
        again = remove_rule(deployment, rule)
        say(f"that rule is in force no more; it keeps {_named(again.listed)} off it no longer")
        if again.canaries:
            say(f"{counted(again.canaries, 'canary is', 'canaries are')} hidden again")
        say_where_in_force(deployment)


@exclusions.command("override")
@selectors_argument
@known_region_option
@click.option("--reason", required=True, help="Why; kept sealed, and that it was done on record.")
def override_command(*, selectors: tuple[str, ...], region: str | None, reason: str) -> None:
    """Let selectors be listed although a rule covers them.

    Example: indexer exclusions override email:info@agency.example --reason "case 7: the business"
    """
    from indexer.exclusion_changes import override_rules

    wanted = parsed_selectors(selectors, region)
    with recovered_deployment() as deployment:
        override_rules(deployment, wanted, reason)
        may = counted(
            len(wanted),
            "selector may be listed: what the list says of it",
            "selectors may be listed: what the list says of them",
        )
        say(f"{may} holds again at once")
        say("what it does not have: add it, or publish a list with it")
        say_where_in_force(deployment)


@exclusions.command("unoverride")
@selectors_argument
@known_region_option
def unoverride_command(*, selectors: tuple[str, ...], region: str | None) -> None:
    """Hold selectors against the rules again.

    Example: indexer exclusions unoverride email:info@agency.example
    """
    from indexer.exclusion_changes import restore_rules

    wanted = parsed_selectors(selectors, region)
    with recovered_deployment() as deployment:
        restore_rules(deployment, wanted)
        held = counted(len(wanted), "selector is", "selectors are")
        say(f"{held} held against the rules again")
        say_where_in_force(deployment)


def _given(kind: str, value: str) -> str:
    tell_of_cards([(kind, value)], STDIN)
    return read_value(sys.stdin.buffer) if value == STDIN else value


def _named(selectors: int) -> str:
    # Of which some may have expired, or be of a role that is not published.
    return counted(selectors, "selector that the list names", "selectors that the list names")

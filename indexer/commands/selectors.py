"""Selectors on a command line, KIND:VALUE each; KIND:- reads the value from stdin."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import rich_click as click

from screening.given_values import part_selectors, tell_of_named_cards

if TYPE_CHECKING:
    from screening.vocabulary.selector import Canonical


def _told_of(
    _context: click.Context, _argument: click.Parameter, selectors: tuple[str, ...]
) -> tuple[str, ...]:
    tell_of_named_cards(selectors)
    return selectors


selectors_argument = click.argument(
    "selectors", metavar="KIND:VALUE...", nargs=-1, required=True, callback=_told_of
)
optional_selectors_argument = click.argument(
    "selectors", metavar="KIND:VALUE...", nargs=-1, callback=_told_of
)


def parsed_selectors(selectors: Sequence[str], region: str | None) -> "list[Canonical]":
    """Return their canonical forms; raises `UsageError` where one has none, or may have two."""
    from screening.importers.entry import IMPORT_SENTENCES
    from screening.importers.named_selector import read_named
    from screening.vocabulary.selector import Canonical

    found = []
    for position, (kind, value) in enumerate(part_selectors(selectors), start=1):
        read = read_named(kind, value, region)
        if not isinstance(read, Canonical):
            raise click.UsageError(f"selector {position}: {IMPORT_SENTENCES[read]}")
        found.append(read)
    return found
